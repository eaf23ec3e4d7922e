package dev.toolpost.connectors;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where answers say what a limit has come to. Immutable.
 *
 * @param when headers that must hold; an answer about another limit says nothing about this
 * @param cost what the request cost, or null
 * @param remaining what is left of the window, or null
 * @param used what is used up of the window, or null
 * @param limit how much the vendor allows in a window, or null
 * @param reset when the window ends, or null
 */
public record Feedback(
        List<HeaderCondition> when,
        @Nullable ValueSource cost,
        @Nullable ValueSource remaining,
        @Nullable ValueSource used,
        @Nullable ValueSource limit,
        @Nullable WaitSource reset) {

    /** Answers say nothing. */
    public static final Feedback NONE = new Feedback(List.of(), null, null, null, null, null);

    public Feedback {
        when = List.copyOf(when);
    }

    /** Whether there is anything to read. */
    public boolean isSilent() {
        return cost == null && remaining == null && used == null && limit == null && reset == null;
    }
}
