package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The answers to writes with an idempotency key: the same request again is given the first one's, another request with the same key is refused. Answers to
 * requests that were refused before they were carried out are not kept. Holds the last {@value #BOUND}. Belongs to the loop's thread.
 */
final class IdempotencyKeys {

    private static final int BOUND = 10_000;

    private record Kept(String request, String sent, int status, String body) {}

    private final @Nullable String header;
    private final List<String> methods;
    private final int longest;
    private final Map<String, String> replayed;
    private final Map<String, Kept> kept = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > BOUND;
        }
    };

    IdempotencyKeys(JsonNode node) {
        this.header = node.path("header").isString() ? node.path("header").asString() : null;
        this.methods = List.of(node.path("methods").asString("POST").split(",", -1));
        this.longest = node.path("longest").asInt(255);
        this.replayed = DescribedRoute.headers(node.path("replayed"));
    }

    /** The request's key with the account that it belongs to, or null. */
    @Nullable
    String key(HttpExchange exchange) {
        String key = header == null || !methods.contains(exchange.method()) ? null : exchange.header(header);
        return key == null || key.isEmpty() ? null : exchange.header("authorization") + "\n" + key;
    }

    boolean isTooLong(HttpExchange exchange) {
        String key = header == null ? null : exchange.header(header);
        return key != null && key.length() > longest;
    }

    /** Whether another request used the key. */
    boolean mismatches(String key, HttpExchange exchange) {
        Kept first = kept.get(key);
        return first != null && (!first.request.equals(request(exchange)) || !first.sent.equals(text(exchange.body())));
    }

    /** Answers with what was kept, if there is something. */
    boolean replays(String key, HttpExchange exchange) {
        Kept first = kept.get(key);
        if (first == null) {
            return false;
        }
        exchange.status(first.status).header("Content-Type", "application/json;charset=utf-8");
        replayed.forEach(exchange::header);
        exchange.answer().clear().raw(first.body.getBytes(StandardCharsets.ISO_8859_1));
        return true;
    }

    /** Keeps the answer that was just written. */
    void keep(String key, HttpExchange exchange) {
        kept.put(
                key,
                new Kept(
                        request(exchange),
                        text(exchange.body()),
                        exchange.status(),
                        text(exchange.answer().toByteArray())));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String request(HttpExchange exchange) {
        return exchange.method() + " " + exchange.path() + "?" + exchange.rawQuery();
    }
}
