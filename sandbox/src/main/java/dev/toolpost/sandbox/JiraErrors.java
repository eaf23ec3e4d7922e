package dev.toolpost.sandbox;

import java.util.Map;

/** Jira's errors: a list of messages and a map of messages by field. */
final class JiraErrors {

    private JiraErrors() {}

    static void write(HttpExchange exchange, int status, String message) {
        Wire.json(exchange.status(status))
                .text("{\"errorMessages\":[")
                .string(message)
                .text("],\"errors\":{}}");
    }

    static void fields(HttpExchange exchange, Map<String, String> errors) {
        ByteText out = Wire.json(exchange.status(400)).text("{\"errorMessages\":[],\"errors\":{");
        boolean first = true;
        for (Map.Entry<String, String> error : errors.entrySet()) {
            if (!first) {
                out.raw((byte) ',');
            }
            first = false;
            out.string(error.getKey()).raw((byte) ':').string(error.getValue());
        }
        out.text("}}");
    }

    static void noIssue(HttpExchange exchange) {
        write(exchange, 404, "Issue does not exist or you do not have permission to see it.");
    }

    static void full(HttpExchange exchange) {
        write(exchange, 503, "The sandbox remembers no more changed records: reset it, or raise its overlay");
    }
}
