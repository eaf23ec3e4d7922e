package dev.toolpost.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;

/**
 * A server with the part of Vault's API that Toolpost uses, answering as Vault and OpenBao do: KV version 2 with check-and-set,
 * tokens with TTL and maximum TTL, AppRole, Kubernetes, policies, namespaces, health; and on demand sealed, standby, rate
 * limited, silent or forgetful. It begins like a dev server: unsealed, a KV engine at {@code secret}, a root token. In memory
 * only. Thread-safe.
 */
public final class SimulatedVault implements AutoCloseable {

    /** What a client sends instead of waiting for the rest of a body that does not come. */
    private static final int STALLED_LENGTH = 1_000;

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final LongSupplier clockMillis;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, VaultSpace> spaces = new TreeMap<>();
    private final List<String> requests = new ArrayList<>();
    private final Deque<VaultFault> faults = new ArrayDeque<>();
    private boolean sealed;
    private int logins;
    private @Nullable URI active;

    private SimulatedVault(HttpServer server, LongSupplier clockMillis) {
        this.server = server;
        this.clockMillis = clockMillis;
        VaultSpace root = new VaultSpace(ids);
        root.mount("secret");
        spaces.put("", root);
        root.token(ROOT_TOKEN, List.of("root"), 0, 0, false, clockMillis.getAsLong());
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** What may do everything everywhere. */
    public static final String ROOT_TOKEN = "hvs.SIMroot";

    /** On a free port of the loopback address, by the machine's clock. */
    public static SimulatedVault start() {
        return start(System::currentTimeMillis);
    }

    /** The same by another clock, in epoch milliseconds. */
    public static SimulatedVault start(LongSupplier clockMillis) {
        try {
            return new SimulatedVault(HttpServer.create(loopback(), 0), clockMillis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Speaks TLS, and asks for a client certificate where that is wanted. */
    public static SimulatedVault startTls(SSLContext tls, boolean clientCertificate) {
        try {
            HttpsServer https = HttpsServer.create(loopback(), 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters wanted = tls.getDefaultSSLParameters();
                    wanted.setNeedClientAuth(clientCertificate);
                    parameters.setSSLParameters(wanted);
                }
            });
            return new SimulatedVault(https, System::currentTimeMillis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** What clients take as {@code VAULT_ADDR}. */
    public URI uri() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://localhost:" + server.getAddress().getPort());
    }

    /** Adds a namespace that is there beside the one that needs no name. */
    public synchronized void addNamespace(String name) {
        spaces.put(name, new VaultSpace(ids));
    }

    /** Has a role of a Kubernetes method take this token of a service account, as a cluster would vouch for it. */
    public synchronized void acceptServiceAccount(String mount, String role, String token) {
        space("").acceptServiceAccount(mount, role, token);
    }

    /** Answers everything with 503 but what says so, until {@link #unseal}. */
    public synchronized void seal() {
        sealed = true;
    }

    public synchronized void unseal() {
        sealed = false;
    }

    /** Becomes a standby that sends every request to another server; null makes it the active one. */
    public synchronized void standBehind(@Nullable URI other) {
        active = other;
    }

    /** Has the next requests do this instead. */
    public synchronized void next(int count, VaultFault fault) {
        for (int i = 0; i < count; i++) {
            faults.add(fault);
        }
    }

    /** Has what was said of the next requests not happen any more. */
    public synchronized void clearFaults() {
        faults.clear();
    }

    /** Ends all tokens but the root token. */
    public synchronized void endTokens() {
        spaces.values().forEach(VaultSpace::endTokens);
    }

    /** Tokens that are good, the root token included. */
    public synchronized int tokens() {
        return spaces.values().stream().mapToInt(VaultSpace::tokens).sum();
    }

    /** Logins that gave a token. */
    public synchronized int logins() {
        return logins;
    }

    /** What was asked so far, such as {@code GET secret/data/toolpost/acme/sales}. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    public synchronized void forgetRequests() {
        requests.clear();
    }

    private VaultSpace space(String name) {
        VaultSpace space = spaces.get(name);
        if (space == null) {
            throw new IllegalArgumentException("namespace " + name + " (expected: of " + spaces.keySet() + ")");
        }
        return space;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            VaultFault fault;
            VaultReply reply;
            synchronized (this) {
                String path = exchange.getRequestURI().getPath().replaceFirst("^/v1/", "");
                fault = path.startsWith("sys/") ? null : faults.poll();
                requests.add(exchange.getRequestMethod() + " " + path);
                reply = fault instanceof VaultFault.Answer(int status, String retryAfter)
                        ? refused(exchange, status, retryAfter)
                        : answer(exchange, path, body);
            }
            if (fault instanceof VaultFault.LoseAnswer) {
                return;
            }
            byte[] bytes = reply.bytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            if (fault instanceof VaultFault.StallBody) {
                stall(exchange, reply.status());
                return;
            }
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private void stall(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, STALLED_LENGTH);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
        try {
            closed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static VaultReply refused(HttpExchange exchange, int status, @Nullable String retryAfter) {
        if (retryAfter != null) {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
        }
        return VaultReply.error(status, "as was asked for");
    }

    private VaultReply answer(HttpExchange exchange, String wholePath, byte[] bytes) {
        if (wholePath.equals("sys/health")) {
            return health();
        }
        if (wholePath.equals("sys/seal-status")) {
            return new VaultReply(
                    200,
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "shamir")
                            .put("initialized", true)
                            .put("sealed", sealed));
        }
        if (sealed) {
            return VaultReply.error(503, "Vault is sealed");
        }
        URI other = active;
        if (other != null) {
            exchange.getResponseHeaders()
                    .set("Location", other + exchange.getRequestURI().toString());
            return new VaultReply(307, null);
        }
        String space = exchange.getRequestHeaders().getFirst("X-Vault-Namespace");
        String name = space == null ? "" : space.replaceAll("^/|/$", "");
        String path = wholePath;
        for (String each : spaces.keySet()) {
            if (name.isEmpty() && !each.isEmpty() && path.startsWith(each + "/")) {
                name = each;
                path = path.substring(each.length() + 1);
            }
        }
        VaultSpace found = spaces.get(name);
        if (found == null) {
            return VaultReply.noRoute(name + "/" + path);
        }
        JsonNode body;
        try {
            body = bytes.length == 0 ? MissingNode.getInstance() : MAPPER.readTree(bytes);
        } catch (JacksonException broken) {
            return VaultReply.error(400, "failed to parse JSON input");
        }
        return answer(exchange, found, path, body);
    }

    private VaultReply answer(HttpExchange exchange, VaultSpace space, String path, JsonNode body) {
        long now = clockMillis.getAsLong();
        String query = exchange.getRequestURI().getQuery();
        boolean listing = exchange.getRequestMethod().equals("LIST") || (query != null && query.contains("list=true"));
        String operation = switch (exchange.getRequestMethod()) {
            case "LIST", "GET" -> listing ? "list" : "read";
            case "DELETE" -> "delete";
            case "PATCH" -> "patch";
            default -> "write";
        };
        String target = listing && !path.endsWith("/") ? path + "/" : path;
        if (space.isLogin(path)) {
            VaultReply reply = space.handle(operation, path, null, body, null, now);
            if (reply.status() == 200) {
                logins++;
            }
            return reply;
        }
        String id = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        VaultLease token = id == null ? null : token(space, id, now);
        if (token == null || !space.allows(token, operation, target)) {
            return VaultReply.denied();
        }
        String version =
                query == null || !query.contains("version=") ? null : query.replaceFirst(".*version=([0-9]+).*", "$1");
        return space.handle(operation, listing ? target : path, version, body, token, now);
    }

    /** The root token counts in every namespace, others in their own. */
    private @Nullable VaultLease token(VaultSpace space, String id, long now) {
        VaultLease own = space.token(id, now);
        if (own != null) {
            return own;
        }
        VaultLease roots = space("").token(id, now);
        return roots != null && roots.isRoot() ? roots : null;
    }

    private VaultReply health() {
        boolean standby = active != null;
        return new VaultReply(
                sealed ? 503 : standby ? 429 : 200,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("initialized", true)
                        .put("sealed", sealed)
                        .put("standby", standby)
                        .put("performance_standby", false)
                        .put("version", "simulated"));
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
