package dev.toolpost.worker.credentials;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of a connection record, the same in every store. Unknown fields are skipped, so older versions can read newer ones. */
final class ConnectionJson {

    private ConnectionJson() {}

    static ObjectNode write(ConnectionRecord connection) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("tenant", connection.tenant());
        json.put("connection", connection.connection());
        json.put("vendor", connection.vendor());
        json.put("auth_kind", connection.authKind());
        json.set("variables", write(connection.variables()));
        ObjectNode limits = json.putObject("limits");
        connection.limits().forEach((name, override) -> {
            ObjectNode limit = limits.putObject(name);
            if (override.permits() != null) {
                limit.put("permits", override.permits().intValue());
            }
            if (override.window() != null) {
                limit.put("window", override.window().toString());
            }
        });
        var scopes = json.putArray("scopes");
        connection.scopes().forEach(scopes::add);
        json.set("labels", write(connection.labels()));
        return json;
    }

    static ObjectNode write(Map<String, String> texts) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        texts.forEach(json::put);
        return json;
    }

    /** @throws IllegalArgumentException naming the field that is not as expected */
    static ConnectionRecord read(JsonNode json) {
        Set<String> scopes = new LinkedHashSet<>();
        for (JsonNode scope : json.path("scopes")) {
            scopes.add(text(scope, "scopes"));
        }
        return new ConnectionRecord(
                text(json.path("tenant"), "tenant"),
                text(json.path("connection"), "connection"),
                text(json.path("vendor"), "vendor"),
                text(json.path("auth_kind"), "auth_kind"),
                readTexts(json.path("variables"), "variables"),
                readAll(json.path("limits"), ConnectionJson::readOverride),
                scopes,
                readTexts(json.path("labels"), "labels"));
    }

    static Map<String, String> readTexts(JsonNode json, String field) {
        return readAll(json, value -> text(value, field));
    }

    private static <T> Map<String, T> readAll(JsonNode json, Function<JsonNode, T> read) {
        Map<String, T> all = new LinkedHashMap<>();
        json.properties().forEach(entry -> all.put(entry.getKey(), read.apply(entry.getValue())));
        return all;
    }

    private static LimitOverride readOverride(JsonNode json) {
        JsonNode permits = json.path("permits");
        JsonNode window = json.path("window");
        return new LimitOverride(
                permits.isInt() ? Integer.valueOf(permits.intValue()) : null,
                window.isString() ? duration(window.stringValue()) : null);
    }

    private static @Nullable Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("window: \"" + text + "\" (expected: an ISO 8601 duration)", e);
        }
    }

    private static String text(JsonNode json, String field) {
        if (!json.isString()) {
            throw new IllegalArgumentException(field + ": " + json.getNodeType() + " (expected: text)");
        }
        return json.stringValue();
    }
}
