package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.TextPattern;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes plain JSON Schema (2020-12) of the schemas of a document: references replaced by what they name, {@code allOf} merged, what only answers
 * have left out. Bounded for each argument in depth and size, and a schema that holds itself is cut where it comes again. Used for
 * one operation.
 */
final class SchemaConverter {
    private static final int MAX_ALTERNATIVES = 12;

    /** While a schema is put together: names of members that only answers have. */
    private static final String ANSWERS_ONLY = " answers only";

    private static final Set<String> TYPES =
            Set.of("string", "integer", "number", "boolean", "object", "array", "null");
    private static final List<String> COUNTS =
            List.of("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties");
    private static final List<String> NOT_DESCRIBED = List.of(
            "not",
            "if",
            "patternProperties",
            "propertyNames",
            "prefixItems",
            "contains",
            "dependentRequired",
            "dependentSchemas");
    private static final List<String> NUMBERS = List.of("minimum", "maximum", "multipleOf");

    private final OpenApiDocument document;
    private final Detail detail;
    private final Notes notes;
    private final Deque<String> above = new ArrayDeque<>();
    private String argument = "";
    private int schemas;

    SchemaConverter(OpenApiDocument document, Detail detail, Notes notes) {
        this.document = document;
        this.detail = detail;
        this.notes = notes;
    }

    /** The schema of an argument of this name. */
    ObjectNode convert(String name, JsonNode schema) {
        argument = name;
        schemas = 0;
        return convert(schema, 0);
    }

    private ObjectNode convert(JsonNode schema, int depth) {
        return whole(part(schema, depth));
    }

    /** Without what is known of it while it is put together only, and without needing what a call cannot give. */
    private static ObjectNode whole(ObjectNode schema) {
        Set<String> answers = texts(schema.remove(ANSWERS_ONLY));
        Set<String> required = texts(schema.remove("required"));
        JsonNode properties = schema.path("properties");
        boolean closed = schema.path("additionalProperties").isBoolean()
                && !schema.path("additionalProperties").asBoolean(true);
        required.removeIf(name -> !properties.has(name) && (closed || answers.contains(name)));
        putTexts(schema, "required", required);
        return schema;
    }

    private static Set<String> texts(@Nullable JsonNode list) {
        Set<String> texts = new LinkedHashSet<>();
        if (list != null) {
            list.forEach(each -> {
                if (each.isString()) {
                    texts.add(each.asString());
                }
            });
        }
        return texts;
    }

    private static void putTexts(ObjectNode schema, String key, Set<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode list = schema.putArray(key);
            texts.forEach(list::add);
        }
    }

    /** What may be one of several parts of a schema. */
    private ObjectNode part(JsonNode schema, int depth) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        if (!schema.isObject()) {
            return result;
        }
        JsonNode reference = schema.path("$ref");
        if (reference.isString()) {
            return referred(schema, reference.asString(), depth);
        }
        schemas++;
        boolean nullable = schema.path("nullable").asBoolean(false);
        types(schema, nullable, result);
        description(schema, result);
        if (depth >= detail.depth || schemas > detail.schemas) {
            if (schema.has("properties")
                    || schema.has("items")
                    || schema.has("allOf")
                    || schema.has("oneOf")
                    || schema.has("anyOf")) {
                notes.leftOut(
                        "argument " + argument,
                        "what is nested deeper than " + detail.depth + " levels, or comes after " + detail.schemas
                                + " schemas, is not described; it is taken as it comes");
            }
            return result;
        }
        for (String key : NOT_DESCRIBED) {
            if (schema.has(key)) {
                notes.leftOut("argument " + argument, "what its schema says by " + key + " is not described");
            }
        }
        values(schema, nullable, result);
        bounds(schema, result);
        members(schema, result, depth);
        JsonNode items = schema.path("items");
        if (items.isObject()) {
            result.set("items", convert(items, depth + 1));
        }
        for (JsonNode part : schema.path("allOf")) {
            merge(result, part(part, depth));
        }
        alternatives(schema, "oneOf", result, depth);
        alternatives(schema, "anyOf", result, depth);
        return result;
    }

    private ObjectNode referred(JsonNode schema, String reference, int depth) {
        JsonNode target = document.target(reference);
        ObjectNode result;
        if (!target.isObject()) {
            notes.leftOut(
                    "argument " + argument,
                    reference.startsWith("#")
                            ? "a reference of its schema names nothing"
                            : "a reference of its schema leads out of the document");
            result = JsonNodeFactory.instance.objectNode();
        } else if (above.contains(reference)) {
            notes.leftOut(
                    "argument " + argument,
                    "its schema holds itself; it is described once and taken as it comes below");
            result = JsonNodeFactory.instance.objectNode();
            types(target, false, result);
            result.put("description", "The same shape again.");
        } else {
            above.push(reference);
            result = part(target, depth);
            above.pop();
        }
        description(schema, result);
        return result;
    }

    private static void types(JsonNode schema, boolean nullable, ObjectNode result) {
        Set<String> types = ValueTypes.named(schema);
        types.retainAll(TYPES);
        if (types.isEmpty() && schema.has("properties")) {
            types.add("object");
        }
        if (types.isEmpty()) {
            return;
        }
        if (nullable) {
            types.add("null");
        }
        if (types.size() == 1) {
            result.put("type", types.iterator().next());
        } else {
            ArrayNode list = result.putArray("type");
            types.forEach(list::add);
        }
    }

    private void description(JsonNode schema, ObjectNode result) {
        String text = ShortText.of(
                schema.path("description").asString(schema.path("title").asString("")), detail.schemaText);
        JsonNode standard = schema.path("default");
        if (standard.isValueNode()
                && !standard.isNull()
                && !text.contains("efault")
                && standard.asString("").length() <= 40) {
            text = (text.isEmpty() || text.endsWith(".") ? text : text + ".") + " Default: " + standard.asString("")
                    + ".";
        }
        if (!text.isBlank()) {
            result.put("description", text.strip());
        }
    }

    private void values(JsonNode schema, boolean nullable, ObjectNode result) {
        JsonNode values = schema.path("enum");
        if (values.size() > detail.values) {
            notes.leftOut(
                    "argument " + argument,
                    "it has more than " + detail.values + " values to choose from, which are not described");
        } else if (values.isArray() && !values.isEmpty()) {
            Set<JsonNode> distinct = new LinkedHashSet<>();
            values.forEach(distinct::add);
            if (nullable) {
                distinct.add(JsonNodeFactory.instance.nullNode());
            }
            ArrayNode list = result.putArray("enum");
            distinct.forEach(list::add);
        }
        if (schema.path("const").isValueNode()) {
            result.set("const", schema.path("const"));
        }
        JsonNode format = schema.path("format");
        if (format.isString() && format.asString().matches("date|date-time|time|email|uuid|uri|hostname|ipv4|ipv6")) {
            result.put("format", format.asString());
        }
        String pattern = schema.path("pattern").asString("");
        if (isBounded(pattern)) {
            result.put("pattern", pattern);
        } else if (!pattern.isEmpty()) {
            notes.leftOut(
                    "argument " + argument,
                    "its pattern is none that runs in linear time and little memory (RE2); values are not held against it");
        }
    }

    private static boolean isBounded(String pattern) {
        try {
            TextPattern.compile(pattern);
            return !pattern.isEmpty() && pattern.length() <= 500;
        } catch (IllegalArgumentException unfit) {
            return false;
        }
    }

    private static void bounds(JsonNode schema, ObjectNode result) {
        for (String key : COUNTS) {
            JsonNode count = schema.path(key);
            if (count.isIntegralNumber() && count.canConvertToInt() && count.asInt() >= 0) {
                result.set(key, count);
            }
        }
        for (String key : NUMBERS) {
            if (schema.path(key).isNumber()
                    && !(key.equals("multipleOf") && schema.path(key).asDouble(0) <= 0)) {
                result.set(key, schema.path(key));
            }
        }
        exclusive(schema, result, "exclusiveMinimum", "minimum");
        exclusive(schema, result, "exclusiveMaximum", "maximum");
        if (schema.path("uniqueItems").asBoolean(false)) {
            result.put("uniqueItems", true);
        }
    }

    /** A number since 3.1, before that a flag beside the bound. */
    private static void exclusive(JsonNode schema, ObjectNode result, String key, String bound) {
        JsonNode value = schema.path(key);
        if (value.isNumber()) {
            result.set(key, value);
        } else if (value.asBoolean(false) && result.has(bound)) {
            result.set(key, result.remove(bound));
        }
    }

    private void members(JsonNode schema, ObjectNode result, int depth) {
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        Set<String> answers = new LinkedHashSet<>();
        schema.path("properties").properties().forEach(entry -> {
            boolean readOnly = entry.getValue().path("readOnly").asBoolean(false)
                    || document.resolved(entry.getValue()).path("readOnly").asBoolean(false);
            if (readOnly) {
                answers.add(entry.getKey());
            } else {
                properties.set(entry.getKey(), convert(entry.getValue(), depth + 1));
            }
        });
        if (!properties.isEmpty()) {
            result.set("properties", properties);
        }
        putTexts(result, ANSWERS_ONLY, answers);
        putTexts(result, "required", texts(schema.path("required")));
        JsonNode others = schema.path("additionalProperties");
        if (others.isBoolean()) {
            result.set("additionalProperties", others);
        } else if (others.isObject()) {
            result.set("additionalProperties", convert(others, depth + 1));
        }
    }

    private void alternatives(JsonNode schema, String key, ObjectNode result, int depth) {
        JsonNode list = schema.path(key);
        if (!list.isArray() || list.isEmpty()) {
            return;
        }
        // Documents say oneOf where several may fit, so anyOf is what can be checked.
        ArrayNode alternatives = JsonNodeFactory.instance.arrayNode();
        boolean nullable = false;
        for (JsonNode each : list) {
            if (ValueTypes.named(each).equals(Set.of("null"))) {
                nullable = true;
            } else if (alternatives.size() < MAX_ALTERNATIVES) {
                alternatives.add(convert(each, depth + 1));
            }
        }
        if (list.size() > MAX_ALTERNATIVES) {
            notes.leftOut("argument " + argument, "it has more alternatives than are described");
            return;
        }
        if (nullable && alternatives.size() != 1) {
            alternatives.addObject().put("type", "null");
        }
        if (alternatives.size() == 1) {
            merge(result, (ObjectNode) alternatives.get(0));
            if (nullable) {
                orNull(result);
            }
        } else if (!result.has("anyOf")) {
            result.set("anyOf", alternatives);
        }
    }

    /** Null besides what the schema takes. */
    private static void orNull(ObjectNode schema) {
        Set<String> types = ValueTypes.named(schema);
        if (!types.isEmpty() && types.add("null")) {
            putTexts(schema, "type", types);
        }
        if (schema.path("enum") instanceof ArrayNode values
                && values.valueStream().noneMatch(JsonNode::isNull)) {
            values.addNull();
        }
    }

    /** All of both. */
    private static void merge(ObjectNode result, ObjectNode part) {
        part.properties().forEach(entry -> {
            JsonNode own = result.path(entry.getKey());
            switch (entry.getKey()) {
                case "properties" -> {
                    ObjectNode all = own instanceof ObjectNode there ? there : result.putObject("properties");
                    entry.getValue().properties().forEach(each -> {
                        if (!all.has(each.getKey())) {
                            all.set(each.getKey(), each.getValue());
                        }
                    });
                }
                case "required", ANSWERS_ONLY -> {
                    Set<String> names = texts(own);
                    names.addAll(texts(entry.getValue()));
                    putTexts(result, entry.getKey(), names);
                }
                case "additionalProperties" -> {
                    // False of one part would forbid what another part adds.
                    if (own.isMissingNode() && !entry.getValue().isBoolean()) {
                        result.set("additionalProperties", entry.getValue());
                    }
                }
                default -> {
                    if (own.isMissingNode()) {
                        result.set(entry.getKey(), entry.getValue());
                    }
                }
            }
        });
    }
}
