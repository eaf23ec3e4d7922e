package dev.toolpost.sandbox;

import java.util.List;

/** Salesforce's errors: an array of objects with a code and a message. */
final class SalesforceErrors {

    private SalesforceErrors() {}

    static void write(HttpExchange exchange, int status, String code, String message) {
        ByteText out = Wire.json(exchange.status(status)).text("[{\"message\":").string(message);
        out.text(",\"errorCode\":").string(code).text("}]");
    }

    static void write(HttpExchange exchange, int status, String code, String message, List<String> fields) {
        ByteText out = Wire.json(exchange.status(status)).text("[{\"message\":").string(message);
        out.text(",\"errorCode\":").string(code).text(",\"fields\":[");
        for (int i = 0; i < fields.size(); i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            out.string(fields.get(i));
        }
        out.text("]}]");
    }

    static void notFound(HttpExchange exchange) {
        write(exchange, 404, "NOT_FOUND", "The requested resource does not exist");
    }

    static void full(HttpExchange exchange) {
        write(
                exchange,
                503,
                "SERVER_UNAVAILABLE",
                "The sandbox remembers no more changed records: reset it, or raise its overlay");
    }
}
