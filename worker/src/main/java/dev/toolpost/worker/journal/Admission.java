package dev.toolpost.worker.journal;

import java.util.concurrent.CountDownLatch;

/** What the journal says to a write that wants to start. */
public sealed interface Admission {

    /** Nothing stands against it; the caller owns the identity until {@link Journal#leave}. */
    record Admitted() implements Admission {}

    /** It was answered before; the place of the recorded reply in the state partition. */
    record Recorded(long place) implements Admission {}

    /** The identity belongs to a write with another tool or other arguments. */
    record Conflicting() implements Admission {}

    /** It was started and its end is not known: it must not be sent again. The caller owns the identity. */
    record Interrupted(int attempt) implements Admission {}

    /** The vendor has taken its work on, and the call that waits for it is elsewhere: ask again later. */
    record Accepted() implements Admission {}

    /** The same write is under way in this worker; ask again when it ended. */
    record UnderWay(CountDownLatch end) implements Admission {}
}
