package dev.toolpost.worker.vault;

import dev.toolpost.worker.vault.Availability.Try;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests to Vault or OpenBao. Trouble that passes (sealed, failing over, asked too much, unreachable) is waited out for a
 * bounded time; a refusal leads to one new login; after that whoever asked is told. Everything goes on by itself once
 * Vault answers again. Thread-safe.
 */
public final class VaultClient implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(VaultClient.class);

    /** More than enough for secrets that are remembered, and few enough that a start of many workers is no flood. */
    private static final int MOST_AT_ONCE = 32;

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final VaultSettings settings;
    private final VaultApi api;
    private final HttpClient http;
    private final LongSupplier nanoTime;
    private final Availability availability;
    private final TokenKeeper keeper;
    private final Semaphore slots = new Semaphore(MOST_AT_ONCE, true);
    private final @Nullable Thread renewals;

    private VaultClient(
            VaultSettings settings,
            HttpClient http,
            LongSupplier nanoTime,
            RandomGenerator random,
            Pause pause,
            boolean renewing) {
        this.settings = settings;
        this.api = new VaultApi(settings, http);
        this.http = http;
        this.nanoTime = nanoTime;
        this.availability = new Availability(settings.retryFor(), nanoTime, random, pause);
        this.keeper = new TokenKeeper(
                settings.login(),
                new TokenKeeper.Tokens() {
                    @Override
                    public VaultToken login(VaultLogin login) throws VaultTrouble {
                        return api.login(login);
                    }

                    @Override
                    public VaultToken renew(VaultToken token) throws VaultTrouble {
                        return api.renew(token);
                    }
                },
                nanoTime,
                random);
        this.renewals = renewing ? Thread.ofVirtual().name("vault-token").start(this::keepRenewing) : null;
    }

    /**
     * A client that logs in at once, and renews its token until it is closed.
     *
     * @param http the one pooled client, closed with this one; it must not follow redirects
     */
    public static VaultClient open(VaultSettings settings, HttpClient http, RandomGenerator random) {
        return new VaultClient(
                settings, http, System::nanoTime, random, time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()), true);
    }

    /** One whose time is the caller's, who calls {@link #tick}. */
    static VaultClient open(
            VaultSettings settings, HttpClient http, LongSupplier nanoTime, RandomGenerator random, Pause pause) {
        return new VaultClient(settings, http, nanoTime, random, pause, false);
    }

    /** What is at a path. */
    public VaultAnswer read(String path) {
        return send(VaultApi.read(path), "read", path);
    }

    /** The names below a path. */
    public VaultAnswer list(String path) {
        return send(VaultApi.list(path), "list", path);
    }

    /** Writes to a path. A write that was sent without an answer is sent again, and {@link VaultAnswer#afterDoubt} says so. */
    public VaultAnswer write(String path, ObjectNode body) {
        return send(VaultApi.write(path, body), "update", path);
    }

    /** Renews what is due, and says after how many nanoseconds to look again. */
    long tick() {
        return keeper.tick();
    }

    private VaultAnswer send(VaultApi.Operation operation, String capability, String path) {
        long giveUp = nanoTime.getAsLong() + settings.retryFor().toNanos();
        boolean doubt = false;
        boolean refused = false;
        VaultTrouble last = null;
        boolean slot = false;
        try {
            slot = slots.tryAcquire(settings.retryFor().toNanos(), TimeUnit.NANOSECONDS);
            if (!slot) {
                throw unavailable(MOST_AT_ONCE + " requests are under way and none ends");
            }
            while (last == null || nanoTime.getAsLong() - giveUp < 0) {
                Try attempt = availability.enter(giveUp);
                if (attempt == null) {
                    break;
                }
                VaultToken token = null;
                try {
                    token = keeper.current();
                    VaultAnswer answer = api.run(operation, token, doubt);
                    attempt.succeeded();
                    return answer;
                } catch (VaultTrouble trouble) {
                    last = trouble;
                    doubt |= token != null && trouble.perhapsDone();
                    if (trouble.passing()) {
                        attempt.failed(trouble);
                        api.preferNext();
                    } else if (token == null || trouble.status() != 403) {
                        settle(attempt, trouble);
                        throw unavailable(trouble.text());
                    } else {
                        attempt.succeeded();
                        if (refused || !another(token)) {
                            throw denied(capability, path);
                        }
                        refused = true;
                    }
                } catch (RuntimeException | Error bug) {
                    attempt.abandoned();
                    throw bug;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new VaultUnavailableException("interrupted while waiting for Vault", interrupted);
        } finally {
            if (slot) {
                slots.release();
            }
        }
        throw unavailable(last == null ? availability.why() : last.text());
    }

    /** Whoever answered, even with a refusal, is there. */
    private static void settle(Try attempt, VaultTrouble trouble) {
        if (trouble.status() == 0) {
            attempt.abandoned();
        } else {
            attempt.succeeded();
        }
    }

    private boolean another(VaultToken refused) {
        try {
            return keeper.refused(refused);
        } catch (VaultTrouble trouble) {
            throw unavailable(trouble.text());
        }
    }

    private VaultRefusedException denied(String capability, String path) {
        return new VaultRefusedException("Vault refuses to " + capability + " " + path
                + " (403), also with a token just obtained (expected: a policy that allows it, a token that is good, and the right"
                + " namespace; docs/credentials.md has the policies)");
    }

    private static VaultUnavailableException unavailable(String why) {
        return new VaultUnavailableException("Vault cannot be used now: " + why);
    }

    private void keepRenewing() {
        try {
            // Whoever starts this learns from the log whether the login works, before the first call needs it.
            VaultToken _ = keeper.current();
        } catch (VaultTrouble trouble) {
            log.warn("Not logged in to Vault yet: {}", trouble.text());
        }
        try {
            while (true) {
                long wait = Math.min(tick(), LONGEST_SLEEP.toNanos());
                TimeUnit.NANOSECONDS.sleep(wait);
            }
        } catch (InterruptedException closed) {
            // The end of the client is the end of its renewals.
        }
    }

    /** Gives back a token that was fetched by a login; one that somebody gave stays theirs. */
    @Override
    public void close() {
        Thread thread = renewals;
        if (thread != null) {
            thread.interrupt();
        }
        VaultToken token = keeper.held();
        if (token != null && !(settings.login() instanceof VaultLogin.Token)) {
            Thread giving = Thread.ofVirtual().name("vault-revoke").start(() -> {
                try {
                    api.revoke(token);
                } catch (VaultTrouble trouble) {
                    log.debug("The token for Vault was not given back: {}", trouble.text());
                }
            });
            try {
                boolean _ = giving.join(CLOSING);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        http.shutdownNow();
    }
}
