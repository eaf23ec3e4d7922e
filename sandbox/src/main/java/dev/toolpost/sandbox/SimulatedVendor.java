package dev.toolpost.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A vendor's HTTP API with real wire shapes: bearer tokens, strict sliding limits per token, any number of records in constant memory, writes
 * that are counted, and faults on demand. It speaks HubSpot.
 *
 * <p>Everything happens on one thread in the order of arrival, so the limits are exact and no request slips between two counts. The
 * same controls are served as JSON under {@code /_sandbox}: {@code GET stats}, {@code GET arrivals?last=}, {@code GET
 * writes?operation=&collection=&marker=}, {@code POST faults}, {@code GET faults?id=}, {@code DELETE faults[?id=]}, {@code PUT tokens} ({@code
 * {"token","state"}}), {@code DELETE tokens?token=}, {@code PUT records} ({@code {"collection","count"}}), {@code POST reset}. They are open to whoever
 * reaches the port: keep it on the loopback address. Thread-safe.
 */
public final class SimulatedVendor implements VendorControl, AutoCloseable {

    /** Accepted from the start. */
    public static final String DEFAULT_TOKEN = "sandbox-token";

    private static final String CONTROL = "/_sandbox/";
    private static final String BEARER = "Bearer ";

    /** A token that the vendor knows, with its own windows. */
    private static final class Account {
        private final @Nullable SlidingWindow[] windows;
        private TokenState state;

        private Account(TokenState state, int limits) {
            this.state = state;
            this.windows = new SlidingWindow[limits];
        }
    }

    private final HttpLoop loop;

    // Owned by the loop's thread.
    private final Map<String, Account> accounts = new HashMap<>();
    private final List<VendorLimit> limits;
    private final Map<String, RecordCollection> collections = new LinkedHashMap<>();
    private final VendorCounts counts = new VendorCounts();
    private final FaultPlan faults = new FaultPlan();
    private final FaultPerformer performer;
    private final Dialect dialect;
    private final long latencyNanos;

    private SimulatedVendor(Builder builder) {
        VendorProfile profile = VendorProfile.load("hubspot");
        this.limits = builder.limits(profile.limits());
        this.latencyNanos = builder.latency.toNanos();
        for (VendorProfile.CollectionProfile collection : profile.collections()) {
            RecordCollection records = new RecordCollection(collection, builder.seed, builder.overlay);
            Long count = builder.records.remove(collection.name());
            if (count != null) {
                records.records(count);
            }
            collections.put(collection.name(), records);
        }
        if (!builder.records.isEmpty()) {
            throw new IllegalArgumentException(
                    "collections: " + builder.records.keySet() + " (expected: of " + collections.keySet() + ")");
        }
        builder.tokens.forEach(token -> accounts.put(token, new Account(TokenState.ACCEPTED, limits.size())));
        this.loop = new HttpLoop("sandbox-vendor", builder.host, builder.port, this::handle);
        this.dialect =
                new HubSpotDialect(List.copyOf(collections.values()), counts, System::currentTimeMillis, loop::uri);
        this.performer = new FaultPerformer(dialect, System::currentTimeMillis);
        loop.start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A vendor on a free port of the loopback address with the limits that it really has. */
    public static SimulatedVendor start() {
        return builder().start();
    }

    @Override
    public URI uri() {
        return loop.uri();
    }

    @Override
    public VendorStats stats() {
        return loop.call(this::snapshot);
    }

    @Override
    public List<Arrival> arrivals(int last) {
        return loop.call(() -> counts.arrivals(last));
    }

    @Override
    public int writes(String operation, String collection, String marker) {
        return loop.call(() -> counts.writes(operation, collection, marker));
    }

    @Override
    public long inject(Fault fault) {
        return loop.call(() -> faults.inject(fault));
    }

    @Override
    public long happened(long faultId) {
        return loop.call(() -> faults.happened(faultId));
    }

    @Override
    public void removeFault(long faultId) {
        boolean _ = loop.call(() -> faults.remove(faultId));
    }

    @Override
    public void clearFaults() {
        loop.call(() -> {
            faults.clear();
            return true;
        });
    }

    @Override
    public void token(String token, TokenState state) {
        loop.call(() -> {
            know(token, state);
            return true;
        });
    }

    @Override
    public void removeToken(String token) {
        loop.call(() -> {
            accounts.remove(token);
            return true;
        });
    }

    @Override
    public void records(String collection, long count) {
        loop.call(() -> {
            collection(collection).records(count);
            return true;
        });
    }

    @Override
    public void reset() {
        loop.call(() -> {
            forget();
            return true;
        });
    }

    @Override
    public void close() {
        loop.close();
    }

    private void handle(HttpExchange exchange) {
        String path = exchange.path();
        if (path.startsWith(CONTROL)) {
            control(exchange, path.substring(CONTROL.length()));
            return;
        }
        Dialect.Route route = dialect.route(exchange.method(), path);
        String token = token(exchange);
        Account account = accounts.get(token);
        if (account == null || account.state == TokenState.EXPIRED) {
            counts.arrived(exchange.arrivedNanos(), token, route.name(), false);
            counts.unauthorized++;
            dialect.unauthorized(exchange, account == null ? null : account.state);
            send(exchange, 0);
            return;
        }
        if (!withinLimits(exchange, account, path)) {
            counts.arrived(exchange.arrivedNanos(), token, route.name(), true);
            counts.violations++;
            send(exchange, 0);
            return;
        }
        counts.arrived(exchange.arrivedNanos(), token, route.name(), false);
        if (account.state == TokenState.READ_ONLY && writes(route.operation())) {
            dialect.forbidden(exchange);
            send(exchange, latencyNanos);
            return;
        }
        Fault fault = faults.choose(exchange.method(), path);
        long delayNanos = latencyNanos + faults.delayNanos();
        if (fault == null) {
            dialect.answer(exchange, route, Dialect.Quirk.NONE);
            send(exchange, delayNanos);
        } else {
            performer.perform(fault, exchange, route, delayNanos);
            counts.answered(exchange.status());
        }
    }

    private void send(HttpExchange exchange, long delayNanos) {
        counts.answered(exchange.status());
        exchange.send(delayNanos);
    }

    /** Counts the request in every window that it belongs to, or in none and writes the refusal. */
    private boolean withinLimits(HttpExchange exchange, Account account, String path) {
        long now = exchange.arrivedNanos();
        for (int i = 0; i < limits.size(); i++) {
            VendorLimit limit = limits.get(i);
            if (limit.covers(path) && !window(account, i).hasRoom(now)) {
                dialect.throttled(exchange, limit);
                return false;
            }
        }
        for (int i = 0; i < limits.size(); i++) {
            VendorLimit limit = limits.get(i);
            if (limit.covers(path)) {
                SlidingWindow window = window(account, i);
                window.take(now);
                dialect.limitHeaders(exchange, limit, window.remaining());
            }
        }
        return true;
    }

    private SlidingWindow window(Account account, int index) {
        SlidingWindow window = account.windows[index];
        if (window == null) {
            VendorLimit limit = limits.get(index);
            window = new SlidingWindow(limit.permits(), limit.window().toNanos());
            account.windows[index] = window;
        }
        return window;
    }

    private static boolean writes(Dialect.Operation operation) {
        return switch (operation) {
            case CREATE, UPDATE, ARCHIVE, UPSERT -> true;
            case LIST, GET, SEARCH, UNKNOWN -> false;
        };
    }

    private static String token(HttpExchange exchange) {
        String authorization = exchange.header("authorization");
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : "";
    }

    private void know(String token, TokenState state) {
        Account account = accounts.computeIfAbsent(token, _ -> new Account(state, limits.size()));
        account.state = state;
    }

    private void forget() {
        counts.reset();
        faults.clear();
        collections.values().forEach(RecordCollection::reset);
        accounts.replaceAll((_, account) -> new Account(account.state, limits.size()));
    }

    private RecordCollection collection(String name) {
        RecordCollection collection = collections.get(name);
        if (collection == null) {
            throw new IllegalArgumentException(
                    "collection: " + name + " (expected: one of " + collections.keySet() + ")");
        }
        return collection;
    }

    private VendorStats snapshot() {
        return new VendorStats(
                counts.requests,
                counts.violations,
                counts.unauthorized,
                faults.happened(),
                counts.writes,
                counts.byRoute(),
                counts.byToken(),
                counts.byStatus(),
                counts.repeatedWrites(),
                loop.cpuNanos() / 1_000_000);
    }

    private void control(HttpExchange exchange, String what) {
        try {
            String answer = controlled(exchange, what);
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

    private String controlled(HttpExchange exchange, String what) {
        return switch (exchange.method() + " " + what) {
            case "GET stats" -> VendorJson.stats(snapshot()).toString();
            case "GET arrivals" ->
                VendorJson.arrivals(counts.arrivals((int) number(exchange, "last", 1000)))
                        .toString();
            case "GET writes" ->
                "{\"count\":"
                        + counts.writes(
                                required(exchange, "operation"),
                                required(exchange, "collection"),
                                required(exchange, "marker"))
                        + "}";
            case "POST faults" -> "{\"id\":" + faults.inject(VendorJson.fault(VendorJson.parse(exchange.body()))) + "}";
            case "GET faults" -> "{\"happened\":" + faults.happened(number(exchange, "id", -1)) + "}";
            case "DELETE faults" -> {
                long id = number(exchange, "id", -1);
                if (id < 0) {
                    faults.clear();
                } else {
                    faults.remove(id);
                }
                yield "{}";
            }
            case "PUT tokens" -> {
                JsonNode body = VendorJson.parse(exchange.body());
                know(
                        body.path("token").asString(""),
                        TokenState.valueOf(
                                body.path("state").asString("accepted").toUpperCase(Locale.ROOT)));
                yield "{}";
            }
            case "DELETE tokens" -> {
                accounts.remove(required(exchange, "token"));
                yield "{}";
            }
            case "PUT records" -> {
                JsonNode body = VendorJson.parse(exchange.body());
                collection(body.path("collection").asString(""))
                        .records(body.path("count").asLong(-1));
                yield "{}";
            }
            case "POST reset" -> {
                forget();
                yield "{}";
            }
            default ->
                throw new IllegalArgumentException(exchange.method() + " " + CONTROL + what
                        + " (expected: stats, arrivals, writes, faults, tokens, records or reset)");
        };
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

    /** Settings of a vendor to be started. Not thread-safe. */
    public static final class Builder {

        private String host = Listening.LOOPBACK;
        private int port;
        private long seed = 1;
        private int overlay = 200_000;
        private Duration latency = Duration.ZERO;
        private final Map<String, Long> records = new HashMap<>();
        private final List<String> tokens = new ArrayList<>(List.of(DEFAULT_TOKEN));
        private final Map<String, VendorLimit> changedLimits = new HashMap<>();
        private boolean unlimited;

        private Builder() {}

        /** Where to listen; default 127.0.0.1. */
        public Builder host(String newHost) {
            host = newHost;
            return this;
        }

        /** Default 0: any free port. */
        public Builder port(int newPort) {
            port = newPort;
            return this;
        }

        /** Same seed, same records. */
        public Builder seed(long newSeed) {
            seed = newSeed;
            return this;
        }

        /** How many records a collection (contacts, deals, companies) computes; default 1,000 contacts and deals, 200 companies. */
        public Builder records(String collection, long count) {
            records.put(collection, count);
            return this;
        }

        /** How many created or changed records are remembered; default 200,000. */
        public Builder overlay(int newOverlay) {
            overlay = newOverlay;
            return this;
        }

        /** Accepts a token besides {@value SimulatedVendor#DEFAULT_TOKEN}. */
        public Builder token(String token) {
            tokens.add(token);
            return this;
        }

        /** How long every answer takes; default no time. */
        public Builder latency(Duration newLatency) {
            latency = newLatency;
            return this;
        }

        /** The rolling limit of everything but search, per token; default 110 in 10 s. */
        public Builder limit(int permits, Duration window) {
            changedLimits.put(
                    "TEN_SECONDLY_ROLLING", new VendorLimit("TEN_SECONDLY_ROLLING", permits, window, "*", "*/search"));
            return this;
        }

        /** The limit of search, per token; default 5 in 1 s. */
        public Builder searchLimit(int permits, Duration window) {
            changedLimits.put("SECONDLY", new VendorLimit("SECONDLY", permits, window, "*/search", ""));
            return this;
        }

        /** No limits at all. */
        public Builder unlimited() {
            unlimited = true;
            return this;
        }

        /**
         * Starts the vendor.
         *
         * @throws SandboxException when the port is taken
         */
        public SimulatedVendor start() {
            return new SimulatedVendor(this);
        }

        private List<VendorLimit> limits(List<VendorLimit> usual) {
            if (unlimited) {
                return List.of();
            }
            return usual.stream()
                    .map(limit -> changedLimits.getOrDefault(limit.name(), limit))
                    .filter(limit -> limit.permits() > 0)
                    .toList();
        }
    }

    /**
     * Runs a vendor as a process of its own: prints {@code {"vendor":"http://…"}} and serves until its standard input ends. Options as in {@link Sandbox#main}.
     */
    public static void main(String[] args) {
        SandboxOptions options = SandboxOptions.parse(args);
        try (SimulatedVendor vendor = options.vendor().start()) {
            options.announce(Map.of("vendor", vendor.uri().toString()));
            options.awaitEnd();
        } catch (SandboxException e) {
            SandboxOptions.fail(e);
        }
    }
}
