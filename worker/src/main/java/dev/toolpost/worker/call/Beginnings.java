package dev.toolpost.worker.call;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the calls whose threads were started and have not run yet. Virtual threads run first come first served: whoever comes, or goes on
 * after an answer of his vendor's, stands behind all of them, however soon they would wait, and that at each of a call's dozen steps. A call
 * that runs or waits counts no longer, so that none that hangs somewhere holds up the intake.
 *
 * <p>While many calls wait for permits, times or places, those that come will mostly wait too: there is no hurry then to have them come, and so
 * few are started at once that others hardly notice. Thread-safe.
 */
final class Beginnings {

    private static final int PER_PROCESSOR = 32;
    private static final int GENTLY_PER_PROCESSOR = 8;

    /** With so many calls that wait there is no hurry. */
    private static final int MANY_WAIT = 1_000;

    private final int most;
    private final int gentlyMost;
    private final AtomicInteger count = new AtomicInteger();
    private volatile int bound;

    Beginnings(int processors) {
        this.most = PER_PROCESSOR * processors;
        this.gentlyMost = GENTLY_PER_PROCESSOR * processors;
        this.bound = most;
    }

    /** A thread was started. */
    void started() {
        count.incrementAndGet();
    }

    /**
     * A thread runs.
     *
     * @return whether it is time to start more
     */
    boolean runs() {
        return count.decrementAndGet() == bound / 2;
    }

    /**
     * How many more may be started; none before half of them run.
     *
     * @param waiting calls that wait without a thread
     */
    int room(int waiting) {
        int now = count.get();
        int current = waiting < MANY_WAIT ? most : gentlyMost;
        bound = current;
        return now > current / 2 ? 0 : current - now;
    }
}
