package dev.toolpost.connectors;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as definitions write them: a number and one of ms, s, m, h, d. Pure. */
final class DurationText {
    private DurationText() {}

    /** Parses what the format's schema has let pass. */
    static Duration parse(String text) {
        int end = text.length();
        while (end > 0 && Character.isLetter(text.charAt(end - 1))) {
            end--;
        }
        BigDecimal count = new BigDecimal(text.substring(0, end));
        long nanosPerUnit = switch (text.substring(end)) {
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            case "d" -> 86_400_000_000_000L;
            default -> throw new IllegalArgumentException("'" + text + "' (expected: a duration like 500ms, 10s, 1m)");
        };
        BigDecimal nanos = count.multiply(BigDecimal.valueOf(nanosPerUnit));
        BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
        return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
    }
}
