package dev.toolpost.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what other processes bring about. */
final class Await {

    private static final long LOOK_MILLIS = 10;

    private Await() {}

    static void until(String what, Duration within, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not within " + within + ": " + what);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
