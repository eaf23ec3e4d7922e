package dev.toolpost.worker.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/** A vendor's server that answers each path as a test says. */
public final class RoutedServer implements AutoCloseable {

    /** What came in. */
    public record Received(
            String method, String path, String query, Headers headers, String body, String client, int port) {

        public String header(String name) {
            String value = headers.getFirst(name);
            return value == null ? "" : value;
        }

        @Override
        public String toString() {
            return method + " " + path + (query.isEmpty() ? "" : "?" + query) + " " + body;
        }
    }

    /** What goes out. */
    public record Answer(int status, String body, Map<String, String> headers) {

        public static Answer json(String body) {
            return of(200, body);
        }

        public static Answer of(int status, String body) {
            return new Answer(status, body, Map.of());
        }

        public Answer with(String name, String value) {
            return new Answer(status, body, Map.of(name, value));
        }
    }

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Function<Received, Answer>> routes = new ConcurrentHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();

    private RoutedServer(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public static RoutedServer start() throws IOException {
        return new RoutedServer(
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), "http");
    }

    /** One that lets nobody in without a certificate that its context trusts. */
    public static RoutedServer withClientCertificates(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = context.getDefaultSSLParameters();
                tls.setNeedClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
        return new RoutedServer(server, "https");
    }

    /** Answers a path, by method and path as in {@code POST /token}. */
    public RoutedServer on(String route, Function<Received, Answer> answer) {
        routes.put(route, answer);
        return this;
    }

    public String url() {
        return scheme + "://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Every request, in order. */
    public List<Received> received() {
        return received;
    }

    /** The requests of a route, in order. */
    public List<Received> received(String route) {
        return received.stream()
                .filter(each -> (each.method() + " " + each.path()).equals(route))
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getRawQuery();
            Received request = new Received(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath(),
                    query == null ? "" : query,
                    exchange.getRequestHeaders(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    client(exchange),
                    exchange.getRemoteAddress().getPort());
            received.add(request);
            Function<Received, Answer> route = routes.get(request.method() + " " + request.path());
            Answer answer = route == null ? Answer.of(404, "{\"error\":\"no such path\"}") : route.apply(request);
            if (!answer.headers().containsKey("Content-Type")) {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
            }
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String client(HttpExchange exchange) {
        try {
            Principal principal =
                    exchange instanceof HttpsExchange tls ? tls.getSSLSession().getPeerPrincipal() : null;
            return principal == null ? "" : principal.getName();
        } catch (SSLPeerUnverifiedException nobody) {
            return "";
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
