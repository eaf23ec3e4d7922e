package dev.toolpost.connectors;

import java.util.List;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * A condition on one place of a JSON body.
 *
 * @param pointer the place (RFC 6901)
 * @param predicate what must hold there
 */
public record BodyCondition(JsonPointer pointer, Predicate predicate) {

    /** Whether it holds for this body. */
    public boolean holds(JsonNode body) {
        return predicate.holds(body.at(pointer));
    }

    /** What may be asked of a value; an absent one is a missing node. */
    public sealed interface Predicate {
        boolean holds(JsonNode value);
    }

    /** Something other than null is there, or is not. */
    public record Exists(boolean expected) implements Predicate {
        @Override
        public boolean holds(JsonNode value) {
            return (!value.isMissingNode() && !value.isNull()) == expected;
        }
    }

    /** The value is one of these; numbers are compared by value. */
    public record EqualToAny(List<JsonNode> expected) implements Predicate {
        public EqualToAny {
            expected = List.copyOf(expected);
        }

        @Override
        public boolean holds(JsonNode value) {
            for (JsonNode one : expected) {
                if (one.equals(value) || (one.isNumber() && value.isNumber() && sameNumber(one, value))) {
                    return true;
                }
            }
            return false;
        }

        private static boolean sameNumber(JsonNode one, JsonNode other) {
            return one.decimalValue().compareTo(other.decimalValue()) == 0;
        }
    }

    /** The value is a string (or a number, read as its text) and the pattern is found somewhere in it. */
    public record Matches(TextPattern pattern) implements Predicate {
        @Override
        public boolean holds(JsonNode value) {
            return value.isValueNode() && !value.isNull() && pattern.foundIn(value.asString());
        }
    }
}
