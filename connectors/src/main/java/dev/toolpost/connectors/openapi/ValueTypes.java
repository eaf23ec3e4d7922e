package dev.toolpost.connectors.openapi;

import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What types of values a schema is for, whether it says so itself, by a list (3.1), by alternatives or by a reference. */
final class ValueTypes {
    private static final int DEEPEST = 5;
    private static final String NULL = "null";

    private ValueTypes() {}

    /** Its types but for null; empty where it does not say. */
    static Set<String> of(OpenApiDocument document, JsonNode schema) {
        Set<String> types = new LinkedHashSet<>();
        collect(document, schema, types, 0);
        types.remove(NULL);
        return types;
    }

    /** The types that a schema names itself, null included. */
    static Set<String> named(JsonNode schema) {
        Set<String> types = new LinkedHashSet<>();
        JsonNode type = schema.path("type");
        if (type.isString()) {
            types.add(type.asString());
        } else {
            type.forEach(each -> types.add(each.asString("")));
        }
        return types;
    }

    private static void collect(OpenApiDocument document, JsonNode given, Set<String> types, int depth) {
        JsonNode schema = document.resolved(given);
        Set<String> named = named(schema);
        types.addAll(named);
        if (!named.isEmpty() || depth == DEEPEST) {
            return;
        }
        if (schema.has("properties") || schema.has("additionalProperties")) {
            types.add("object");
        } else if (schema.has("items")) {
            types.add("array");
        }
        for (String key : new String[] {"anyOf", "oneOf", "allOf"}) {
            for (JsonNode each : schema.path(key)) {
                collect(document, each, types, depth + 1);
            }
        }
    }
}
