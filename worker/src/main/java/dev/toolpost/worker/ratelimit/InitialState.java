package dev.toolpost.worker.ratelimit;

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
     * Takes the place of a limiter whose calls may still send: short windows count as full, long ones go on from what it knew.
     *
     * @param nanos now, on the limiter's clock
     */
    static InitialState replacing(byte[] snapshot, long nanos) {
        return new Replacing(LimiterSnapshot.decode(snapshot), nanos);
    }

    /** Goes on from a {@linkplain ConnectionLimiter#snapshot snapshot} that the previous owner left on a clean revoke. */
    static InitialState restored(byte[] snapshot) {
        return new Restored(LimiterSnapshot.decode(snapshot));
    }

    /** Nothing was spent. */
    record Fresh() implements InitialState {}

    /** Everything was spent, the last of it at the given time of the limiter's clock. */
    record FullAt(long nanos) implements InitialState {}

    /** Another limiter of the same connection goes on for a while. */
    record Replacing(LimiterSnapshot snapshot, long nanos) implements InitialState {}

    /** What the previous owner knew; its durations count from the construction of the limiter. */
    record Restored(LimiterSnapshot snapshot) implements InitialState {}
}
