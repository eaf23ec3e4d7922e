package dev.toolpost.worker.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.hotupdate.ConnectorsStatus;
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
 * figures and how the connectors stand as JSON. Thread-safe.
 */
public final class HealthServer implements AutoCloseable {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final HttpServer server;
    private final Supplier<List<PoolWorker.Status>> pools;
    private final Supplier<ConnectorsStatus> connectors;

    private HealthServer(
            HttpServer server, Supplier<List<PoolWorker.Status>> pools, Supplier<ConnectorsStatus> connectors) {
        this.server = server;
        this.pools = pools;
        this.connectors = connectors;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException where the address cannot be bound
     */
    public static HealthServer start(
            InetSocketAddress address, Supplier<List<PoolWorker.Status>> pools, Supplier<ConnectorsStatus> connectors)
            throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        HealthServer health = new HealthServer(server, pools, connectors);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health/live", exchange -> health.answer(exchange, false));
        server.createContext("/health/ready", exchange -> health.answer(exchange, true));
        server.start();
        return health;
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange, boolean ready) throws IOException {
        List<PoolWorker.Status> all = pools.get();
        boolean well = all.stream()
                .allMatch(pool -> pool.failure() == null
                        && (!ready || (pool.member() && pool.misaligned().isEmpty())));
        Map<String, Object> body = new TreeMap<>();
        body.put("status", well ? "ok" : "failing");
        body.put("pools", all);
        body.put("connectors", connectors.get());
        byte[] json = MAPPER.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(well ? 200 : 503, head ? -1 : json.length);
        if (!head) {
            exchange.getResponseBody().write(json);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
