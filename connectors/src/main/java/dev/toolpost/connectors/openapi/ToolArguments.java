package dev.toolpost.connectors.openapi;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The arguments of a tool while its operation is read. Not thread-safe. */
final class ToolArguments {
    private static final int THIN = 8;
    private static final Set<String> PLAIN = Set.of("string", "integer", "number", "boolean");

    private final SchemaConverter schemas;
    private final Detail detail;
    private final Names names = Names.ofArguments();
    private final ObjectNode properties = JsonNodeFactory.instance.objectNode();
    private final List<String> required = new ArrayList<>();

    ToolArguments(SchemaConverter schemas, Detail detail) {
        this.schemas = schemas;
        this.detail = detail;
    }

    /** Adds an argument and returns the name that it has got. */
    String add(String wanted, JsonNode schema, String description, boolean isRequired) {
        String name = names.freeAsIs(wanted);
        ObjectNode converted = schemas.convert(wanted, schema);
        String own = ShortText.of(description, detail.argumentText);
        if (own.length() > converted.path("description").asString("").length() / 2 && !own.isEmpty()) {
            String standard = standardOf(converted.path("description").asString(""));
            converted.put("description", own + (own.contains("efault") ? "" : standard));
        }
        if (converted.path("description").asString("").length() < THIN) {
            converted.put("description", inWords(wanted, converted));
        }
        properties.set(name, converted);
        if (isRequired) {
            required.add(name);
        }
        return name;
    }

    private static String standardOf(String description) {
        int at = description.lastIndexOf(" Default: ");
        int start = description.startsWith("Default: ") ? 0 : at;
        return start < 0 ? "" : " " + description.substring(start).strip();
    }

    private static String inWords(String name, JsonNode schema) {
        String words = ShortText.capital(ShortText.words(name));
        String said = schema.path("description").asString("");
        Set<String> types = ValueTypes.named(schema);
        boolean nullable = types.remove("null");
        String form = switch (types.size() == 1 ? types.iterator().next() : "") {
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "an object";
            case "string" -> schema.has("enum") ? "one of the listed values" : "a text";
            default ->
                schema.has("enum")
                        ? "one of the listed values"
                        : schema.has("anyOf")
                                ? "of one of several forms"
                                : types.isEmpty() ? "a value" : "of several types";
        };
        return (said.isBlank() ? words : words + " (" + said + ")") + ", " + form + (nullable ? ", or null" : "") + ".";
    }

    /** A path and the like need the plain type that every such value has. */
    void makePlain(String name) {
        ObjectNode schema = (ObjectNode) properties.path(name);
        Set<String> types = ValueTypes.named(schema);
        types.remove("null");
        if (types.size() == 1 && PLAIN.containsAll(types)) {
            schema.put("type", types.iterator().next());
            if (schema.path("enum") instanceof ArrayNode values) {
                values.removeIf(JsonNode::isNull);
            }
            return;
        }
        String description = schema.path("description").asString("");
        JsonNode values = schema.path("enum");
        boolean texts = !values.isEmpty() && values.valueStream().allMatch(JsonNode::isString);
        schema.removeAll();
        schema.put("type", "string").put("description", description);
        if (texts) {
            schema.set("enum", values);
        }
    }

    boolean isEmpty() {
        return properties.isEmpty();
    }

    /** The schema of all of them. */
    ObjectNode schema() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        schema.put("type", "object").put("additionalProperties", false);
        if (!required.isEmpty()) {
            ArrayNode list = schema.putArray("required");
            required.forEach(list::add);
        }
        schema.set("properties", properties);
        return schema;
    }
}
