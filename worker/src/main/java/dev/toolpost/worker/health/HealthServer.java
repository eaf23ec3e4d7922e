package dev.toolpost.worker.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.toolpost.connectors.hotupdate.ConnectorsStatus;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells orchestrators and people how a worker stands: {@code GET /health/live} (200 while every pool's intake runs),
 * {@code GET /health/ready} (200 while every pool is a member of its group with nothing misaligned); both with the pools'
 * figures and how the connectors stand as JSON. {@code GET /limits} says how the limits of its connections stand, {@code GET /metrics}
 * is for Prometheus. Thread-safe.
 */
public final class HealthServer implements AutoCloseable {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String JSON = "application/json";

    /** The text format of Prometheus, <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">version 0.0.4</a>. */
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final Sources sources;

    private HealthServer(HttpServer server, Sources sources) {
        this.server = server;
        this.sources = sources;
    }

    /**
     * What is asked when somebody asks.
     *
     * @param worker names the process
     * @param limits how the limits of its connections stand
     * @param metrics everything in Prometheus' text format
     */
    public record Sources(
            String worker,
            Supplier<List<PoolWorker.Status>> pools,
            Supplier<ConnectorsStatus> connectors,
            Supplier<List<ConnectionLimits>> limits,
            Supplier<String> metrics) {}

    /**
     * Starts to listen.
     *
     * @throws IOException where the address cannot be bound
     */
    public static HealthServer start(InetSocketAddress address, Sources sources) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        HealthServer health = new HealthServer(server, sources);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health/live", exchange -> health.stand(exchange, false));
        server.createContext("/health/ready", exchange -> health.stand(exchange, true));
        server.createContext("/limits", health::limits);
        server.createContext(
                "/metrics",
                exchange -> answer(exchange, 200, PROMETHEUS, sources.metrics().get()));
        server.start();
        return health;
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void stand(HttpExchange exchange, boolean ready) throws IOException {
        List<PoolWorker.Status> all = sources.pools().get();
        boolean well = all.stream()
                .allMatch(pool -> pool.failure() == null
                        && (!ready || (pool.member() && pool.misaligned().isEmpty())));
        Map<String, Object> body = new TreeMap<>();
        body.put("status", well ? "ok" : "failing");
        body.put("pools", all);
        body.put("connectors", sources.connectors().get());
        answer(exchange, well ? 200 : 503, JSON, MAPPER.writeValueAsString(body));
    }

    private void limits(HttpExchange exchange) throws IOException {
        LimitsQuery query;
        try {
            query = LimitsQuery.of(exchange.getRequestURI().getRawQuery());
        } catch (IllegalArgumentException wrong) {
            answer(exchange, 400, JSON, MAPPER.writeValueAsString(Map.of("error", String.valueOf(wrong.getMessage()))));
            return;
        }
        answer(
                exchange,
                200,
                JSON,
                MAPPER.writeValueAsString(
                        LimitsReport.of(sources.worker(), sources.limits().get(), query)));
    }

    private static void answer(HttpExchange exchange, int status, String contentType, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", contentType);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
