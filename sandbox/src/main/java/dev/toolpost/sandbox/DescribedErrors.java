package dev.toolpost.sandbox;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A described vendor's errors by their names. Belongs to the loop's thread. */
final class DescribedErrors {

    private record Shape(
            int status,
            Map<String, String> headers,
            @Nullable ReplyTemplate body,
            @Nullable String text) {}

    private static final Map<String, Integer> USUAL_STATUS = Map.of(
            "unauthorized", 401,
            "expired", 401,
            "forbidden", 403,
            "throttled", 429,
            "not_found", 404,
            "unknown_route", 404,
            "full", 503);

    private final Map<String, Shape> shapes = new HashMap<>();

    DescribedErrors(JsonNode errors) {
        for (Map.Entry<String, JsonNode> error : errors.properties()) {
            JsonNode node = error.getValue();
            shapes.put(
                    error.getKey(),
                    new Shape(
                            node.path("status").asInt(0),
                            DescribedRoute.headers(node.path("headers")),
                            node.has("body") ? ReplyTemplate.parse(node.path("body")) : null,
                            node.path("text").isString() ? node.path("text").asString() : null));
        }
    }

    boolean knows(String name) {
        return shapes.containsKey(name);
    }

    /** Writes an error; {@code failed} stands in for one that is not described, with the name as {@code {error}}. */
    void write(HttpExchange exchange, String name, ReplyValues values) {
        int usual = USUAL_STATUS.getOrDefault(name, 400);
        write(exchange, name, usual, values);
    }

    /** An error that a fault asked for by its status: {@code status_503} where that is described. */
    void failed(HttpExchange exchange, int status, ReplyValues values) {
        write(exchange, "status_" + status, status, values);
    }

    private void write(HttpExchange exchange, String name, int usualStatus, ReplyValues values) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            shape = shapes.get("failed");
        }
        int status = shape == null || shape.status() == 0 ? usualStatus : shape.status();
        values.put("error", name).put("status", status);
        exchange.status(status);
        if (shape == null) {
            Wire.json(exchange).text("{\"error\":").string(name).raw((byte) '}');
            return;
        }
        headers(exchange, shape.headers(), values);
        if (shape.body() != null) {
            shape.body().write(Wire.json(exchange), values);
        } else if (shape.text() != null) {
            exchange.header("Content-Type", "text/html;charset=utf-8")
                    .answer()
                    .clear()
                    .text(ReplyTemplate.fill(shape.text(), values));
        }
    }

    static void headers(HttpExchange exchange, Map<String, String> headers, ReplyValues values) {
        headers.forEach((name, value) -> exchange.header(name, ReplyTemplate.fill(value, values)));
    }
}
