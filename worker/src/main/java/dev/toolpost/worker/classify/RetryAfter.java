package dev.toolpost.worker.classify;

import dev.toolpost.connectors.WaitSource;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long a vendor asks to wait: seconds, milliseconds, a moment since 1970, an HTTP date in any of its three forms (RFC 9110,
 * 5.6.7) or ISO 8601. What is past is no wait; what is negative or no time at all is not there; nothing is longer than
 * {@link #LONGEST}. Pure.
 */
public final class RetryAfter {

    /** Quotas that reset once a day are the longest that vendors have; whoever asks for more is asked again after this. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final int LONGEST_TEXT = 64;
    private static final BigDecimal EPOCH_SECONDS_FROM = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal EPOCH_MILLIS_FROM = BigDecimal.valueOf(100_000_000_000L);
    private static final BigDecimal MILLIS = BigDecimal.valueOf(1_000);

    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM d HH:mm:ss yyyy", Locale.ENGLISH);

    private RetryAfter() {}

    /**
     * Reads one value.
     *
     * @param now the vendor's own time where it sent one, else ours
     * @return null where the value says nothing
     */
    public static @Nullable Duration parse(@Nullable String value, WaitSource.Form form, Instant now) {
        if (value == null || value.length() > LONGEST_TEXT) {
            return null;
        }
        String text = value.strip();
        Duration wait = switch (form) {
            case RETRY_AFTER -> {
                BigDecimal number = number(text);
                yield number == null ? untilDate(text, now) : secondsOrMoment(number, now);
            }
            case SECONDS -> ofMillis(times(number(text), MILLIS));
            case MILLIS -> ofMillis(number(text));
            case EPOCH_SECONDS -> untilMillis(times(number(text), MILLIS), now);
            case EPOCH_MILLIS -> untilMillis(number(text), now);
            case DATE -> untilDate(text, now);
        };
        if (wait == null) {
            return null;
        }
        Duration atLeastZero = wait.isNegative() ? Duration.ZERO : wait;
        return atLeastZero.compareTo(LONGEST) > 0 ? LONGEST : atLeastZero;
    }

    /** The moment that an HTTP date or ISO 8601 text names, or null. */
    static @Nullable Instant moment(@Nullable String text, Instant now) {
        if (text == null || text.length() > LONGEST_TEXT) {
            return null;
        }
        String stripped = text.strip().replaceAll(" +", " ");
        Instant moment = parse(stripped, IMF_FIXDATE);
        moment = moment == null ? parse(stripped, rfc850(now)) : moment;
        moment = moment == null ? parse(stripped, ASCTIME) : moment;
        if (moment != null) {
            return moment;
        }
        try {
            return OffsetDateTime.parse(stripped).toInstant();
        } catch (DateTimeException notIsoEither) {
            return null;
        }
    }

    private static @Nullable Instant parse(String text, DateTimeFormatter form) {
        try {
            return LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException notThisForm) {
            return null;
        }
    }

    /** Two digits of a year mean the one that is at most fifty years ahead. */
    private static DateTimeFormatter rfc850(Instant now) {
        int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, thisYear - 49)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH);
    }

    private static @Nullable Duration untilDate(String text, Instant now) {
        Instant moment = moment(text, now);
        return moment == null ? null : Duration.between(now, moment);
    }

    private static @Nullable Duration secondsOrMoment(BigDecimal number, Instant now) {
        if (number.compareTo(EPOCH_MILLIS_FROM) >= 0) {
            return untilMillis(number, now);
        }
        BigDecimal millis = number.multiply(MILLIS);
        return number.compareTo(EPOCH_SECONDS_FROM) >= 0 ? untilMillis(millis, now) : ofMillis(millis);
    }

    private static @Nullable Duration untilMillis(@Nullable BigDecimal epochMillis, Instant now) {
        return epochMillis == null
                ? null
                : ofMillisSigned(epochMillis.subtract(BigDecimal.valueOf(now.toEpochMilli())));
    }

    private static @Nullable Duration ofMillis(@Nullable BigDecimal millis) {
        return millis == null || millis.signum() < 0 ? null : ofMillisSigned(millis);
    }

    private static Duration ofMillisSigned(BigDecimal millis) {
        BigDecimal longest = BigDecimal.valueOf(LONGEST.toMillis());
        return Duration.ofMillis(millis.min(longest).max(longest.negate()).longValue());
    }

    private static @Nullable BigDecimal times(@Nullable BigDecimal number, BigDecimal factor) {
        return number == null ? null : number.multiply(factor);
    }

    private static @Nullable BigDecimal number(String text) {
        return text.matches("-?[0-9]{1,30}(\\.[0-9]{1,9})?") ? new BigDecimal(text) : null;
    }
}
