package dev.toolpost.sandbox;

import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Serves a vendor's controls as JSON under {@code /_sandbox}. Belongs to the loop's thread. */
final class ControlEndpoints {

    static final String PATH = "/_sandbox/";

    private final VendorControl vendor;

    ControlEndpoints(VendorControl vendor) {
        this.vendor = vendor;
    }

    void handle(HttpExchange exchange) {
        try {
            String answer = answer(exchange, exchange.path().substring(PATH.length()));
            exchange.header("Content-Type", "application/json").answer().text(answer);
        } catch (IllegalArgumentException e) {
            exchange.status(400).header("Content-Type", "application/json");
            exchange.answer()
                    .clear()
                    .text("{\"error\":")
                    .string(String.valueOf(e.getMessage()))
                    .raw((byte) '}');
        }
        exchange.send();
    }

    private String answer(HttpExchange exchange, String what) {
        return switch (exchange.method() + " " + what) {
            case "GET stats" -> VendorJson.stats(vendor.stats()).toString();
            case "GET arrivals" ->
                VendorJson.arrivals(vendor.arrivals((int) number(exchange, "last", 1000)))
                        .toString();
            case "GET writes" ->
                "{\"count\":"
                        + vendor.writes(
                                required(exchange, "operation"),
                                required(exchange, "collection"),
                                required(exchange, "marker"))
                        + "}";
            case "POST faults" -> "{\"id\":" + vendor.inject(VendorJson.fault(body(exchange))) + "}";
            case "GET faults" -> "{\"happened\":" + vendor.happened(number(exchange, "id", -1)) + "}";
            case "GET oauth" -> VendorControlJson.oauth(vendor.oauth()).toString();
            case "POST grants" ->
                VendorControlJson.grant(vendor.grant(VendorControlJson.spec(body(exchange))))
                        .toString();
            case "GET grants" ->
                VendorControlJson.grant(vendor.grant(required(exchange, "id"))).toString();
            case "GET pages" ->
                VendorControlJson.pages(vendor.pages((int) number(exchange, "last", 1000)))
                        .toString();
            default -> {
                change(exchange, what);
                yield "{}";
            }
        };
    }

    private void change(HttpExchange exchange, String what) {
        switch (exchange.method() + " " + what) {
            case "DELETE faults" -> {
                long id = number(exchange, "id", -1);
                if (id < 0) {
                    vendor.clearFaults();
                } else {
                    vendor.removeFault(id);
                }
            }
            case "PUT tokens" -> {
                JsonNode body = body(exchange);
                vendor.token(
                        body.path("token").asString(""),
                        TokenState.valueOf(
                                body.path("state").asString("accepted").toUpperCase(Locale.ROOT)));
            }
            case "DELETE tokens" -> vendor.removeToken(required(exchange, "token"));
            case "POST tokens/expire" -> vendor.expireTokens();
            case "DELETE grants" -> vendor.revoke(required(exchange, "id"));
            case "POST clock" ->
                vendor.advanceClock(
                        Duration.ofMillis(body(exchange).path("advance_ms").asLong(-1)));
            case "PUT churn" -> vendor.churn(VendorControlJson.churn(body(exchange)));
            case "PUT pages" -> vendor.logPages(body(exchange).path("bound").asInt(-1));
            case "PUT records" -> {
                JsonNode body = body(exchange);
                vendor.records(
                        body.path("collection").asString(""), body.path("count").asLong(-1));
            }
            case "PUT limits" -> {
                JsonNode body = body(exchange);
                vendor.limit(
                        body.path("limit").asString(""), body.path("permits").asInt(-1));
            }
            case "POST reset" -> vendor.reset();
            default ->
                throw new IllegalArgumentException(
                        exchange.method() + " " + PATH + what
                                + " (expected: stats, arrivals, writes, faults, tokens, grants, oauth, clock, churn, pages, records, limits or reset)");
        }
    }

    private static JsonNode body(HttpExchange exchange) {
        return VendorJson.parse(exchange.body());
    }

    private static String required(HttpExchange exchange, String name) {
        String value = exchange.query(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing in the query");
        }
        return value;
    }

    private static long number(HttpExchange exchange, String name, long otherwise) {
        String value = exchange.query(name);
        return value == null ? otherwise : Long.parseLong(value);
    }
}
