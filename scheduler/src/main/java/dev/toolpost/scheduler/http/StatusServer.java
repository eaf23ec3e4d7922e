package dev.toolpost.scheduler.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens and hands what is asked to a {@link Router}, each question on a virtual thread of its own. Questions answered at a time, connections,
 * the size of a request and the time that it and its answer may take are bounded; who comes beyond that is told to come again. Thread-safe.
 *
 * <p>The JDK's server takes the bounds of connections from properties of the process, as they are when the first such server is made. Those that
 * an operator sets stay.
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);
    private static final Set<String> METHODS = Set.of("GET", "HEAD");

    /** Each holds what it gathers in memory. */
    static final int MOST_AT_ONCE = 64;

    private static final Map<String, Integer> BOUNDS = Map.of(
            "jdk.httpserver.maxConnections", 256,
            "sun.net.httpserver.maxIdleConnections", 64,
            "sun.net.httpserver.maxReqTime", 10,
            "sun.net.httpserver.maxRspTime", 60,
            "sun.net.httpserver.maxReqHeaderSize", 16 << 10);

    static {
        BOUNDS.forEach((property, bound) -> {
            if (System.getProperty(property) == null) {
                System.setProperty(property, bound.toString());
            }
        });
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Router router;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    private StatusServer(HttpServer server, Router router) {
        this.server = server;
        this.router = router;
    }

    /**
     * Takes the address, so that its port is known; answers from {@link #start()} on.
     *
     * @throws IOException where the address cannot be bound
     */
    public static StatusServer bind(InetSocketAddress address, Router router) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        StatusServer status = new StatusServer(server, router);
        server.setExecutor(status.threads);
        server.createContext("/", status::exchange);
        return status;
    }

    public void start() {
        server.start();
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void exchange(HttpExchange exchange) throws IOException {
        Answer answer = answer(exchange);
        exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        boolean empty = exchange.getRequestMethod().equals("HEAD") || answer.body().length == 0;
        exchange.sendResponseHeaders(answer.status(), empty ? -1 : answer.body().length);
        if (!empty) {
            exchange.getResponseBody().write(answer.body());
        }
        exchange.close();
    }

    private Answer answer(HttpExchange exchange) {
        if (!METHODS.contains(exchange.getRequestMethod())) {
            return Answer.error(405, exchange.getRequestMethod() + " (expected: GET or HEAD)");
        }
        if (!places.tryAcquire()) {
            return Answer.error(503, MOST_AT_ONCE + " questions are being answered here: ask again in a moment");
        }
        try {
            String path = exchange.getRequestURI().getRawPath();
            return router.answer(
                    path == null ? "" : path, query(exchange.getRequestURI().getRawQuery()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.error(503, "the scheduler is stopping: ask another instance");
        } catch (RuntimeException e) {
            LOG.warn("No answer to {}", exchange.getRequestURI().getPath(), e);
            return Answer.error(500, "the scheduler could not answer; its log says why");
        } finally {
            places.release();
        }
    }

    static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                query.put(
                        decoded(equals < 0 ? pair : pair.substring(0, equals)),
                        equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
