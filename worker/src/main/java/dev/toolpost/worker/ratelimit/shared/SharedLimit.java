package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.WindowReset;
import io.github.bucket4j.BucketConfiguration;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much of a vendor's limit may be granted by a bucket that workers share: a capacity and a rate under which no more than the vendor allows can
 * arrive there, whoever sends it and however late within the jitter. Immutable and pure.
 *
 * <p>What arrives at the vendor within a time t was granted within t + jitter, and a bucket grants no more than
 * {@code capacity + rate * (t + jitter)} whole permits in that. So
 *
 * <ul>
 *   <li>{@code SLIDING}, and {@code FIXED} however it is aligned: {@code capacity + rate * (window + jitter) < permits + 1};
 *   <li>{@code TOKEN}, {@code LEAKY}: {@code capacity = permits - refill * jitter} at the vendor's own rate of refill; where that leaves less than the
 *       burst, the burst at a lower rate;
 *   <li>{@code FIXED} with a known reset: a bucket of its own for each day with all permits, closed around the reset;
 *   <li>{@code CONCURRENT}: not shared. A permit that a lost worker held would never come back.
 * </ul>
 *
 * <p>One permit is a thousand tokens, so that parts of permits can be given back.
 *
 * @param permits what the vendor allows
 * @param capacity the most that can be granted at once
 * @param refillTokens tokens that come in during each refill period, evenly; 0 for days
 * @param refillPeriod how long they take
 * @param resetsAt when the day begins anew, or null
 * @param jitter longest time from a grant in the bucket to the request's arrival
 */
public record SharedLimit(
        int permits,
        int capacity,
        long refillTokens,
        Duration refillPeriod,
        @Nullable WindowReset resetsAt,
        Duration jitter) {

    /** Tokens of one permit. */
    static final long PERMIT = 1_000;

    /** By how much clocks of vendors may run slower than Redis's, as a part. */
    private static final int CLOCK_PART = 2_048;

    /** A day's bucket is never refilled: its key is gone before. */
    private static final Duration PAST_A_DAY = Duration.ofDays(3);

    private static final int FINEST_REFILL = 1_000_000;

    /** Whether permits of this limit can be shared. */
    public static boolean supports(Limit limit) {
        return switch (limit.kind()) {
            case SLIDING, FIXED, TOKEN, LEAKY -> true;
            case CONCURRENT -> false;
        };
    }

    /**
     * Derives what to grant.
     *
     * @param jitter longest time from a grant in the bucket to the request's arrival at the vendor
     * @param burst share of the permits that may be granted at once, above 0 to 1; at least one permit, and what one call costs up to half of them
     * @throws IllegalArgumentException for limits that cannot be shared
     */
    public static SharedLimit of(Limit limit, Duration jitter, double burst) {
        if (limit.resetsAt() != null) {
            return new SharedLimit(limit.permits(), limit.permits(), 0, PAST_A_DAY, limit.resetsAt(), jitter);
        }
        int atOnce = atOnce(limit, burst);
        return switch (limit.kind()) {
            case SLIDING, FIXED -> window(limit, atOnce, jitter);
            case TOKEN, LEAKY -> meter(limit, atOnce, jitter);
            case CONCURRENT ->
                throw new IllegalArgumentException("limit " + limit.name()
                        + " is concurrent (expected: a limit with a window). Share it by parts");
        };
    }

    private static int atOnce(Limit limit, double burst) {
        int share = (int) Math.floor(limit.permits() * burst + 1e-9);
        int dearest = Math.min(dearest(limit.cost()), limit.permits() / 2);
        return Math.clamp(Math.max(share, dearest), 1, limit.permits());
    }

    private static int dearest(LimitCost cost) {
        int dearest = cost.constant();
        for (int each : cost.byTool().values()) {
            dearest = Math.max(dearest, each);
        }
        LimitCost.FromArgument argument = cost.fromArgument();
        return argument == null ? dearest : Math.max(dearest, argument.max());
    }

    private static SharedLimit window(Limit limit, int capacity, Duration jitter) {
        long window = Objects.requireNonNull(limit.window()).toNanos();
        long span = slower(window + jitter.toNanos());
        return evenly(limit.permits(), capacity, (limit.permits() + 1L - capacity) * PERMIT, span, jitter);
    }

    /** C + R (t + jitter), rounded down, is at most N + t N / window for every t if R (jitter + window / N) is at most N + 1 - C. */
    private static SharedLimit meter(Limit limit, int atOnce, Duration jitter) {
        int permits = limit.permits();
        long window = slower(Objects.requireNonNull(limit.window()).toNanos());
        long late = jitter.toNanos();
        int atFullRate = (int) Math.floor(permits - (double) permits * late / window - 1e-9);
        if (atFullRate >= atOnce) {
            return evenly(permits, atFullRate, permits * PERMIT, window, jitter);
        }
        long span = slower(late + window / permits);
        boolean fullRate = (double) (permits + 1 - atOnce) * window >= (double) permits * span;
        return fullRate
                ? evenly(permits, atOnce, permits * PERMIT, window, jitter)
                : evenly(permits, atOnce, (permits + 1L - atOnce) * PERMIT, span, jitter);
    }

    private static long slower(long nanos) {
        return nanos + nanos / CLOCK_PART + 1_000;
    }

    /** Bucket4j multiplies refill and time: both are made smaller where that could overflow, and the rate never higher. */
    private static SharedLimit evenly(int permits, int capacity, long tokens, long nanos, Duration jitter) {
        long divisor = Math.max(1, tokens / FINEST_REFILL);
        long fewer = tokens / divisor;
        return new SharedLimit(permits, capacity, fewer, Duration.ofNanos(Math.ceilDiv(nanos, divisor)), null, jitter);
    }

    /** A bucket that begins with so many tokens. */
    BucketConfiguration beginningWith(long tokens) {
        return BucketConfiguration.builder()
                .addLimit(limit -> (resetsAt == null
                                ? limit.capacity(capacityTokens()).refillGreedy(refillTokens, refillPeriod)
                                : limit.capacity(capacityTokens()).refillIntervally(capacityTokens(), refillPeriod))
                        .initialTokens(tokens))
                .build();
    }

    long capacityTokens() {
        return capacity * PERMIT;
    }

    /** How many tokens can have come in during so long, rounded up. */
    long tokensIn(Duration time) {
        return resetsAt == null ? (long) Math.ceil((double) refillTokens * time.toNanos() / refillPeriod.toNanos()) : 0;
    }

    /** How long so many tokens take to come in, rounded up; for days, more than a day. */
    Duration timeFor(long tokens) {
        return resetsAt == null
                ? Duration.ofNanos((long) Math.ceil((double) tokens * refillPeriod.toNanos() / refillTokens))
                : PAST_A_DAY;
    }

    /** After so long without a grant the bucket is full, whatever it was. */
    Duration timeToFill() {
        return timeFor(capacityTokens());
    }

    /** The lasting rate as a share of what the vendor allows. */
    public double utilisation(Duration window) {
        return resetsAt != null
                ? 1
                : (double) refillTokens / PERMIT / refillPeriod.toNanos() * window.toNanos() / permits;
    }
}
