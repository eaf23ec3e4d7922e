package dev.toolpost.worker.classify;

import dev.toolpost.connectors.WaitSource;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long a vendor asks to wait: seconds, milliseconds, a moment since 1970, an HTTP date in any of its three forms (RFC 9110,
 * 5.6.7) or ISO 8601, a span, a rate, a time of day. What is past is no wait; what is negative or no time at all is not there; nothing is longer than
 * {@link #LONGEST}. Pure.
 */
public final class RetryAfter {

    /** Quotas that reset once a day are the longest that vendors have; whoever asks for more is asked again after this. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final int LONGEST_TEXT = 64;
    private static final BigDecimal EPOCH_SECONDS_FROM = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal EPOCH_MILLIS_FROM = BigDecimal.valueOf(100_000_000_000L);
    private static final BigDecimal MILLIS = BigDecimal.valueOf(1_000);

    private static final String COUNT = "([0-9]{1,12}(?:\\.[0-9]{1,12})?)";
    private static final Pattern SPAN = Pattern.compile(
            "(?:" + COUNT + "d)? ?(?:" + COUNT + "h)? ?(?:" + COUNT + "m)? ?(?:" + COUNT + "s)? ?(?:" + COUNT + "ms)?");
    private static final BigDecimal[] UNIT_MILLIS = {
        BigDecimal.valueOf(86_400_000),
        BigDecimal.valueOf(3_600_000),
        BigDecimal.valueOf(60_000),
        MILLIS,
        BigDecimal.ONE
    };

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
        return parse(value, form, ZoneOffset.UTC, now);
    }

    /**
     * Reads one value.
     *
     * @param zone in which a time without an offset is meant
     * @param now the vendor's own time where it sent one, else ours
     * @return null where the value says nothing
     */
    static @Nullable Duration parse(@Nullable String value, WaitSource.Form form, ZoneId zone, Instant now) {
        if (value == null || value.length() > LONGEST_TEXT) {
            return null;
        }
        String text = value.strip();
        Duration wait = switch (form) {
            case RETRY_AFTER -> {
                BigDecimal number = number(text);
                yield number == null ? untilDate(text, zone, now) : secondsOrMoment(number, now);
            }
            case SECONDS -> ofMillis(times(number(text), MILLIS));
            case MILLIS -> ofMillis(number(text));
            case EPOCH_SECONDS -> untilMillis(times(number(text), MILLIS), now);
            case EPOCH_MILLIS -> untilMillis(number(text), now);
            case DATE -> untilDate(text, zone, now);
            case DURATION -> span(text);
            case RATE -> inverse(number(text));
            case TIME_OF_DAY -> untilTimeOfDay(text, zone, now);
            case MIDNIGHT -> untilMidnight(zone, now);
        };
        return wait == null ? null : bounded(wait);
    }

    /** The next midnight of the zone; a day never has fewer than some hours, however its clocks change. */
    static Duration untilMidnight(ZoneId zone, Instant now) {
        return bounded(Duration.between(
                now,
                now.atZone(zone).toLocalDate().plusDays(1).atStartOfDay(zone).toInstant()));
    }

    private static Duration bounded(Duration wait) {
        Duration atLeastZero = wait.isNegative() ? Duration.ZERO : wait;
        return atLeastZero.compareTo(LONGEST) > 0 ? LONGEST : atLeastZero;
    }

    /** The moment that an HTTP date or ISO 8601 text names, or null. */
    static @Nullable Instant moment(@Nullable String text, Instant now) {
        if (text == null || text.length() > LONGEST_TEXT) {
            return null;
        }
        String stripped = text.strip().replaceAll(" +", " ");
        return moment(stripped, ZoneOffset.UTC, now);
    }

    private static @Nullable Instant moment(String stripped, ZoneId zone, Instant now) {
        Instant moment = parse(stripped, IMF_FIXDATE);
        moment = moment == null ? parse(stripped, rfc850(now)) : moment;
        moment = moment == null ? parse(stripped, ASCTIME) : moment;
        if (moment != null) {
            return moment;
        }
        try {
            return OffsetDateTime.parse(stripped).toInstant();
        } catch (DateTimeException noOffset) {
            return local(stripped, zone);
        }
    }

    private static @Nullable Instant local(String text, ZoneId zone) {
        try {
            return LocalDateTime.parse(text.replace(' ', 'T')).atZone(zone).toInstant();
        } catch (DateTimeException notIsoEither) {
            return null;
        }
    }

    private static @Nullable Duration untilTimeOfDay(String text, ZoneId zone, Instant now) {
        LocalTime time;
        try {
            time = LocalTime.parse(text);
        } catch (DateTimeException noTime) {
            return null;
        }
        ZonedDateTime here = now.atZone(zone);
        ZonedDateTime next = here.toLocalDate().atTime(time).atZone(zone);
        if (!next.isAfter(here)) {
            next = here.toLocalDate().plusDays(1).atTime(time).atZone(zone);
        }
        return Duration.between(now, next.toInstant());
    }

    /** A span in ISO 8601, or with the units d, h, m, s, ms, each once and in this order. */
    private static @Nullable Duration span(String text) {
        if (text.startsWith("P") || text.startsWith("p")) {
            try {
                Duration iso = Duration.parse(text);
                return iso.isNegative() ? null : iso;
            } catch (DateTimeException noSpan) {
                return null;
            }
        }
        Matcher parts = SPAN.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            return null;
        }
        BigDecimal millis = BigDecimal.ZERO;
        for (int i = 0; i < UNIT_MILLIS.length; i++) {
            String count = parts.group(i + 1);
            millis = count == null ? millis : millis.add(new BigDecimal(count).multiply(UNIT_MILLIS[i]));
        }
        return ofMillis(millis);
    }

    /** What passes between two requests at so many a second. */
    private static @Nullable Duration inverse(@Nullable BigDecimal perSecond) {
        return perSecond == null || perSecond.signum() <= 0
                ? null
                : ofMillis(MILLIS.divide(perSecond, 0, RoundingMode.CEILING));
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

    private static @Nullable Duration untilDate(String text, ZoneId zone, Instant now) {
        Instant moment = moment(text.replaceAll(" +", " "), zone, now);
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
