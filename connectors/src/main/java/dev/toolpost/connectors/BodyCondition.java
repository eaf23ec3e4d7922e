package dev.toolpost.connectors;

import java.util.List;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A condition on one place of a JSON body.
 *
 * @param pointer the place (RFC 6901); a segment {@code *} is every item of an array or member of an object, of which one must do
 * @param predicate what must hold there
 */
public record BodyCondition(JsonPointer pointer, Predicate predicate) {

    /** Whether it holds for this body. */
    public boolean holds(JsonNode body) {
        return pointer.toString().contains("/*")
                ? new Walk(predicate).holdsForOne(body, pointer)
                : predicate.holds(body.at(pointer));
    }

    /** Goes through the items of lists. Confined to one body. */
    private static final class Walk {
        private final Predicate predicate;

        /** Characters that are still looked at, in all items together. */
        private long left;

        Walk(Predicate predicate) {
            this.predicate = predicate;
            this.left = predicate instanceof Matches(TextPattern pattern) ? pattern.longest() : Long.MAX_VALUE;
        }

        /** Nothing at all is at the place where there is no item; what asks that something be absent asks it of every item. */
        boolean holdsForOne(JsonNode node, JsonPointer rest) {
            if (rest.matches()) {
                return holds(node);
            }
            if (!rest.getMatchingProperty().equals("*")) {
                JsonNode below =
                        node.isArray() ? node.path(rest.getMatchingIndex()) : node.path(rest.getMatchingProperty());
                return holdsForOne(below, rest.tail());
            }
            boolean absence = predicate.holds(MissingNode.getInstance());
            for (JsonNode item : node) {
                if (holdsForOne(item, rest.tail()) != absence) {
                    return !absence;
                }
            }
            return absence;
        }

        private boolean holds(JsonNode value) {
            if (predicate instanceof Matches(TextPattern pattern) && value.isString()) {
                left -= Math.min(pattern.look(), value.stringValue().length());
            }
            return left >= 0 && predicate.holds(value);
        }
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

    /** The value is none of these; an absent one is none. */
    public record NoneOf(List<JsonNode> refused) implements Predicate {
        public NoneOf {
            refused = List.copyOf(refused);
        }

        @Override
        public boolean holds(JsonNode value) {
            return !new EqualToAny(refused).holds(value);
        }
    }

    /** The value is a number, or a text that is one, within a range. */
    public record Within(NumberRange range) implements Predicate {
        @Override
        public boolean holds(JsonNode value) {
            return value.isNumber()
                    ? range.holds(value.decimalValue())
                    : value.isString() && range.holds(value.stringValue());
        }
    }

    /** The value is a string (or a number, read as its text) and the pattern is found somewhere in its beginning. */
    public record Matches(TextPattern pattern) implements Predicate {
        @Override
        public boolean holds(JsonNode value) {
            return value.isValueNode() && !value.isNull() && pattern.foundAtTheStartOf(value.asString());
        }
    }
}
