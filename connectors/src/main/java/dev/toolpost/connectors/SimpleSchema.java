package dev.toolpost.connectors;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;
import tools.jackson.databind.node.MissingNode;

/**
 * The keywords that most arguments are described with, checked at a fraction of what a whole validator costs: it says of a value that it is
 * valid for sure, or nothing. What it does not know (a keyword, a decimal, a large number) it leaves to the validator. Immutable.
 */
final class SimpleSchema {

    private static final Set<String> ANNOTATIONS = Set.of(
            "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$defs");

    private final boolean known;
    private final @Nullable Set<String> types;
    private final @Nullable Set<String> texts;
    private final @Nullable TextPattern pattern;
    private final Range length;
    private final Range items;
    private final Range members;
    private final @Nullable BigDecimal least;
    private final @Nullable BigDecimal most;
    private final @Nullable SimpleSchema item;
    private final @Nullable SimpleSchema name;
    private final @Nullable SimpleSchema others;
    private final Map<String, SimpleSchema> properties = new HashMap<>();
    private final List<String> required;

    private record Range(int least, int most) {
        boolean holds(int size) {
            return size >= least && size <= most;
        }
    }

    private SimpleSchema(JsonNode schema) {
        Keywords keywords = new Keywords(schema);
        this.types = keywords.texts("type");
        this.texts = keywords.texts("enum");
        this.pattern = keywords.pattern();
        this.length = keywords.range("minLength", "maxLength");
        this.items = keywords.range("minItems", "maxItems");
        this.members = keywords.range("minProperties", "maxProperties");
        this.least = keywords.number("minimum");
        this.most = keywords.number("maximum");
        this.item = keywords.schema("items");
        this.name = keywords.schema("propertyNames");
        this.others = keywords.schema("additionalProperties");
        Set<String> names = keywords.texts("required");
        this.required = names == null ? List.of() : List.copyOf(names);
        for (Map.Entry<String, JsonNode> property : keywords.take("properties").properties()) {
            properties.put(property.getKey(), of(property.getValue()));
        }
        this.known = keywords.isAllKnown();
    }

    static SimpleSchema of(JsonNode schema) {
        return new SimpleSchema(schema);
    }

    /** Whether the value is valid for sure; false says nothing. */
    boolean accepts(JsonNode value) {
        if (!known) {
            return false;
        }
        return switch (value.getNodeType()) {
            case OBJECT -> allows("object") && texts == null && acceptsMembers(value);
            case ARRAY -> allows("array") && texts == null && acceptsItems(value);
            case STRING -> allows("string") && acceptsText(value.stringValue());
            case BOOLEAN -> allows("boolean") && texts == null;
            case NULL -> allows("null") && texts == null;
            case NUMBER -> (allows("number") || allows("integer")) && texts == null && acceptsNumber(value);
            case BINARY, MISSING, POJO -> false;
        };
    }

    private boolean allows(String type) {
        return types == null || types.contains(type);
    }

    private boolean acceptsText(String text) {
        return (texts == null || texts.contains(text))
                && length.holds(text.codePointCount(0, text.length()))
                && (pattern == null || (text.length() <= pattern.longest() && pattern.foundIn(text)));
    }

    private boolean acceptsNumber(JsonNode value) {
        if (!value.isInt() && !value.isLong()) {
            return false;
        }
        if (least == null && most == null) {
            return true;
        }
        BigDecimal number = BigDecimal.valueOf(value.longValue());
        return (least == null || number.compareTo(least) >= 0) && (most == null || number.compareTo(most) <= 0);
    }

    private boolean acceptsItems(JsonNode array) {
        if (!items.holds(array.size())) {
            return false;
        }
        for (JsonNode each : array) {
            if (item == null ? !isPlain(each) : !item.accepts(each)) {
                return false;
            }
        }
        return true;
    }

    private boolean acceptsMembers(JsonNode object) {
        if (!members.holds(object.size())) {
            return false;
        }
        for (String each : required) {
            if (!object.has(each)) {
                return false;
            }
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            SimpleSchema schema = properties.getOrDefault(member.getKey(), others);
            if (schema == null ? !isPlain(member.getValue()) : !schema.accepts(member.getValue())) {
                return false;
            }
            if (name != null && !(name.known && name.allows("string") && name.acceptsText(member.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** Of what no schema speaks, containers may be too deep and numbers too large. */
    private static boolean isPlain(JsonNode value) {
        JsonNodeType type = value.getNodeType();
        return type == JsonNodeType.STRING || type == JsonNodeType.BOOLEAN || type == JsonNodeType.NULL;
    }

    /** A schema's keywords, taken one by one; what is left at the end is not known. */
    private static final class Keywords {

        private final JsonNode schema;
        private final Set<String> left;
        private boolean unknown;

        Keywords(JsonNode schema) {
            this.schema = schema;
            this.left = new HashSet<>(schema.propertyNames());
            left.removeAll(ANNOTATIONS);
            unknown = !schema.isObject();
        }

        JsonNode take(String keyword) {
            left.remove(keyword);
            return schema.isObject() ? schema.path(keyword) : MissingNode.getInstance();
        }

        /** One text or several; anything else is not known. */
        @Nullable
        Set<String> texts(String keyword) {
            JsonNode value = take(keyword);
            if (value.isMissingNode()) {
                return null;
            }
            if (value.isString()) {
                return Set.of(value.stringValue());
            }
            Set<String> texts = new HashSet<>();
            for (JsonNode each : value) {
                unknown |= !each.isString();
                texts.add(each.asString());
            }
            unknown |= !value.isArray();
            return texts;
        }

        @Nullable
        TextPattern pattern() {
            JsonNode value = take("pattern");
            return value.isString() ? TextPattern.compile(value.stringValue()) : null;
        }

        Range range(String leastKeyword, String mostKeyword) {
            return new Range(size(leastKeyword, 0), size(mostKeyword, Integer.MAX_VALUE));
        }

        private int size(String keyword, int otherwise) {
            JsonNode value = take(keyword);
            if (value.isMissingNode()) {
                return otherwise;
            }
            unknown |= !value.isInt();
            return value.asInt(otherwise);
        }

        @Nullable
        BigDecimal number(String keyword) {
            JsonNode value = take(keyword);
            if (value.isMissingNode()) {
                return null;
            }
            unknown |= !value.isNumber();
            return value.isNumber() ? value.decimalValue() : null;
        }

        /** A schema; the one that is {@code false} accepts nothing, and so does one that is not known. */
        @Nullable
        SimpleSchema schema(String keyword) {
            JsonNode value = take(keyword);
            return value.isMissingNode() || (value.isBoolean() && value.booleanValue()) ? null : of(value);
        }

        boolean isAllKnown() {
            return !unknown && left.isEmpty();
        }
    }
}
