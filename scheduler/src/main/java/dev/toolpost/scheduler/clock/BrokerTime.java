package dev.toolpost.scheduler.clock;

/**
 * What time it is at the brokers, whatever the clock of this machine says. What is answered is never ahead of the broker that leads the
 * partition. Thread-safe.
 */
public interface BrokerTime {

    /** Nothing is known yet. Before every time there is. */
    long UNKNOWN = Long.MIN_VALUE;

    /** Epoch milliseconds that the clock of the broker which leads this partition of {@code later} has reached, or {@link #UNKNOWN}. */
    long now(int partition);

    /** The same of the broker that leads partition 0: for what belongs to no partition of {@code later}. */
    default long now() {
        return now(0);
    }

    /** Keeps the time of a partition from now on. */
    default void watch(int partition) {}

    /** Somebody else owns the partition now. */
    default void unwatch(int partition) {}
}
