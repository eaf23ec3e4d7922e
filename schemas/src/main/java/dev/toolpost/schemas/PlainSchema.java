package dev.toolpost.schemas;

import org.apache.avro.Schema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A generated schema without what only Java's code generator wants to know, as it is registered and published. */
final class PlainSchema {
    private static final JsonMapper JSON = new JsonMapper();

    private PlainSchema() {}

    static Schema of(Schema generated) {
        return new Schema.Parser().parse(JSON.writeValueAsString(strip(JSON.readTree(generated.toString()))));
    }

    private static JsonNode strip(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                object.remove("avro.java.string");
                JsonNode type = object.get("type");
                if (object.size() == 1 && type != null && type.isString()) {
                    yield type;
                }
                for (String name : object.propertyNames().toArray(String[]::new)) {
                    object.set(name, strip(object.get(name)));
                }
                yield object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, strip(array.get(i)));
                }
                yield array;
            }
            default -> node;
        };
    }
}
