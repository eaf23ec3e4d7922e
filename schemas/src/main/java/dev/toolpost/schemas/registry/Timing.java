package dev.toolpost.schemas.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Time as the registry client sees it, so that tests can set it. */
interface Timing {
    /** A monotonic clock. */
    long nanoTime();

    void sleep(Duration duration) throws InterruptedException;

    /** A number from 0 (inclusive) to 1 (exclusive), for jitter. */
    double random();

    static Timing system() {
        return new Timing() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                Thread.sleep(duration);
            }

            @Override
            public double random() {
                return ThreadLocalRandom.current().nextDouble();
            }
        };
    }
}
