package dev.toolpost.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A vendor's HTTP API with real wire shapes: bearer tokens, an OAuth2 token endpoint, strict sliding limits per token or grant, any number of records in
 * constant memory that may come and go while they are listed, writes that are counted, and faults on demand, also on the token endpoint.
 *
 * <p>Everything happens on one thread in the order of arrival, so the limits are exact and no request slips between two counts. The
 * same controls are served as JSON under {@code /_sandbox}: {@code GET stats}, {@code GET arrivals?last=}, {@code GET
 * writes?operation=&collection=&marker=}, {@code POST faults}, {@code GET faults?id=}, {@code DELETE faults[?id=]}, {@code PUT tokens} ({@code
 * {"token","state"}}), {@code DELETE tokens?token=}, {@code POST tokens/expire}, {@code POST grants} ({@code
 * {"lifetime_ms","rotates","reuse_leeway_ms","client_auth","read_only"}}, all optional), {@code GET} and {@code DELETE grants?id=}, {@code GET oauth}, {@code POST
 * clock} ({@code {"advance_ms"}}), {@code PUT churn} ({@code {"inserts","deletes","reach","seed","changes"}}), {@code PUT pages} ({@code {"bound"}}), {@code GET
 * pages?last=}, {@code PUT records} ({@code {"collection","count"}}), {@code PUT limits} ({@code {"limit","permits"}}), {@code POST reset}. They are open to whoever reaches the port: keep it on
 * the loopback address. Thread-safe.
 */
public final class SimulatedVendor implements VendorControl, AutoCloseable {

    /** Accepted from the start. */
    public static final String DEFAULT_TOKEN = "sandbox-token";

    private final String name;
    private final HttpLoop loop;

    // Owned by the loop's thread.
    private final VendorAccounts accounts = new VendorAccounts();
    private final List<VendorLimit> limits; // of which numbers change
    private final int concurrency;
    private final List<CredentialPlace.Named> credentialPlaces;
    private final Map<String, RecordCollection> collections = new LinkedHashMap<>();
    private final VendorCounts counts = new VendorCounts();
    private final VendorClock clock = new VendorClock();
    private final FaultPlan faults = new FaultPlan();
    private final PageLog pages = new PageLog();
    private final Churning churning = new Churning();
    private final FaultPerformer performer;
    private final OAuthServer oauth;
    private final Dialect dialect;
    private final ControlEndpoints control;
    private final long latencyNanos;

    private SimulatedVendor(Builder builder) {
        String described = builder.description;
        VendorProfile profile =
                described == null ? VendorProfile.load(builder.profile) : VendorProfile.parse(described);
        this.name = profile.vendor();
        this.credentialPlaces = profile.auth();
        this.limits = new ArrayList<>(builder.limits(profile.limits()));
        this.concurrency = builder.concurrency;
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
        builder.tokens.forEach(token -> accounts.know(token, TokenState.ACCEPTED));
        accounts.know(CredentialPlace.ANONYMOUS, TokenState.ACCEPTED);
        this.loop = new HttpLoop("sandbox-" + name, builder.host, builder.port, this::handle);
        this.oauth = new OAuthServer(profile.oauth(), accounts, clock, loop::uri, builder.seed);
        this.dialect = Dialect.of(
                profile,
                new VendorState(
                        List.copyOf(collections.values()), counts, clock, loop::uri, pages, churning, builder.seed));
        this.performer = new FaultPerformer(dialect, clock);
        this.control = new ControlEndpoints(this);
        loop.start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A vendor on a free port of the loopback address with the limits that it really has. */
    public static SimulatedVendor start() {
        return builder().start();
    }

    /** The vendors that are described beside this class. */
    public static List<String> vendors() {
        return VendorProfile.NAMES;
    }

    /** {@code hubspot}, {@code slack} and so on. */
    public String name() {
        return name;
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
        run(() -> faults.clear());
    }

    @Override
    public void token(String token, TokenState state) {
        run(() -> accounts.know(token, state));
    }

    @Override
    public void removeToken(String token) {
        run(() -> accounts.forget(token));
    }

    @Override
    public OAuthGrant grant(GrantSpec spec) {
        return loop.call(() -> oauth.grant(spec));
    }

    @Override
    public OAuthGrant grant(String grantId) {
        return loop.call(() -> oauth.grant(grantId));
    }

    @Override
    public void expireTokens() {
        run(oauth::expireTokens);
    }

    @Override
    public void revoke(String grantId) {
        run(() -> oauth.revoke(grantId));
    }

    @Override
    public OAuthStats oauth() {
        return loop.call(oauth::stats);
    }

    @Override
    public void advanceClock(Duration by) {
        run(() -> clock.advance(by.toMillis()));
    }

    @Override
    public void churn(Churn churn) {
        run(() -> churning.follow(churn));
    }

    @Override
    public void logPages(int bound) {
        run(() -> pages.bound(bound));
    }

    @Override
    public List<ServedPage> pages(int last) {
        return loop.call(() -> pages.last(last));
    }

    @Override
    public void records(String collection, long count) {
        run(() -> collection(collection).records(count));
    }

    @Override
    public void limit(String limit, int permits) {
        run(() -> changeLimit(limit, permits));
    }

    private void changeLimit(String limit, int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits: " + permits + " (expected: at least 1)");
        }
        for (int i = 0; i < limits.size(); i++) {
            VendorLimit known = limits.get(i);
            if (limit.isEmpty() || known.name().equals(limit)) {
                limits.set(i, known.of(permits, known.window()));
                return;
            }
        }
        throw new IllegalArgumentException("limit: " + limit + " (expected: of "
                + limits.stream().map(VendorLimit::name).toList() + ")");
    }

    @Override
    public void reset() {
        run(() -> forget());
    }

    @Override
    public void close() {
        loop.close();
    }

    private void run(Runnable action) {
        boolean _ = loop.call(() -> {
            action.run();
            return true;
        });
    }

    private void handle(HttpExchange exchange) {
        String path = exchange.path();
        if (path.startsWith(ControlEndpoints.PATH)) {
            control.handle(exchange);
            return;
        }
        if (oauth.serves(path)) {
            counts.arrived(exchange.arrivedNanos(), "", exchange.method() + " " + path, false);
            TokenRequest request = oauth.arrived(exchange);
            process(exchange, _ -> oauth.answer(exchange, request), null);
            return;
        }
        if (oauth.servesPeople(path)) {
            counts.arrived(exchange.arrivedNanos(), "", exchange.method() + " " + path, false);
            process(exchange, _ -> oauth.answerPeople(exchange), null);
            return;
        }
        Dialect.Route route = dialect.route(exchange.method(), path);
        String token = token(exchange);
        VendorAccounts.Token known = accounts.find(token);
        TokenState state = known == null ? null : known.state(clock.getAsLong());
        if (known == null || state == TokenState.EXPIRED) {
            counts.arrived(exchange.arrivedNanos(), token, route.name(), false);
            counts.unauthorized++;
            dialect.unauthorized(exchange, state);
            send(exchange, 0);
            return;
        }
        VendorAccounts.Account account = known.account();
        if (!withinLimits(exchange, account, route)) {
            counts.arrived(exchange.arrivedNanos(), token, route.name(), true);
            counts.violations++;
            send(exchange, 0);
            return;
        }
        counts.arrived(exchange.arrivedNanos(), token, route.name(), false);
        if (state == TokenState.READ_ONLY && route.operation().writes()) {
            dialect.forbidden(exchange);
            send(exchange, latencyNanos);
            return;
        }
        pages.account(account.label());
        process(exchange, quirk -> dialect.answer(exchange, route, quirk), account);
    }

    private void process(
            HttpExchange exchange, FaultPerformer.Processing processing, VendorAccounts.@Nullable Account account) {
        Fault fault = faults.choose(exchange.method(), exchange.path());
        long delayNanos = latencyNanos + faults.delayNanos();
        if (concurrency > 0 && account != null && delayNanos > 0) {
            account.underWay(1);
            loop.at(System.nanoTime() + delayNanos, () -> account.underWay(-1));
        }
        if (fault == null) {
            processing.process(Dialect.Quirk.NONE);
            send(exchange, delayNanos);
        } else {
            performer.perform(fault, exchange, processing, delayNanos);
            counts.answered(exchange.status());
        }
    }

    private void send(HttpExchange exchange, long delayNanos) {
        counts.answered(exchange.status());
        exchange.send(delayNanos);
    }

    /** Counts the request in every window that it belongs to, or in none and writes the refusal. */
    private boolean withinLimits(HttpExchange exchange, VendorAccounts.Account account, Dialect.Route route) {
        if (concurrency > 0 && account.underWay() >= concurrency) {
            dialect.throttled(exchange, concurrent(), Room.NONE);
            return false;
        }
        Moment now = new Moment(exchange.arrivedNanos(), clock.getAsLong());
        for (VendorLimit limit : limits) {
            if (covers(limit, exchange, route)) {
                Window window = window(exchange, account, limit, route);
                int cost = cost(limit, route);
                if (!window.hasRoom(now, cost)) {
                    dialect.throttled(exchange, limit, window.room(now, cost));
                    return false;
                }
            }
        }
        for (VendorLimit limit : limits) {
            if (covers(limit, exchange, route)) {
                Window window = window(exchange, account, limit, route);
                int cost = cost(limit, route);
                window.take(now, cost);
                dialect.limitHeaders(exchange, limit, window.room(now, cost));
            }
        }
        return true;
    }

    private VendorLimit concurrent() {
        return VendorLimit.read(VendorJson.MAPPER
                .createObjectNode()
                .put("name", Dialect.CONCURRENCY)
                .put("permits", concurrency));
    }

    private Window window(
            HttpExchange exchange, VendorAccounts.Account account, VendorLimit limit, Dialect.Route route) {
        VendorAccounts.Account owner = limit.per() == VendorLimit.Per.VENDOR ? accounts.shared() : account;
        Window window = owner.window(dialect.window(exchange, limit, route), limit);
        window.allow(limit.permits());
        return window;
    }

    private int cost(VendorLimit limit, Dialect.Route route) {
        return limit.costed() ? dialect.cost(route) : 1;
    }

    private static boolean covers(VendorLimit limit, HttpExchange exchange, Dialect.Route route) {
        return limit.covers(exchange.method(), exchange.path())
                && (limit.per() != VendorLimit.Per.RECORD
                        || (route.operation().writes() && !route.id().isEmpty()));
    }

    private String token(HttpExchange exchange) {
        for (CredentialPlace.Named place : credentialPlaces) {
            String token = place.token(exchange);
            if (!token.isEmpty()) {
                return token;
            }
        }
        return "";
    }

    private void forget() {
        counts.reset();
        faults.clear();
        pages.clear();
        churning.follow(Churn.NONE);
        oauth.forgetCounts();
        collections.values().forEach(RecordCollection::reset);
        accounts.forgetWindows();
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

    /** Settings of a vendor to be started. Not thread-safe. */
    public static final class Builder {

        private record Change(int permits, Duration window) {}

        private String profile = "hubspot";
        private @Nullable String description;
        private String host = Listening.LOOPBACK;
        private int port;
        private long seed = 1;
        private int overlay = 200_000;
        private Duration latency = Duration.ZERO;
        private final Map<String, Long> records = new HashMap<>();
        private final List<String> tokens = new ArrayList<>(List.of(DEFAULT_TOKEN));
        private final Map<String, Change> changedLimits = new HashMap<>();
        private boolean unlimited;
        private int concurrency;

        private Builder() {}

        /** Which vendor, of {@link SimulatedVendor#vendors}; {@code hubspot} is the default. */
        public Builder profile(String newProfile) {
            profile = newProfile;
            return this;
        }

        /** A vendor that is described here, in JSON as in {@code docs/sandbox.md}, instead of one that is known by its name. */
        public Builder description(String json) {
            description = json;
            return this;
        }

        /** How many requests of an account may be under way at once; default no limit. Only answers that take time count. */
        public Builder concurrency(int newConcurrency) {
            concurrency = newConcurrency;
            return this;
        }

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

        /**
         * How many records a collection computes: contacts, deals, companies of HubSpot; Contact, Lead, Account, Opportunity of Salesforce; issues, projects, users of
         * Jira. Default 1,000, of companies, accounts and users 200, of projects 61.
         */
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

        /** Changes the vendor's first limit: HubSpot's of ten seconds (default 110), Salesforce's of a day, Jira's burst per method and endpoint. */
        public Builder limit(int permits, Duration window) {
            return limit("", permits, window);
        }

        /** HubSpot's limit of search, per token; default 5 in 1 s. */
        public Builder searchLimit(int permits, Duration window) {
            return limit("SECONDLY", permits, window);
        }

        /** Changes a limit by its name; 0 permits for none. */
        public Builder limit(String limitName, int permits, Duration window) {
            changedLimits.put(limitName, new Change(permits, window));
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
            List<VendorLimit> limits = new ArrayList<>();
            for (VendorLimit limit : usual) {
                Change change = limits.isEmpty() ? changedLimits.remove("") : null;
                Change named = changedLimits.remove(limit.name());
                limits.add(changed(limit, named == null ? change : named));
            }
            if (!changedLimits.isEmpty()) {
                throw new IllegalArgumentException("limits: " + changedLimits.keySet() + " (expected: of "
                        + usual.stream().map(VendorLimit::name).toList() + ")");
            }
            return unlimited
                    ? List.of()
                    : limits.stream().filter(limit -> limit.permits() > 0).toList();
        }

        private static VendorLimit changed(VendorLimit limit, @Nullable Change change) {
            return change == null ? limit : limit.of(change.permits(), change.window());
        }
    }

    /**
     * Runs vendors as a process of their own: prints {@code {"vendor":"http://…","hubspot":"http://…"}}, the first one under both names, and serves until its
     * standard input ends. Options as in {@link Sandbox#main}.
     */
    public static void main(String[] args) {
        SandboxOptions options = SandboxOptions.parse(args);
        try (VendorSet vendors = VendorSet.start(options.vendors())) {
            options.announce(vendors.addresses());
            options.awaitEnd();
        } catch (SandboxException e) {
            SandboxOptions.fail(e);
        }
    }
}
