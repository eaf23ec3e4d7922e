package dev.toolpost.worker.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations the way the configuration writes them: a whole number and its unit, as in {@code 250ms}. */
final class Durations {
    static final String EXPECTED = "a duration with its unit: ms, s, m, h or d, such as 10s";

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9}) ?(ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    private Durations() {}

    /** Reads a duration, null when the text is none. */
    static @Nullable Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Duration.of(
                        Long.parseLong(matcher.group(1)), UNITS.getOrDefault(matcher.group(2), ChronoUnit.SECONDS))
                : null;
    }

    /** In the largest unit without a rest. */
    static String text(Duration duration) {
        for (String unit : new String[] {"d", "h", "m", "s"}) {
            long size =
                    UNITS.getOrDefault(unit, ChronoUnit.SECONDS).getDuration().toMillis();
            long millis = duration.toMillis();
            if (millis >= size && millis % size == 0) {
                return millis / size + unit;
            }
        }
        return duration.toMillis() + "ms";
    }
}
