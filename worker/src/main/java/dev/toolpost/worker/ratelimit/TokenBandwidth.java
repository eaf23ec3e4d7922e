package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * The vendor's token bucket of N that fills up evenly in one window, or its leaky bucket of N that drains in one.
 *
 * <p>The vendor takes a token when the request arrives, somewhere between its grant and its end. A token taken late is
 * the worse case, since a full bucket wastes its refill. So a request under way holds a token, and the token is taken,
 * and its refill begins, when the attempt ended: our level is never above the vendor's, however the network delays each
 * request, and the lasting rate is the whole N per window. The refill here is slower by a 2,048th, which covers a
 * vendor's clock that runs slower than ours.
 *
 * <p>What a request cost beyond all that there was is owed, and paid before anything else as the bucket fills.
 */
final class TokenBandwidth extends Bandwidth {

    private Bucket bucket;
    private final Now now = new Now();
    private final long windowNanos;
    private final Slots ending = new Slots(); // unanswered requests that may still arrive
    private int held;

    /** By how much the bucket's clock is behind: what is owed is paid by the time in which it stands still. */
    private long lagNanos;

    TokenBandwidth(String id, Limit limit) {
        super(id, limit);
        windowNanos = Objects.requireNonNull(limit.window()).toNanos();
        bucket = fullBucket(permits, windowNanos, now);
    }

    private static Bucket fullBucket(int permits, long windowNanos, TimeMeter clock) {
        return Bucket.builder()
                .addLimit(limit ->
                        limit.capacity(permits).refillGreedy(permits, Duration.ofNanos(refillWindowNanos(windowNanos))))
                .withCustomTimePrecision(clock)
                .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                .build();
    }

    private static long refillWindowNanos(long windowNanos) {
        return windowNanos + windowNanos / 2048;
    }

    @Override
    long free(long time) {
        tell(time);
        spendHeld(ending.takeDue(time));
        return bucket.getAvailableTokens() - held;
    }

    private void tell(long time) {
        now.nanos = Math.max(now.nanos, time - lagNanos);
    }

    /** How long nothing comes in yet. */
    private long stillNanos(long time) {
        return Math.max(0, now.nanos - (time - lagNanos));
    }

    /** In how long so many tokens come in. */
    private long fillingNanos(long count) {
        return (long) Math.ceil((double) count / permits * refillWindowNanos(windowNanos));
    }

    /** How many tokens come in in so long, a begun one included. */
    private long tokensIn(long nanos) {
        return (long) Math.ceil((double) nanos / refillWindowNanos(windowNanos) * permits - 1e-6);
    }

    @Override
    void take(int cost) {
        held += cost;
    }

    @Override
    void giveBack(int cost) {
        held -= cost;
    }

    @Override
    void finish(int cost, long time, long grace) {
        if (grace > 0) {
            ending.add(time + grace, cost);
            return;
        }
        tell(time);
        spendHeld(cost);
    }

    private void spendHeld(int count) {
        takeFrom(bucket, count, id);
        held -= count;
    }

    @Override
    void settle(int taken, int actual, long time) {
        if (actual > taken) {
            int there = (int) Math.min(actual - taken, free(time));
            takeFrom(bucket, there, id);
            lagNanos += fillingNanos(actual - taken - there);
        } else if (actual < taken) {
            tell(time);
            int back = taken - actual;
            long paid = Math.min(stillNanos(time), fillingNanos(back));
            lagNanos -= paid;
            long rest = back - tokensIn(paid);
            if (rest > 0) {
                bucket.addTokens(rest);
            }
        }
    }

    @Override
    void lower(long left, long time, long reset) {
        long above = free(time) - left;
        if (above > 0) {
            takeFrom(bucket, (int) above, id);
        }
    }

    @Override
    long earliest(long n, long time) {
        long free = free(time);
        if (free >= n) {
            return time;
        }
        if (limit.feedback().cost() != null && n <= free + held) {
            // Requests under way may turn out to have cost nothing.
            return time;
        }
        long within = Math.min(n, Math.max(1, permits - held));
        long first = free >= within ? time : time + refillNanos(held + within, time);
        return first + Math.round((double) windowNanos / permits * (n - within));
    }

    @Override
    long certain(long n, long time) {
        if (free(time) >= n) {
            return time;
        }
        long tooMany = held + n - permits;
        if (tooMany <= 0) {
            return time + refillNanos(held + n, time);
        }
        // Unanswered requests let go of theirs without any further event.
        return tooMany <= ending.total() ? ending.dueOf(tooMany) : UNKNOWN;
    }

    /**
     * Bucket4j's estimate is rounded down: at that time it may still say "in 0 ns" without giving the token, so one more.
     * Asked for more than the capacity it would name a time at which it cannot give them either.
     */
    private long refillNanos(long tokens, long time) {
        return 1
                + stillNanos(time)
                + bucket.estimateAbilityToConsume(Math.min(tokens, permits)).getNanosToWaitForRefill();
    }

    @Override
    void fill(long at) {
        tell(at);
        bucket = fullBucket(permits, windowNanos, now);
        takeFrom(bucket, permits, id);
    }

    @Override
    void resume(Spent spent, long time) {
        tell(time);
        long missing = Math.max(0, spent.permits() - spent.tokens());
        long tokens = Math.max(0, permits - missing);
        lagNanos += fillingNanos(Math.clamp(missing - permits, 0, permits));
        takeFrom(bucket, (int) (permits - tokens), id);
        long mayArrive = spent.inFlight();
        for (Returning each : spent.returning()) {
            mayArrive += each.count();
        }
        held = (int) Math.min(tokens, mayArrive);
        if (held > 0) {
            ending.add(time + ConnectionLimiter.UNANSWERED_GRACE.toNanos(), held);
        }
    }

    @Override
    Spent spent(long time) {
        long level = free(time) + held - tokensIn(stillNanos(time));
        return new Spent(
                family(),
                permits,
                windowNanos,
                level,
                held - ending.total(),
                Arrays.asList(ending.from(time)),
                Math.max(0, pause.until() - time),
                0);
    }

    @Override
    long inFlight() {
        return (long) held - ending.total();
    }

    @Override
    long refillAt(long time, long now) {
        return 1;
    }

    @Override
    Family family() {
        return Family.TOKEN;
    }

    /** The limiter's time, as last told. */
    private static final class Now implements TimeMeter {
        private long nanos;

        @Override
        public long currentTimeNanos() {
            return nanos;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
