package dev.toolpost.worker.call;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the calls whose threads were started and have not run yet. Virtual threads run first come first served: whoever comes, or goes on
 * after an answer of his vendor's, stands behind all of them, however soon they would wait themselves, and that at each of a call's dozen
 * steps. A call that runs or waits counts no longer, so that none that hangs somewhere holds up the intake. Thread-safe.
 */
final class Beginnings {

    /** Enough to keep a processor at work until the next are there: with 32 or 1,000 a vendor that answers at once gets no more calls. */
    private static final int PER_PROCESSOR = 8;

    private final int most;
    private final AtomicInteger count = new AtomicInteger();

    Beginnings(int processors) {
        this.most = PER_PROCESSOR * processors;
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
        return count.decrementAndGet() == most / 2;
    }

    /** How many more may be started; none before half of them run. */
    int room() {
        int now = count.get();
        return now > most / 2 ? 0 : most - now;
    }
}
