package dev.toolpost.connectors;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers from one to another, both included. Immutable.
 *
 * @param least the smallest, or null for no bound
 * @param most the largest, or null for no bound
 */
public record NumberRange(
        @Nullable BigDecimal least, @Nullable BigDecimal most) {

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");

    /** Whether a text is a number of this range; what is no number is not. */
    public boolean holds(String text) {
        return NUMBER.matcher(text).matches() && holds(new BigDecimal(text));
    }

    boolean holds(BigDecimal number) {
        return (least == null || number.compareTo(least) >= 0) && (most == null || number.compareTo(most) <= 0);
    }
}
