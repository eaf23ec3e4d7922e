package dev.toolpost.sandbox;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** HubSpot's errors, each with a correlation id of its own. Belongs to the loop's thread. */
final class HubSpotErrors {

    private long correlation;

    void error(HttpExchange exchange, int status, @Nullable String category, String message) {
        error(exchange, status, category, message, out -> out);
    }

    void error(
            HttpExchange exchange,
            int status,
            @Nullable String category,
            String message,
            UnaryOperator<ByteText> more) {
        ByteText out = Wire.json(exchange.status(status))
                .text("{\"status\":\"error\",\"message\":")
                .string(message);
        correlate(out);
        if (category != null) {
            out.text(",\"category\":").string(category);
        }
        more.apply(out).raw((byte) '}');
    }

    void invalid(HttpExchange exchange, String in, String code, String message) {
        error(
                exchange,
                400,
                "VALIDATION_ERROR",
                message,
                out -> out.text(",\"errors\":[{\"message\":")
                        .string(message)
                        .text(",\"code\":")
                        .string(code)
                        .text(",\"in\":")
                        .string(in)
                        .text("}]"));
    }

    void full(HttpExchange exchange) {
        error(exchange, 503, null, "The sandbox remembers no more changed records: reset it, or raise its overlay");
    }

    /** The body as a JSON object, or null after an answer that says what is wrong. */
    @Nullable
    JsonNode body(HttpExchange exchange) {
        JsonNode body = Wire.object(exchange);
        if (body == null) {
            error(exchange, 400, "VALIDATION_ERROR", "Invalid input JSON: expected an object");
        }
        return body;
    }

    /** Appends a new correlation id. */
    ByteText correlate(ByteText out) {
        long first = PropertyTemplate.mix(++correlation);
        long second = PropertyTemplate.mix(~correlation);
        return out.text(",\"correlationId\":\"")
                .hex(first >>> 32, 8)
                .raw((byte) '-')
                .hex(first >>> 16, 4)
                .raw((byte) '-')
                .hex(first, 4)
                .raw((byte) '-')
                .hex(second >>> 48, 4)
                .raw((byte) '-')
                .hex(second, 12)
                .raw((byte) '"');
    }
}
