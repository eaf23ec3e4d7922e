package dev.toolpost.worker.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one exchange with a vendor ended. What matters most about a failure is whether the vendor can have acted on it. */
public sealed interface HttpOutcome {

    /** From the moment that the exchange was asked for to its end, waiting for a connection included. */
    Duration took();

    /** A complete answer, whatever its status; the body is decoded (gzip, deflate) and at most the cap. */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Answered(int status, ResponseHeaders headers, byte[] body, Duration took) implements HttpOutcome {

        @Override
        public String toString() {
            return "Answered[" + status + ", " + body.length + " bytes, " + took.toMillis() + " ms]";
        }
    }

    /** The vendor provably never saw the request: no connection had been handed a byte of it. */
    record NotSent(
            NotSentCause why, String reason, @Nullable Throwable cause, Duration took) implements HttpOutcome {}

    /** Why nothing was sent. */
    enum NotSentCause {
        /** The address, scheme or port is not allowed: trying again cannot help. */
        REFUSED,
        /** Name resolution, connect or TLS handshake failed. */
        UNREACHABLE,
        /** The deadline passed before a connection was free or made. */
        DEADLINE
    }

    /** The request was handed to a connection and no complete answer came back: the vendor may have acted on it. */
    record Unanswered(
            UnansweredCause why, String reason, @Nullable Throwable cause, Duration took) implements HttpOutcome {}

    /** Why no complete answer came. */
    enum UnansweredCause {
        /** The connection ended, before or within the answer. */
        BROKEN,
        /** The deadline passed while waiting for the answer or its body. */
        DEADLINE,
        /** What came back is not HTTP, or its head is beyond every sane size. */
        NOT_HTTP
    }

    /** The vendor answered, and the body is larger than the cap, as sent or once decoded; the rest was not read. */
    record TooLarge(int status, ResponseHeaders headers, long capBytes, Duration took) implements HttpOutcome {}
}
