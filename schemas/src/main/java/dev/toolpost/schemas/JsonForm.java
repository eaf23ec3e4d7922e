package dev.toolpost.schemas;

import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Describes the plain JSON form of an Avro record as a JSON Schema. */
final class JsonForm {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonForm() {}

    static String schemaOf(Schema record) {
        ObjectNode root = JSON.createObjectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", record.getName());
        ObjectNode definitions = JSON.createObjectNode();
        root.setAll(object(record, definitions));
        if (!definitions.isEmpty()) {
            root.set("$defs", definitions);
        }
        return JSON.writeValueAsString(root).replace(System.lineSeparator(), "\n") + "\n";
    }

    private static ObjectNode object(Schema record, ObjectNode definitions) {
        ObjectNode node = JSON.createObjectNode().put("type", "object").put("description", record.getDoc());
        ObjectNode properties = node.putObject("properties");
        ArrayNode required = JSON.createArrayNode();
        for (Schema.Field field : record.getFields()) {
            properties.set(field.name(), property(field, definitions));
            if (!field.hasDefaultValue()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            node.set("required", required);
        }
        return node;
    }

    private static ObjectNode property(Schema.Field field, ObjectNode definitions) {
        ObjectNode node = JSON.createObjectNode();
        if (Boolean.TRUE.equals(field.getObjectProp(RecordPlan.JSON_ATTRIBUTE))) {
            String fallback = field.hasDefaultValue() ? defaultOf(field) : "null";
            if (fallback.startsWith("{")) {
                node.put("type", "object");
            }
        } else {
            node.setAll(type(field.schema(), definitions));
        }
        node.put("description", field.doc());
        if (field.hasDefaultValue() && !defaultOf(field).equals("null")) {
            node.set("default", JSON.readTree(defaultOf(field)));
        }
        return node;
    }

    /** The default as JSON text. */
    private static String defaultOf(Schema.Field field) {
        Object value = field.defaultVal();
        boolean json = Boolean.TRUE.equals(field.getObjectProp(RecordPlan.JSON_ATTRIBUTE));
        if (value == null || value instanceof JsonProperties.Null) {
            return "null";
        }
        return json ? value.toString() : JSON.writeValueAsString(value);
    }

    private static ObjectNode type(Schema schema, ObjectNode definitions) {
        ObjectNode node = JSON.createObjectNode();
        switch (schema.getType()) {
            case STRING -> node.put("type", "string");
            case BYTES -> node.put("type", "string").put("contentEncoding", "base64");
            case BOOLEAN -> node.put("type", "boolean");
            case DOUBLE -> node.put("type", "number");
            case INT ->
                node.put("type", "integer").put("minimum", Integer.MIN_VALUE).put("maximum", Integer.MAX_VALUE);
            case LONG -> node.put("type", "integer");
            case ARRAY -> node.put("type", "array").set("items", type(schema.getElementType(), definitions));
            case MAP ->
                node.put("type", "object").set("additionalProperties", type(schema.getValueType(), definitions));
            case RECORD -> {
                if (!definitions.has(schema.getName())) {
                    definitions.putObject(schema.getName());
                    definitions.set(schema.getName(), object(schema, definitions));
                }
                node.put("$ref", "#/$defs/" + schema.getName());
            }
            case UNION -> {
                Schema branch = schema.getTypes().get(schema.getTypes().size() - 1);
                ObjectNode inner = type(branch, definitions);
                JsonNode single = inner.get("type");
                if (single == null) {
                    node.putArray("anyOf").add(inner).addObject().put("type", "null");
                } else {
                    node.setAll(inner);
                    node.putArray("type").add(single.asString()).add("null");
                }
            }
            case ENUM, FIXED, FLOAT, NULL ->
                throw new IllegalStateException("messages hold no " + schema.getType() + ": " + schema);
        }
        return node;
    }
}
