package dev.toolpost.scheduler.job.state;

import dev.toolpost.scheduler.clock.BrokerTime;

/**
 * The time of jobs: that of the brokers, so that a machine whose clock is wrong neither ends a job early nor takes a part for lost that a
 * worker has. Thread-safe.
 */
public final class JobClock {

    private final BrokerTime time;

    public JobClock(BrokerTime time) {
        this.time = time;
    }

    /** Whether the brokers' time is known; before that nothing is due. */
    public boolean isKnown() {
        return time.now(0) != BrokerTime.UNKNOWN;
    }

    /**
     * Epoch milliseconds.
     *
     * @param otherwise in the first moments of a process, in which the brokers' time is not known
     */
    public long now(long otherwise) {
        long known = time.now(0);
        return Math.max(0, known == BrokerTime.UNKNOWN ? otherwise : known);
    }
}
