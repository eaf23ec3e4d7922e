package dev.toolpost.connectors;

import java.util.Locale;

/**
 * A header that says how long to wait before the next request.
 *
 * @param header name of the header, matched without regard to case
 * @param form how to read its value
 */
public record WaitSource(String header, Form form) {

    /** How a wait is spelt. */
    public enum Form {
        /** Seconds or an HTTP date (RFC 9110, 10.2.3); epoch seconds are understood too. */
        RETRY_AFTER,
        /** A count of seconds, fractions allowed. */
        SECONDS,
        /** A count of milliseconds. */
        MILLIS,
        /** The moment in seconds since 1970. */
        EPOCH_SECONDS,
        /** The moment in milliseconds since 1970. */
        EPOCH_MILLIS,
        /** The moment as an HTTP date or in ISO 8601. */
        DATE;

        static Form of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }
}
