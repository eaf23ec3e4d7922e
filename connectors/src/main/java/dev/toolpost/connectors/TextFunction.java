package dev.toolpost.connectors;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a template can do to an argument on its way into a text: {@code {name|base64url}}. Each takes a text and makes a text whose length is
 * bounded by the argument's. Pure.
 */
public enum TextFunction {
    /** Its UTF-8 in base64 (RFC 4648, 4). */
    BASE64,
    /** Its UTF-8 in base64 for addresses and file names, without padding (RFC 4648, 5). */
    BASE64URL,
    /** In lower case. */
    LOWER,
    /** In upper case. */
    UPPER,
    /** Without space at its ends. */
    TRIM,
    /** The argument's JSON, whatever its type: the only one that takes objects. First in its place. */
    JSON,
    /** Between single quotes, quotes and backslashes inside with a backslash before them. */
    SINGLE_QUOTED,
    /** Between double quotes, quotes and backslashes inside with a backslash before them. */
    DOUBLE_QUOTED,
    /** Between single quotes, single quotes inside doubled. */
    SQL_QUOTED,
    /** A date, or a date and time (ISO 8601), as seconds since 1970. */
    EPOCH_SECONDS,
    /** A date, or a date and time (ISO 8601), as milliseconds since 1970. */
    EPOCH_MILLIS,
    /** The date, in UTC, of a date and time (ISO 8601). */
    DATE,
    /** In a path: slashes stay, what is between them is encoded segment by segment. The last in its place. */
    SEGMENTS;

    /** As definitions spell it. */
    public String spelling() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The function of this name, or null. */
    static @Nullable TextFunction of(String name) {
        for (TextFunction function : values()) {
            if (function.spelling().equals(name)) {
                return function;
            }
        }
        return null;
    }

    /**
     * Applies it to a text.
     *
     * @throws IllegalArgumentException where the text is none that it can take
     */
    public String apply(String text) {
        return switch (this) {
            case BASE64 -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
            case BASE64URL ->
                Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
            case LOWER -> text.toLowerCase(Locale.ROOT);
            case UPPER -> text.toUpperCase(Locale.ROOT);
            case TRIM -> text.strip();
            // What is taken as JSON was made text before; segments are kept apart where the path is written.
            case JSON, SEGMENTS -> text;
            case SINGLE_QUOTED -> quoted(text, '\'');
            case DOUBLE_QUOTED -> quoted(text, '"');
            case SQL_QUOTED -> "'" + text.replace("'", "''") + "'";
            case EPOCH_SECONDS -> Long.toString(Math.floorDiv(moment(text).toEpochMilli(), 1_000));
            case EPOCH_MILLIS -> Long.toString(moment(text).toEpochMilli());
            case DATE -> moment(text).atOffset(ZoneOffset.UTC).toLocalDate().toString();
        };
    }

    private static String quoted(String text, char quote) {
        StringBuilder quoted = new StringBuilder(text.length() + 16).append(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\\' -> quoted.append("\\\\");
                default -> {
                    if (c == quote) {
                        quoted.append('\\');
                    }
                    quoted.append(c);
                }
            }
        }
        return quoted.append(quote).toString();
    }

    private static Instant moment(String text) {
        try {
            return text.length() == "2026-01-31".length()
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException | ArithmeticException noDate) {
            throw new IllegalArgumentException(
                    "not a date and time (expected: ISO 8601 such as 2026-01-31 or 2026-01-31T12:00:00Z)", noDate);
        }
    }
}
