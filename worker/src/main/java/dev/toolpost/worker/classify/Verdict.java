package dev.toolpost.worker.classify;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** What an exchange with the vendor means. */
public sealed interface Verdict {

    /**
     * The vendor did it.
     *
     * @param body always JSON text in UTF-8: the vendor's bytes as they came where it answers with JSON, a JSON string where it
     *     answers with text, {@code null} for an empty body
     * @param contentType the vendor's media type, without parameters
     * @param nextCursor the place of the next page, as the next request takes it, or null where this is the last or the tool is not paged
     * @param records in the page; 0 where the tool is not paged
     * @param list where the body holds the page's records, or null where the tool is not paged
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Success(
            byte[] body,
            String contentType,
            @Nullable String nextCursor,
            long records,
            @Nullable JsonPointer list) implements Verdict {

        /** What is no page of a list. */
        Success(byte[] body, String contentType) {
            this(body, contentType, null, 0, null);
        }
    }

    /** The vendor did not, or nobody knows. */
    sealed interface Failure extends Verdict {
        VendorError error();

        /** Whether the vendor certainly did nothing, so that even a non-idempotent write may be sent again. */
        boolean provablyNotProcessed();
    }

    /**
     * The vendor asks for patience and did nothing; what its limit covers pauses.
     *
     * @param retryAfter what the vendor asks for, or null where it does not say
     * @param pauseMax up to this the pause doubles with every throttle in a row; null where it does not grow
     * @param limits names of the limits that pause; empty for the whole connection
     */
    record Throttled(
            @Nullable Duration retryAfter, @Nullable Duration pauseMax, Set<String> limits, VendorError error)
            implements Failure {

        public Throttled {
            limits = Set.copyOf(limits);
        }

        @Override
        public boolean provablyNotProcessed() {
            return true;
        }
    }

    /**
     * Another attempt may help.
     *
     * @param retryAfter what the vendor asks for, or null where it does not say
     */
    record Retryable(boolean provablyNotProcessed, @Nullable Duration retryAfter, VendorError error)
            implements Failure {}

    /** The credential is not, or no longer, accepted; nothing was done. */
    record CredentialRejected(VendorError error) implements Failure {
        @Override
        public boolean provablyNotProcessed() {
            return true;
        }
    }

    /**
     * The vendor did nothing and names another address of the same server for the same request.
     *
     * @param place path and query to send it to
     * @param error what it is where it is not followed
     */
    record Moved(String place, VendorError error) implements Failure {
        @Override
        public boolean provablyNotProcessed() {
            return true;
        }
    }

    /** Final: the same request would end the same way. */
    record Failed(boolean provablyNotProcessed, VendorError error) implements Failure {}
}
