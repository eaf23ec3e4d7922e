package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.http.VendorHttp;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access tokens of connections whose tokens Toolpost fetches: by OAuth 2.0, or by a login of the vendor's own. A token that has not ended is handed out at once, and shortly
 * before its end one refresh runs beside the calls. Where there is none, however many calls wait for the one refresh.
 * Thread-safe.
 */
public final class AccessTokens implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);
    private static final int MOST_REMEMBERED = 50_000;

    private final CredentialStore store;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Refresher refresher;
    private final GrantEvents events;
    private final RefreshBounds bounds;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();
    private final Map<Flight, Thread> threads = new ConcurrentHashMap<>();
    private final Map<String, Patience> patience = new ConcurrentHashMap<>();
    private volatile boolean closing;

    /** @param owner names this process among all that share the store; never the same again after a restart */
    public AccessTokens(
            String owner,
            CredentialStore store,
            VendorHttp http,
            GrantEvents events,
            RefreshBounds bounds,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this(owner, store, http::exchange, events, bounds, clock, nanoTime, random);
    }

    AccessTokens(
            String owner,
            CredentialStore store,
            Refresher.TokenEndpoint endpoint,
            GrantEvents events,
            RefreshBounds bounds,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.store = store;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
        this.events = events;
        this.bounds = bounds;
        this.refresher = new Refresher(owner, store, endpoint, events, bounds, clock, nanoTime, random);
    }

    /**
     * The connection with an access token that has not ended.
     *
     * @param stored the connection as the caller knows it
     * @param deadlineNanos until when the caller can wait, on the monotonic clock
     * @throws CredentialsUnavailableException where the store cannot be read
     */
    public Access current(
            StoredConnection stored, Connector connector, Auth.Fetched auth, Ownership ownership, long deadlineNanos)
            throws InterruptedException {
        String token = Grant.accessToken(stored);
        long now = clock.millis();
        if (token == null || !Grant.isUsable(stored, null, now) || isBeingReplaced(stored)) {
            return other(stored, token, connector, auth, ownership, deadlineNanos);
        }
        long expiresAt = Grant.expiresAt(stored.secret());
        long obtainedAt = stored.grant().obtainedAt();
        Duration ahead = auth.refreshAhead().of(Duration.ofMillis(expiresAt - (obtainedAt == 0 ? now : obtainedAt)));
        Patience known = patience(stored.connection().id());
        if (obtainedAt != 0
                && now >= known.due(token, expiresAt, ahead, random)
                && Grant.dead(stored) == null
                && known.pause(nanoTime.getAsLong()).isZero()) {
            begin(stored, token, false, connector, auth, ownership);
        }
        return new Access.Usable(stored);
    }

    /**
     * The connection with another access token than this one, which the vendor has rejected.
     *
     * @param rejected the connection as it was used
     */
    public Access replace(
            StoredConnection rejected, Connector connector, Auth.Fetched auth, Ownership ownership, long deadlineNanos)
            throws InterruptedException {
        return other(rejected, Grant.accessToken(rejected), connector, auth, ownership, deadlineNanos);
    }

    /**
     * Fetches a new token though nobody needs one, so that a grant that would die unused lives on. Waits for it; does nothing where a refresh is under way, or has
     * failed a moment ago.
     */
    public void keepAlive(StoredConnection stored, Connector connector, Auth.Fetched auth, Ownership ownership)
            throws InterruptedException {
        Patience known = patience(stored.connection().id());
        if (flights.containsKey(stored.connection().id())
                || !known.pause(nanoTime.getAsLong()).isZero()
                || known.isBlocked(nanoTime.getAsLong())) {
            return;
        }
        Flight flight = begin(stored, Grant.accessToken(stored), false, connector, auth, ownership);
        if (flight != null) {
            Access _ = flight.await(bounds.intentLife().toNanos());
        }
    }

    /** Whether the vendor has rejected the connection's token and another one is being fetched: not to be sent any more. */
    public boolean isBeingReplaced(StoredConnection stored) {
        Flight flight = flights.get(stored.connection().id());
        return flight != null && flight.rejected() && Objects.equals(flight.unwanted(), Grant.accessToken(stored));
    }

    /** Notes that the vendor rejected a token right after it was fetched: for a while rejections lead to no refresh. */
    public void freshOneRejected(StoredConnection rejected) {
        String token = Grant.accessToken(rejected);
        if (token != null && patience(rejected.connection().id()).freshOneRejected(token, nanoTime.getAsLong())) {
            refresher.reauthorizations.increment();
            log.warn("Connection {}: {}", rejected.connection().id(), REJECTED);
            events.reauthorizationRequired(rejected.connection(), REJECTED);
        }
    }

    /** Notes that the vendor took the token that replaced a rejected one. */
    public void freshOneAccepted(StoredConnection connection) {
        patience(connection.connection().id()).freshOneAccepted();
    }

    /** What happened since the start. */
    public TokenCounts counts() {
        return new TokenCounts(
                refresher.requests.sum(),
                refresher.refreshed.sum(),
                refresher.failures.sum(),
                refresher.reauthorizations.sum(),
                flights.size());
    }

    private static final String REJECTED = "the vendor rejects access tokens right after giving them";

    static Access reauthorize(DeadGrant marker) {
        return new Access.ReauthorizationRequired(marker.message());
    }

    private Access other(
            StoredConnection known,
            @Nullable String unwanted,
            Connector connector,
            Auth.Fetched auth,
            Ownership ownership,
            long deadlineNanos)
            throws InterruptedException {
        String id = known.connection().id();
        boolean rejected = Grant.isUsable(known, null, clock.millis());
        while (true) {
            Flight flight = flights.get(id);
            if (flight == null) {
                Access without = withoutRefresh(known, connector, auth, unwanted, rejected);
                if (without != null) {
                    return without;
                }
                flight = begin(known, unwanted, rejected, connector, auth, ownership);
                if (flight == null) {
                    return new Access.NotOwned();
                }
            }
            Access access = flight.await(deadlineNanos - nanoTime.getAsLong());
            boolean notMine = switch (access) {
                // A refresh that began for another token, or for an owner that is none any more.
                case Access.Usable(StoredConnection fresh) ->
                    // Where it was mine, the vendor gave the same token again: that one is good until it is rejected.
                    !Objects.equals(unwanted, flight.unwanted()) && Objects.equals(unwanted, Grant.accessToken(fresh));
                case Access.NotOwned() -> ownership.isProven();
                case Access.ReauthorizationRequired _, Access.Unavailable _, Access.TooLate _, Access.Gone _ -> false;
            };
            if (!notMine) {
                return access;
            }
            flights.remove(id, flight);
        }
    }

    /** Whether there is a token to use, or no token of this kind to be had any more. */
    private boolean isOther(StoredConnection fresh, Auth.Fetched auth, @Nullable String unwanted) {
        return !fresh.connection().authKind().equals(auth.id()) || Grant.isUsable(fresh, unwanted, clock.millis());
    }

    /** What can be said without a refresh; null where one is due. */
    private @Nullable Access withoutRefresh(
            StoredConnection known,
            Connector connector,
            Auth.Fetched auth,
            @Nullable String unwanted,
            boolean rejected) {
        StoredConnection stored =
                store.find(known.connection().tenant(), known.connection().connection());
        if (stored == null || !stored.connection().vendor().equals(connector.vendor())) {
            return new Access.Gone();
        }
        // Fetched after the caller's, be it the same: some vendors give a token again while it lives.
        boolean newer = stored.grant().obtainedAt() > known.grant().obtainedAt();
        if (isOther(stored, auth, newer ? null : unwanted)) {
            return new Access.Usable(stored);
        }
        DeadGrant dead = Grant.dead(stored);
        if (dead != null) {
            return reauthorize(dead);
        }
        Patience remembered = patience(known.connection().id());
        remembered.looksAt(Grant.account(stored.secret()), stored.grant().obtainedAt());
        if (rejected && remembered.isBlocked(nanoTime.getAsLong())) {
            return new Access.ReauthorizationRequired(REJECTED);
        }
        Duration pause = remembered.pause(nanoTime.getAsLong());
        return pause.isZero()
                ? null
                : new Access.Unavailable(remembered.failure(), clock.instant().plus(pause));
    }

    /** The refresh of a connection that is under way, begun where there is none; null once this is closing. */
    private @Nullable Flight begin(
            StoredConnection stored,
            @Nullable String unwanted,
            boolean rejected,
            Connector connector,
            Auth.Fetched auth,
            Ownership ownership) {
        if (closing) {
            return null;
        }
        Flight fresh = new Flight(
                stored.connection().tenant(),
                stored.connection().connection(),
                connector,
                auth,
                unwanted,
                rejected,
                ownership);
        Flight there = flights.putIfAbsent(fresh.id(), fresh);
        if (there != null) {
            return there;
        }
        Thread thread = Thread.ofVirtual().name("refresh " + fresh.id()).unstarted(() -> fly(fresh));
        threads.put(fresh, thread);
        thread.start();
        return fresh;
    }

    private void fly(Flight flight) {
        Access access;
        try {
            access = refresher.refresh(flight, patience(flight.id()));
        } catch (CredentialsUnavailableException unavailable) {
            access = refresher.unavailable(unavailable);
        } catch (InterruptedException closed) {
            access = new Access.NotOwned();
        } catch (RuntimeException | Error bug) {
            log.error("Connection {}: the refresh failed inside Toolpost", flight.id(), bug);
            patience(flight.id()).failed("an error inside Toolpost", null, nanoTime.getAsLong(), random);
            access = new Access.Unavailable(
                    "an error inside Toolpost; the worker's log has the details",
                    clock.instant().plusSeconds(1));
        }
        flights.remove(flight.id(), flight);
        threads.remove(flight);
        flight.ends(access);
    }

    private Patience patience(String id) {
        Patience known = patience.get(id);
        if (known != null) {
            return known;
        }
        if (patience.size() >= MOST_REMEMBERED) {
            patience.clear();
        }
        return patience.computeIfAbsent(id, absent -> new Patience());
    }

    /** Begins no refresh any more, and waits for those that were begun: a token that was given must not be lost. */
    @Override
    public void close() {
        closing = true;
        long until = System.nanoTime() + bounds.intentLife().toNanos();
        try {
            for (Thread thread : threads.values()) {
                if (!thread.join(Duration.ofNanos(Math.max(0, until - System.nanoTime())))) {
                    thread.interrupt();
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
