package dev.toolpost.worker.oauth;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.InvalidVariableException;
import dev.toolpost.connectors.Loopback;
import dev.toolpost.connectors.Variable;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.credentials.VersionConflictException;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes one connection's token: the intent is the lock, the new token is stored before anybody uses it, and whoever
 * does not hold the intent only looks again. Thread-safe.
 */
final class Refresher {

    private static final Logger log = LoggerFactory.getLogger(Refresher.class);

    private static final int MOST_REQUESTS = 3;
    private static final Duration LONGEST_SHORT_WAIT = Duration.ofSeconds(2);
    private static final int LOOK_AGAIN_MILLIS = 100;
    private static final int MOST_RELEASES = 5;
    private static final Duration LONGEST_SAVE_PAUSE = Duration.ofSeconds(5);

    private final String owner;
    private final CredentialStore store;
    private final TokenEndpoint endpoint;
    private final GrantEvents events;
    private final RefreshBounds bounds;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;

    final LongAdder requests = new LongAdder();
    final LongAdder refreshed = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder reauthorizations = new LongAdder();

    /** Sends one request and reads the answer; {@code VendorHttp.exchange} in a worker. */
    @FunctionalInterface
    interface TokenEndpoint {
        HttpOutcome exchange(VendorRequest request, long deadlineNanos);
    }

    Refresher(
            String owner,
            CredentialStore store,
            TokenEndpoint endpoint,
            GrantEvents events,
            RefreshBounds bounds,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.owner = owner;
        this.store = store;
        this.endpoint = endpoint;
        this.events = events;
        this.bounds = bounds;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** Goes on until there is another token than the unwanted one, or it is known why there is none. */
    Access refresh(Flight flight, Patience patience) throws InterruptedException {
        int asked = 0;
        @Nullable RefreshIntent watched = null;
        long watchedSince = 0;
        while (true) {
            StoredConnection stored = store.findNow(flight.tenant(), flight.connection());
            if (stored == null || !flight.isOf(stored)) {
                return new Access.Gone();
            }
            if (!stored.connection().authKind().equals(flight.auth().id())) {
                return new Access.Usable(stored);
            }
            RefreshIntent there = stored.grant().intent();
            if (there == null || !there.equals(watched)) {
                watched = there;
                watchedSince = nanoTime.getAsLong();
            }
            boolean longEnough =
                    nanoTime.getAsLong() - watchedSince >= bounds.intentLife().toNanos();
            switch (RefreshStep.decide(
                    stored, flight.unwanted(), flight.auth(), owner, longEnough, bounds.intentLife(), clock.millis())) {
                case RefreshStep.Use() -> {
                    return new Access.Usable(stored);
                }
                case RefreshStep.Dead(DeadGrant marker) -> {
                    return AccessTokens.reauthorize(marker);
                }
                case RefreshStep.Await(RefreshIntent intent) ->
                    sleep(LOOK_AGAIN_MILLIS / 2 + random.nextInt(LOOK_AGAIN_MILLIS));
                case RefreshStep.Bury(DeadGrant marker) -> {
                    if (bury(stored, marker)) {
                        return AccessTokens.reauthorize(marker);
                    }
                }
                case RefreshStep.Take(RefreshIntent intent) -> {
                    switch (take(flight, stored, intent, patience)) {
                        case Taken.Ended(Access access) -> {
                            return access;
                        }
                        case Taken.Again() -> {}
                        case Taken.Failed(String why, Duration wish, boolean soon) -> {
                            if (!soon
                                    || ++asked >= MOST_REQUESTS
                                    || (wish != null && wish.compareTo(LONGEST_SHORT_WAIT) > 0)) {
                                patience.failed(why, wish, nanoTime.getAsLong(), random);
                                return new Access.Unavailable(
                                        why, clock.instant().plus(patience.pause(nanoTime.getAsLong())));
                            }
                            long wait = Math.max(wish == null ? 0 : wish.toMillis(), 100L << asked);
                            sleep(wait + random.nextLong(wait + 1));
                        }
                    }
                }
            }
        }
    }

    /** What came of trying to refresh. */
    private sealed interface Taken {
        record Ended(Access access) implements Taken {}

        /** Somebody else changed the connection: look at it again. */
        record Again() implements Taken {}

        record Failed(String why, @Nullable Duration wish, boolean soon) implements Taken {}
    }

    private Taken take(Flight flight, StoredConnection found, RefreshIntent intent, Patience patience)
            throws InterruptedException {
        TokenExchange exchange;
        try {
            exchange = TokenExchange.of(flight.auth(), flight.connector(), found, clock.instant(), random);
        } catch (InvalidVariableException unfit) {
            return new Taken.Failed("the token request cannot be made: " + unfit.getMessage(), null, false);
        } catch (UnfitSecretException unfit) {
            DeadGrant marker = new DeadGrant(
                    Grant.tokenHash(found.secret()),
                    clock.millis(),
                    "unusable_secret",
                    String.valueOf(unfit.getMessage()));
            return bury(found, marker) ? new Taken.Ended(AccessTokens.reauthorize(marker)) : new Taken.Again();
        }
        long takenAt = nanoTime.getAsLong();
        StoredConnection taken =
                put(found, found.connection(), found.secret(), found.grant().withIntent(intent));
        if (taken == null) {
            return new Taken.Again();
        }
        boolean owned = flight.ownership().isProven();
        if (!owned || nanoTime.getAsLong() - takenAt >= bounds.send().toNanos()) {
            release(flight, taken, intent);
            return owned ? new Taken.Again() : new Taken.Ended(new Access.NotOwned());
        }
        long sentAtMillis = clock.millis();
        requests.increment();
        return switch (exchange.run(endpoint, takenAt + bounds.request().toNanos(), clock)) {
            case TokenAnswer.Granted granted -> {
                patience.succeeded();
                yield save(flight, taken, granted, sentAtMillis);
            }
            case TokenAnswer.Refused(String code, String message) -> refused(flight, found, code, message);
            case TokenAnswer.Failed(String message, Duration wish, boolean soon) -> {
                failures.increment();
                log.warn("Connection {}: no access token: {}", flight.id(), message);
                release(flight, taken, intent);
                yield new Taken.Failed(message, wish, soon);
            }
        };
    }

    /**
     * Stores the new token. It is worth more than everything else here: while the store cannot be written this tries
     * again and again, and whoever waits is told to come later. Where the connection was authorised anew meanwhile, that
     * is newer and stays.
     */
    private Taken save(Flight flight, StoredConnection taken, TokenAnswer.Granted granted, long sentAtMillis)
            throws InterruptedException {
        String sentHash = Grant.tokenHash(taken.secret());
        StoredConnection base = taken;
        long pause = LOOK_AGAIN_MILLIS;
        while (true) {
            try {
                if (base == null) {
                    base = store.findNow(flight.tenant(), flight.connection());
                }
                if (base == null || !flight.isOf(base)) {
                    return new Taken.Ended(new Access.Gone());
                }
                if (!Grant.tokenHash(base.secret()).equals(sentHash)) {
                    log.info("Connection {} was authorised anew during its refresh; that one stays", flight.id());
                    return new Taken.Again();
                }
                StoredConnection saved = put(
                        base,
                        kept(flight.connector(), base.connection(), granted.kept()),
                        secret(base.secret(), granted, sentAtMillis),
                        new GrantState(null, null, sentAtMillis));
                if (saved != null) {
                    refreshed.increment();
                    log.debug("Connection {}: access token refreshed, good for {}", flight.id(), granted.life());
                    events.refreshed(saved.connection());
                    flight.ends(new Access.Usable(saved));
                    return new Taken.Ended(new Access.Usable(saved));
                }
                base = null;
            } catch (CredentialsUnavailableException unavailable) {
                log.error(
                        "Connection {}: its new token cannot be stored yet, and is lost if this process ends: {}",
                        flight.id(),
                        unavailable.getMessage());
                flight.ends(unavailable(unavailable));
                sleep(pause);
                pause = Math.min(2 * pause, LONGEST_SAVE_PAUSE.toMillis());
                base = null;
            }
        }
    }

    /** The secret with what the reply gave. */
    static Secret secret(Secret old, TokenAnswer.Granted granted, long sentAtMillis) {
        Secret fresh = old.with(Auth.OAuth2.ACCESS_TOKEN, granted.accessToken())
                .with(
                        Auth.OAuth2.EXPIRES_AT,
                        Long.toString(sentAtMillis + granted.life().toMillis()));
        for (Map.Entry<String, String> replaced : granted.replaced().entrySet()) {
            fresh = fresh.with(replaced.getKey(), replaced.getValue());
        }
        return fresh;
    }

    /** The record with what the reply says of its variables; a value that its variable may not hold is left out. */
    static ConnectionRecord kept(Connector connector, ConnectionRecord connection, Map<String, String> kept) {
        Map<String, String> variables = new TreeMap<>(connection.variables());
        kept.forEach((name, value) -> {
            Variable variable = connector.variable(name);
            try {
                if (variable != null) {
                    requireSafe(value);
                    variable.accept(value);
                    variables.put(name, value);
                }
            } catch (IllegalArgumentException unfit) {
                log.warn("Connection {}: the token reply is not followed: {}", connection.id(), unfit.getMessage());
            }
        });
        return connection.variables().equals(variables) ? connection : connection.withVariables(variables);
    }

    /** The token goes where the reply says: never in the clear over a network. */
    private static void requireSafe(String value) {
        if (value.startsWith("http:") && !Loopback.isLoopback(URI.create(value).getHost())) {
            throw new IllegalArgumentException("an address without TLS (expected: https)");
        }
    }

    /** Looks again before it is believed: the token that was refused may have been replaced by another one meanwhile. */
    private Taken refused(Flight flight, StoredConnection sent, String code, String message) {
        StoredConnection now = store.findNow(flight.tenant(), flight.connection());
        String hash = Grant.tokenHash(sent.secret());
        if (now == null
                || !Grant.tokenHash(now.secret()).equals(hash)
                || Grant.isUsable(now, flight.unwanted(), clock.millis())) {
            return new Taken.Again();
        }
        DeadGrant marker =
                new DeadGrant(hash, clock.millis(), code, "the vendor refuses " + what(flight) + ": " + message);
        return bury(now, marker) ? new Taken.Ended(AccessTokens.reauthorize(marker)) : new Taken.Again();
    }

    private static String what(Flight flight) {
        return flight.auth() instanceof Auth.OAuth2 ? "the refresh token" : "what the connection's secret holds";
    }

    /** Says for everybody that the grant is dead; false where the connection changed first. */
    private boolean bury(StoredConnection stored, DeadGrant marker) {
        if (put(stored, stored.connection(), stored.secret(), stored.grant().died(marker)) == null) {
            return false;
        }
        reauthorizations.increment();
        log.warn(
                "Connection {} must be authorised again: {}",
                stored.connection().id(),
                marker.message());
        events.reauthorizationRequired(stored.connection(), marker.message());
        return true;
    }

    /** Takes the intent back, after which anybody may refresh. One that cannot be taken back expires. */
    private void release(Flight flight, StoredConnection taken, RefreshIntent intent) throws InterruptedException {
        StoredConnection base = taken;
        for (int i = 0; i < MOST_RELEASES; i++) {
            try {
                if (base == null || !intent.equals(base.grant().intent())) {
                    return;
                }
                if (put(base, base.connection(), base.secret(), base.grant().withIntent(null)) != null) {
                    return;
                }
                base = store.findNow(flight.tenant(), flight.connection());
            } catch (CredentialsUnavailableException unavailable) {
                sleep(LOOK_AGAIN_MILLIS);
            }
        }
    }

    Access.Unavailable unavailable(CredentialsUnavailableException cause) {
        return new Access.Unavailable(
                String.valueOf(cause.getMessage()), clock.instant().plusSeconds(1 + random.nextInt(2)));
    }

    /** The connection as it is stored now, or null where it changed first. */
    private @Nullable StoredConnection put(
            StoredConnection base, ConnectionRecord connection, Secret secret, GrantState grant) {
        try {
            long version = store.put(connection, secret, grant, base.version());
            return new StoredConnection(connection, secret, grant, version);
        } catch (VersionConflictException changed) {
            return null;
        }
    }

    private static void sleep(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }
}
