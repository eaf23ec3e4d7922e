package dev.toolpost.sandbox;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What all dialects read and write alike. */
final class Wire {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Wire() {}

    /** Where the JSON of the answer is written. */
    static ByteText json(HttpExchange exchange) {
        exchange.answer().clear();
        return exchange.header("Content-Type", "application/json;charset=utf-8").answer();
    }

    /** The body as a JSON object, or null. */
    static @Nullable JsonNode object(HttpExchange exchange) {
        try {
            JsonNode body = VendorJson.MAPPER.readTree(exchange.body());
            return body != null && body.isObject() ? body : null;
        } catch (JacksonException e) {
            // Each vendor has its own words for it.
            return null;
        }
    }

    /** A time in UTC to the millisecond with the zone as the vendor writes it. */
    static String date(long millis, String zone) {
        return DATE.format(Instant.ofEpochMilli(millis)) + zone;
    }

    /** A whole number of at most 18 digits, or -1. */
    static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
