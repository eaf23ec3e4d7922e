package dev.toolpost.connectors;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One place where an answer says how long to wait. Immutable.
 *
 * @param value where it stands; null for {@link Form#MIDNIGHT} only, which needs none
 * @param remaining counts only where this says that nothing is left; null where it always counts
 * @param form how to read the value
 * @param zone in which times without an offset are meant
 * @param min a shorter wait becomes so long
 * @param max a longer wait becomes so short; null for none
 */
public record WaitSource(
        @Nullable ValueSource value,
        @Nullable ValueSource remaining,
        Form form,
        ZoneId zone,
        Duration min,
        @Nullable Duration max) {

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
        DATE,
        /** A span with units, {@code 1m30s}, or in ISO 8601, {@code PT1M30S}. */
        DURATION,
        /** No wait but a rate: requests a second, so the wait is its inverse. */
        RATE,
        /** The next time that the clock shows this, {@code 07:30}. */
        TIME_OF_DAY,
        /** The next midnight, whatever the answer says. */
        MIDNIGHT;

        static Form of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    public WaitSource {
        if ((form == Form.MIDNIGHT) != (value == null)) {
            throw new IllegalArgumentException("value of a wait of form " + form + ": " + value
                    + (form == Form.MIDNIGHT ? " (expected: none)" : " (expected: a place)"));
        }
    }

    /** A whole header that always counts. */
    public static WaitSource ofHeader(String name, Form form) {
        return new WaitSource(ValueSource.header(name), null, form, ZoneOffset.UTC, Duration.ZERO, null);
    }
}
