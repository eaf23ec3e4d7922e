package dev.toolpost.worker.rig;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions that other threads and processes bring about. */
public final class Await {

    private Await() {}

    /** Asks every few milliseconds until it is so. */
    public static void until(String what, Duration within, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            Thread.sleep(10);
        }
    }
}
