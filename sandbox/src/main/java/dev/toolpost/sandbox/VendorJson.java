package dev.toolpost.sandbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the control endpoints. */
final class VendorJson {

    static final JsonMapper MAPPER = JsonMapper.shared();

    private VendorJson() {}

    static JsonNode parse(byte[] body) {
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("body: not JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("body: expected a JSON object");
    }

    static Fault fault(JsonNode node) {
        String kind = node.path("kind").asString("");
        Fault.Kind parsed;
        try {
            parsed = Fault.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "kind: " + kind + " (expected: one of "
                            + List.of(Fault.Kind.values()).toString().toLowerCase(Locale.ROOT) + ")",
                    e);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> header : node.path("headers").properties()) {
            headers.put(header.getKey(), header.getValue().asString(""));
        }
        long delay = node.path("delay_ms").asLong(0);
        return new Fault(
                parsed,
                node.path("method").isString() ? node.path("method").asString() : null,
                node.path("path").asString("*"),
                node.path("skip").asInt(0),
                node.path("times").asInt(0),
                node.path("probability").asDouble(1),
                node.path("seed").asLong(0),
                Duration.ofMillis(delay),
                Duration.ofMillis(node.path("delay_max_ms").asLong(delay)),
                node.path("status").asInt(500),
                headers,
                node.path("body").isString() ? node.path("body").asString() : null);
    }

    static ObjectNode fault(Fault fault) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("kind", fault.kind().name().toLowerCase(Locale.ROOT))
                .put("path", fault.path())
                .put("skip", fault.skip())
                .put("times", fault.times())
                .put("probability", fault.probability())
                .put("seed", fault.seed())
                .put("delay_ms", fault.delayMin().toMillis())
                .put("delay_max_ms", fault.delayMax().toMillis())
                .put("status", fault.status());
        if (fault.method() != null) {
            node.put("method", fault.method());
        }
        if (fault.body() != null) {
            node.put("body", fault.body());
        }
        ObjectNode headers = node.putObject("headers");
        fault.headers().forEach(headers::put);
        return node;
    }

    static ObjectNode stats(VendorStats stats) {
        ObjectNode node = MAPPER.createObjectNode()
                .put("requests", stats.requests())
                .put("violations", stats.violations())
                .put("unauthorized", stats.unauthorized())
                .put("faults", stats.faults())
                .put("writes", stats.writes())
                .put("cpu_ms", stats.cpuMillis());
        ObjectNode routes = node.putObject("by_route");
        stats.byRoute().forEach(routes::put);
        ObjectNode tokens = node.putObject("by_token");
        stats.byToken().forEach(tokens::put);
        ObjectNode statuses = node.putObject("by_status");
        stats.byStatus().forEach((status, count) -> statuses.put(Integer.toString(status), count));
        ObjectNode repeated = node.putObject("repeated_writes");
        stats.repeatedWrites().forEach(repeated::put);
        return node;
    }

    static VendorStats stats(JsonNode node) {
        Map<String, Long> routes = new TreeMap<>();
        node.path("by_route")
                .properties()
                .forEach(e -> routes.put(e.getKey(), e.getValue().asLong()));
        Map<String, Long> tokens = new TreeMap<>();
        node.path("by_token")
                .properties()
                .forEach(e -> tokens.put(e.getKey(), e.getValue().asLong()));
        Map<Integer, Long> statuses = new TreeMap<>();
        node.path("by_status")
                .properties()
                .forEach(e ->
                        statuses.put(Integer.valueOf(e.getKey()), e.getValue().asLong()));
        Map<String, Integer> repeated = new LinkedHashMap<>();
        node.path("repeated_writes")
                .properties()
                .forEach(e -> repeated.put(e.getKey(), e.getValue().asInt()));
        return new VendorStats(
                node.path("requests").asLong(),
                node.path("violations").asLong(),
                node.path("unauthorized").asLong(),
                node.path("faults").asLong(),
                node.path("writes").asLong(),
                routes,
                tokens,
                statuses,
                repeated,
                node.path("cpu_ms").asLong());
    }

    static ArrayNode arrivals(List<Arrival> arrivals) {
        ArrayNode list = MAPPER.createArrayNode();
        for (Arrival arrival : arrivals) {
            list.addObject()
                    .put("nanos", arrival.nanos())
                    .put("token", arrival.token())
                    .put("route", arrival.route())
                    .put("rejected", arrival.rejected());
        }
        return list;
    }

    static List<Arrival> arrivals(JsonNode list) {
        List<Arrival> arrivals = new ArrayList<>();
        for (JsonNode node : list) {
            arrivals.add(new Arrival(
                    node.path("nanos").asLong(),
                    node.path("token").asString(""),
                    node.path("route").asString(""),
                    node.path("rejected").asBoolean()));
        }
        return arrivals;
    }
}
