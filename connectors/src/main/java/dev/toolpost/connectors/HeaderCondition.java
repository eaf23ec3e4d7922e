package dev.toolpost.connectors;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one response header.
 *
 * @param header name of the header, without regard to case
 * @param predicate what must hold for its value
 */
public record HeaderCondition(String header, Predicate predicate) {

    /** Whether it holds, given the header's first value or null where the header is absent. */
    public boolean holds(@Nullable String value) {
        return predicate.holds(value);
    }

    /** What may be asked of a header. */
    public sealed interface Predicate {
        boolean holds(@Nullable String value);
    }

    /** The header is there, or is not. */
    public record Exists(boolean expected) implements Predicate {
        @Override
        public boolean holds(@Nullable String value) {
            return (value != null) == expected;
        }
    }

    /** The header has exactly one of these values, surrounding space aside. */
    public record EqualToAny(List<String> expected) implements Predicate {
        public EqualToAny {
            expected = List.copyOf(expected);
        }

        @Override
        public boolean holds(@Nullable String value) {
            return value != null && expected.contains(value.strip());
        }
    }

    /** The header is a number within a range. */
    public record Within(NumberRange range) implements Predicate {
        @Override
        public boolean holds(@Nullable String value) {
            return value != null && range.holds(value.strip());
        }
    }

    /** The pattern is found somewhere in the beginning of the value. */
    public record Matches(TextPattern pattern) implements Predicate {
        @Override
        public boolean holds(@Nullable String value) {
            return value != null && pattern.foundAtTheStartOf(value);
        }
    }
}
