package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request says, wherever it says it: the parameters of its query, over them the members of its JSON or form body, over them the variables of its
 * path. Bracket keys ({@code a[b]=c}, {@code a[]=c}, {@code a[0][b]=c}) become objects and arrays, also in the query.
 *
 * @param form whether the body was a form, whose values are all texts
 * @param readable whether the body could be read
 */
record RequestArguments(ObjectNode all, boolean form, boolean readable) {

    private static final int DEPTH = 8;
    private static final int ELEMENTS = 1000;

    static RequestArguments read(HttpExchange exchange, Map<String, String> pathVariables) {
        ObjectNode all = VendorJson.MAPPER.createObjectNode();
        String query = exchange.rawQuery();
        if (query != null) {
            addForm(all, query);
        }
        boolean form = isForm(exchange);
        boolean readable = true;
        if (form) {
            addForm(all, new String(exchange.body(), StandardCharsets.UTF_8));
        } else if (exchange.hasBody()) {
            readable = addJson(all, exchange.body());
        }
        pathVariables.forEach(all::put);
        return new RequestArguments(all, form, readable);
    }

    /** An argument by its name, or by a JSON Pointer; a missing node where there is none. */
    JsonNode at(String nameOrPointer) {
        return nameOrPointer.startsWith("/") ? all.at(nameOrPointer) : all.path(nameOrPointer);
    }

    /** The text of an argument, or null where it is missing, null or no scalar. */
    @Nullable
    String text(String nameOrPointer) {
        JsonNode node = at(nameOrPointer);
        return node.isValueNode() && !node.isNull() ? node.asString() : null;
    }

    private static boolean isForm(HttpExchange exchange) {
        String type = exchange.header("content-type");
        return type != null && type.startsWith("application/x-www-form-urlencoded");
    }

    private static boolean addJson(ObjectNode all, byte[] body) {
        try {
            JsonNode read = VendorJson.MAPPER.readTree(body);
            if (read != null && read.isObject()) {
                all.setAll((ObjectNode) read);
                return true;
            }
            // An array has no names: it is reached as a whole.
            if (read != null && read.isArray()) {
                all.set("body", read);
                return true;
            }
            return false;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static void addForm(ObjectNode all, String text) {
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (!pair.isEmpty()) {
                String name = HttpExchange.decode(equals < 0 ? pair : pair.substring(0, equals));
                String value = equals < 0 ? "" : HttpExchange.decode(pair.substring(equals + 1));
                put(all, keys(name), 0, value);
            }
        }
    }

    /** {@code a[b][]} as a, b and an empty key. */
    private static List<String> keys(String name) {
        List<String> keys = new ArrayList<>();
        int open = name.indexOf('[');
        if (open <= 0 || !name.endsWith("]")) {
            return List.of(name);
        }
        keys.add(name.substring(0, open));
        while (open >= 0 && keys.size() < DEPTH) {
            int close = name.indexOf(']', open);
            if (close < 0) {
                break;
            }
            keys.add(name.substring(open + 1, close));
            open = name.indexOf('[', close);
        }
        return keys;
    }

    private static void put(JsonNode into, List<String> keys, int depth, String value) {
        String key = keys.get(depth);
        boolean last = depth == keys.size() - 1;
        if (into instanceof ObjectNode object) {
            JsonNode present = object.get(key);
            if (last) {
                if (present == null) {
                    object.put(key, value);
                } else if (present instanceof ArrayNode array) {
                    array.add(value);
                } else {
                    object.putArray(key).add(present).add(value);
                }
            } else {
                if (present == null || present.isValueNode()) {
                    present = container(keys.get(depth + 1));
                    object.set(key, present);
                }
                put(present, keys, depth + 1, value);
            }
        } else if (into instanceof ArrayNode array && array.size() < ELEMENTS) {
            long index = key.isEmpty() ? array.size() : Wire.number(key);
            if (last) {
                array.add(value);
            } else {
                if (index != array.size() - 1) {
                    array.add(container(keys.get(depth + 1)));
                }
                put(array.get(array.size() - 1), keys, depth + 1, value);
            }
        }
    }

    private static JsonNode container(String nextKey) {
        return nextKey.isEmpty() || Wire.number(nextKey) >= 0
                ? VendorJson.MAPPER.createArrayNode()
                : VendorJson.MAPPER.createObjectNode();
    }
}
