package dev.toolpost.worker.sql;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How one transaction at a database ended. What matters most about a failure is whether it can have changed anything. */
public sealed interface SqlOutcome {

    /** From the moment that it was asked for to its end, waiting for a connection included. */
    Duration took();

    /**
     * Done, and committed where it writes.
     *
     * @param body the rows as JSON: an array of objects; of a statement that returns none an object with their number
     * @param next where the next page begins, or null where this is the last or there are no pages
     * @param rows in the body
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Done(byte[] body, @Nullable String next, long rows, Duration took) implements SqlOutcome {

        @Override
        public String toString() {
            return "Done[" + rows + " rows, " + body.length + " bytes, " + took.toMillis() + " ms]";
        }
    }

    /** More rows or bytes than allowed; a write was rolled back. */
    record TooMuch(String reason, Duration took) implements SqlOutcome {}

    /**
     * The server, or the driver in its place, reported an error.
     *
     * @param notProcessed whether certainly nothing was changed
     * @param lost whether the connection ended without the server's answer
     */
    record Failed(SqlError error, boolean notProcessed, boolean lost, Duration took) implements SqlOutcome {}

    /** No connection was there to send it over. */
    record NotSent(NotSentCause why, String reason, Duration took) implements SqlOutcome {}

    /** Why nothing was sent. */
    enum NotSentCause {
        /** The address is not allowed, or no driver is there for it: trying again cannot help. */
        REFUSED,
        /** Name resolution failed. */
        UNREACHABLE,
        /** The deadline passed before a connection was free or made. */
        DEADLINE
    }
}
