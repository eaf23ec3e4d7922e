package dev.toolpost.worker.oauth;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What this process remembers of a connection's token requests: when the next one may be made after failures, when the
 * token is refreshed ahead of its end, and whether fresh tokens are rejected. Thread-safe; times are of the monotonic clock
 * unless said otherwise.
 */
final class Patience {

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_WISH = Duration.ofMinutes(15);
    private static final Duration FIRST_BLOCK = Duration.ofMinutes(1);
    private static final Duration LONGEST_BLOCK = Duration.ofHours(1);

    private String account = "";
    private long accountObtainedAt;

    private int failures;
    private long pausedUntilNanos;
    private String failure = "";

    private int rejections;
    private long blockedUntilNanos;
    private @Nullable String rejectedToken;

    private @Nullable String timedToken;
    private long timedEnd;
    private long dueMillis;

    /**
     * Looks at what is stored: a grant that somebody put there anew is tried without regard to what was before.
     *
     * @param accountNow names client and refresh token
     * @param obtainedAt of its access token; 0 where none was fetched since it was put there
     */
    synchronized void looksAt(String accountNow, long obtainedAt) {
        boolean putAnew = obtainedAt == 0 && (accountObtainedAt != 0 || !accountNow.equals(account));
        account = accountNow;
        accountObtainedAt = obtainedAt;
        if (putAnew) {
            failures = 0;
            rejections = 0;
            rejectedToken = null;
        }
    }

    /** Notes a token request that gave nothing; the pause grows with every one, and is never the same for two connections. */
    synchronized void failed(String why, @Nullable Duration wish, long nowNanos, RandomGenerator random) {
        long bound = LONGEST_PAUSE.toNanos();
        long step = SHORTEST_PAUSE.toNanos() << Math.min(failures, 6);
        long own = Math.min(bound, step) / 2;
        own += random.nextLong(own + 1);
        long wished = wish == null ? 0 : Math.min(wish.toNanos(), LONGEST_WISH.toNanos());
        failures++;
        failure = why;
        pausedUntilNanos = nowNanos + Math.max(own, wished);
    }

    /** Notes that the vendor gave a token. */
    synchronized void succeeded() {
        failures = 0;
    }

    /** How long no token request may be made yet; zero where one may. */
    synchronized Duration pause(long nowNanos) {
        return failures == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(0, pausedUntilNanos - nowNanos));
    }

    /** Why there is a pause. */
    synchronized String failure() {
        return failure;
    }

    /**
     * Notes that a token was rejected although it was fresh: for a while no rejection leads to another refresh, for longer
     * each time.
     *
     * @return whether this is news: the first of a row
     */
    synchronized boolean freshOneRejected(String token, long nowNanos) {
        if (token.equals(rejectedToken)) {
            return false;
        }
        rejectedToken = token;
        long block = FIRST_BLOCK.toNanos() << Math.min(rejections, 10);
        blockedUntilNanos = nowNanos + Math.min(block, LONGEST_BLOCK.toNanos());
        return rejections++ == 0;
    }

    /** Notes that a fresh token helped. */
    synchronized void freshOneAccepted() {
        rejections = 0;
        rejectedToken = null;
    }

    /** Whether a rejected token is answered without another refresh. */
    synchronized boolean isBlocked(long nowNanos) {
        return rejections > 0 && nowNanos - blockedUntilNanos < 0;
    }

    /**
     * From when a token is refreshed although it has not ended, in epoch milliseconds: somewhere in the second half of the time
     * ahead, the same moment whenever it is asked for.
     */
    synchronized long due(String token, long expiresAt, Duration ahead, RandomGenerator random) {
        if (!token.equals(timedToken) || expiresAt != timedEnd) {
            timedToken = token;
            timedEnd = expiresAt;
            long half = ahead.toMillis() / 2;
            dueMillis = expiresAt - half - random.nextLong(half + 1);
        }
        return dueMillis;
    }
}
