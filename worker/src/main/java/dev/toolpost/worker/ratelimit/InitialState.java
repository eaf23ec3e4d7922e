package dev.toolpost.worker.ratelimit;

import java.time.Duration;

/** What a new limiter knows about the permits that were spent before it existed. */
public sealed interface InitialState {

    /** Nothing was spent: nobody else sent requests for the connection within the longest window. */
    InitialState FRESH = new Fresh();

    /**
     * The whole window counts as spent: the previous owner was lost without a word. Windows longer than {@link
     * ConnectionLimiter#LONGEST_FILLED} are not: nobody waits for a day because a worker died.
     *
     * @param nanos its last possible send, on the limiter's clock; a second is added for a request on its way
     */
    static InitialState fullAt(long nanos) {
        return new FullAt(nanos);
    }

    /**
     * An owner was lost who had {@linkplain ConnectionLimiter.SpendingLog logged} what it spent of long windows: short ones count as full,
     * long ones go on from the log.
     *
     * @param nanos its last possible send, on the limiter's clock
     * @param since how long ago the log was written, at least
     */
    static InitialState replacing(byte[] snapshot, long nanos, Duration since) {
        return new Replacing(LimiterSnapshot.decode(snapshot).after(since.toNanos()), nanos);
    }

    /** Goes on from a {@linkplain ConnectionLimiter#snapshot snapshot} that the previous owner left on a clean revoke. */
    static InitialState restored(byte[] snapshot) {
        return new Restored(LimiterSnapshot.decode(snapshot));
    }

    /** Nothing was spent. */
    record Fresh() implements InitialState {}

    /** Everything was spent, the last of it at the given time of the limiter's clock. */
    record FullAt(long nanos) implements InitialState {}

    /** Long windows are known as far as they were logged, short ones count as spent at the given time of the limiter's clock. */
    record Replacing(LimiterSnapshot snapshot, long nanos) implements InitialState {}

    /** What the previous owner knew; its durations count from the construction of the limiter. */
    record Restored(LimiterSnapshot snapshot) implements InitialState {}
}
