package dev.toolpost.worker.vault;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a token that Vault takes: logs in once however many wait, renews ahead of the end, logs in again where a renewal
 * gives less than it did, and once when the token is refused. A login that is refused is not repeated before a pause that grows.
 * Thread-safe.
 */
final class TokenKeeper {

    private static final Logger log = LoggerFactory.getLogger(TokenKeeper.class);

    /** Where the token that took a refused one's place is refused as well, it is about what it may do, and not about the token. */
    private static final Duration FIRST_DISTRUST = Duration.ofSeconds(10);

    private static final Duration TRUST_AGAIN = Duration.ofMinutes(10);

    private static final int MOST_DOUBLINGS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(1);

    /** What it asks of Vault. */
    interface Tokens {
        VaultToken login(VaultLogin login) throws VaultTrouble;

        VaultToken renew(VaultToken token) throws VaultTrouble;
    }

    private final VaultLogin login;
    private final Tokens tokens;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final ReentrantLock changing = new ReentrantLock();

    private volatile @Nullable Held held;

    private final AtomicInteger failedLogins = new AtomicInteger();
    private volatile @Nullable VaultTrouble failedLogin;

    private int refusals;
    private long refusedUntilNanos;
    private @Nullable VaultTrouble refusal;
    private int replacements;
    private long replacedNanos;
    private int failedRenewals;

    /** A token with what is to be done about it; changed only under the lock. */
    private record Held(VaultToken token, TokenPlan plan) {}

    TokenKeeper(VaultLogin login, Tokens tokens, LongSupplier nanoTime, RandomGenerator random) {
        this.login = login;
        this.tokens = tokens;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** A token that has not ended; logs in where there is none. */
    VaultToken current() throws VaultTrouble {
        Held known = held;
        if (known != null && !known.plan().hasEnded(nanoTime.getAsLong())) {
            return known.token();
        }
        int failedBefore = failedLogins.get();
        changing.lock();
        try {
            VaultTrouble meanwhile = failedLogin;
            if (failedLogins.get() != failedBefore && meanwhile != null) {
                throw meanwhile;
            }
            Held now = held;
            if (now != null && !now.plan().hasEnded(nanoTime.getAsLong())) {
                return now.token();
            }
            return logIn().token();
        } finally {
            changing.unlock();
        }
    }

    /**
     * Notes that Vault refused a request with this token.
     *
     * @return whether there is another one, with which the request is worth sending once more
     */
    boolean refused(VaultToken token) throws VaultTrouble {
        changing.lock();
        try {
            Held now = held;
            if (now == null || !now.token().value().equals(token.value())) {
                return true;
            }
            long at = nanoTime.getAsLong();
            long sinceLast = at - replacedNanos;
            if (replacements > 0 && sinceLast >= TRUST_AGAIN.toNanos()) {
                replacements = 0;
            }
            if (replacements > 0
                    && sinceLast < FIRST_DISTRUST.toNanos() << Math.min(replacements - 1, MOST_DOUBLINGS)) {
                return false;
            }
            replacements++;
            replacedNanos = at;
            log.warn("Vault refuses its token; another one is fetched");
            return !logIn().token().value().equals(token.value());
        } finally {
            changing.unlock();
        }
    }

    /** The token, if there is one, as of now; for whoever gives it back. */
    @Nullable
    VaultToken held() {
        Held now = held;
        return now == null ? null : now.token();
    }

    private Held logIn() throws VaultTrouble {
        long now = nanoTime.getAsLong();
        VaultTrouble last = refusal;
        if (last != null && now - refusedUntilNanos < 0) {
            throw last;
        }
        try {
            VaultToken fresh = tokens.login(login);
            refusal = null;
            refusals = 0;
            failedRenewals = 0;
            Held next = new Held(fresh, plan(fresh));
            held = next;
            log.info(
                    "Logged in to Vault by {}, {}",
                    login.name(),
                    fresh.lease().isZero() ? "without an end" : "good for " + fresh.lease());
            if (next.plan() instanceof TokenPlan.Ends) {
                log.warn(
                        "The token for Vault cannot be renewed and ends in {}; whoever gave it has to replace it before",
                        fresh.lease());
            }
            return next;
        } catch (VaultTrouble trouble) {
            if (!trouble.passing()) {
                throw refused(trouble);
            }
            failedLogin = trouble;
            failedLogins.incrementAndGet();
            throw trouble;
        } catch (VaultUnavailableException unreadable) {
            throw refused(VaultTrouble.refused(String.valueOf(unreadable.getMessage()), 0));
        }
    }

    private VaultTrouble refused(VaultTrouble trouble) {
        long step = FIRST_PAUSE.toNanos() << Math.min(refusals, MOST_DOUBLINGS);
        refusals++;
        refusedUntilNanos = nanoTime.getAsLong() + step / 2 + random.nextLong(step / 2 + 1);
        VaultTrouble told = trouble.status() == 0
                ? trouble
                : VaultTrouble.refused(
                        "the login by " + login.name() + " is refused (" + trouble.status()
                                + "): check its mount, role, secret and namespace",
                        trouble.status());
        refusal = told;
        return told;
    }

    private TokenPlan plan(VaultToken token) {
        return TokenPlan.of(token, !(login instanceof VaultLogin.Token), nanoTime.getAsLong(), random.nextDouble());
    }

    /** Does what is due and says after how many nanoseconds to look again. */
    long tick() {
        changing.lock();
        try {
            Held now = held;
            if (now == null) {
                return IDLE.toNanos();
            }
            return switch (now.plan()) {
                case TokenPlan.Keep() -> IDLE.toNanos();
                case TokenPlan.Ends(long ends) -> IDLE.toNanos();
                case TokenPlan.Renew(long at, long ends) -> due(at) ? renew(now, ends) : untilDue(at);
                case TokenPlan.LogInAgain(long at, long ends) -> due(at) ? logInAgain(now, ends) : untilDue(at);
            };
        } finally {
            changing.unlock();
        }
    }

    private boolean due(long atNanos) {
        return nanoTime.getAsLong() - atNanos >= 0;
    }

    private long untilDue(long atNanos) {
        return Math.max(1, atNanos - nanoTime.getAsLong());
    }

    private long renew(Held now, long endsNanos) {
        try {
            VaultToken renewed = tokens.renew(now.token());
            failedRenewals = 0;
            Held next = new Held(renewed, plan(renewed));
            held = next;
            log.debug("Token for Vault renewed, good for {}", renewed.lease());
            if (next.plan() instanceof TokenPlan.Ends) {
                log.warn(
                        "The token for Vault has met its maximum TTL and ends in {}; whoever gave it has to replace it before",
                        renewed.lease());
            }
            return IDLE.toNanos();
        } catch (VaultTrouble trouble) {
            if (trouble.passing()) {
                return later(new TokenPlan.Renew(retryAt(), endsNanos), now, trouble);
            }
            if (login instanceof VaultLogin.Token) {
                log.warn("The token for Vault cannot be renewed: {}", trouble.text());
                held = new Held(now.token(), new TokenPlan.Ends(endsNanos));
                return IDLE.toNanos();
            }
            return logInAgain(now, endsNanos);
        }
    }

    private long logInAgain(Held now, long endsNanos) {
        try {
            Held _ = logIn();
            return IDLE.toNanos();
        } catch (VaultTrouble trouble) {
            return later(new TokenPlan.LogInAgain(retryAt(), endsNanos), now, trouble);
        }
    }

    private long later(TokenPlan plan, Held now, VaultTrouble trouble) {
        if (failedRenewals++ == 0) {
            log.warn("The token for Vault is not renewed yet: {}", trouble.text());
        }
        held = new Held(now.token(), plan);
        return IDLE.toNanos();
    }

    private long retryAt() {
        long step = FIRST_PAUSE.toNanos() << Math.min(failedRenewals, MOST_DOUBLINGS);
        return nanoTime.getAsLong() + step / 2 + random.nextLong(step / 2 + 1);
    }
}
