package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;

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

    /**
     * The call can never have its permits.
     *
     * @param limit the limit that gives fewer at all
     * @param cost what the call takes of it
     */
    record TooCostly(Limit limit, int cost) implements Acquisition {}

    /** The limits have changed: whoever waits asks the limiter that has taken over. */
    record Moved() implements Acquisition {}
}
