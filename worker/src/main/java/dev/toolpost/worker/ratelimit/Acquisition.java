package dev.toolpost.worker.ratelimit;

/** What came of asking for permits. */
public sealed interface Acquisition {

    /** The request may be sent now. The permits must be settled whatever comes of it. */
    record Granted(Permits permits) implements Acquisition {}

    /**
     * The deadline leaves no time to wait.
     *
     * @param availableAtNanos estimate of the earliest time, on the limiter's clock, at which a permit will be free
     */
    record TooLate(long availableAtNanos) implements Acquisition {}
}
