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
 */
final class TokenBandwidth extends Bandwidth {

    private Bucket bucket;
    private final Now now = new Now();
    private final long windowNanos;
    private final Slots ending = new Slots(); // unanswered requests that may still arrive
    private int held;

    TokenBandwidth(String id, Limit limit) {
        super(id, limit);
        windowNanos = Objects.requireNonNull(limit.window()).toNanos();
        bucket = fullBucket(permits, windowNanos, now);
    }

    private static Bucket fullBucket(int permits, long windowNanos, TimeMeter clock) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(permits)
                        .refillGreedy(permits, Duration.ofNanos(windowNanos + windowNanos / 2048)))
                .withCustomTimePrecision(clock)
                .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                .build();
    }

    @Override
    long free(long time) {
        now.nanos = time;
        for (int due = ending.takeDue(time); due > 0; due--) {
            spendHeld();
        }
        return bucket.getAvailableTokens() - held;
    }

    @Override
    void take() {
        held++;
    }

    @Override
    void giveBack() {
        held--;
    }

    @Override
    void finish(long time, long grace) {
        if (grace > 0) {
            ending.add(time + grace, 1);
            return;
        }
        now.nanos = time;
        spendHeld();
    }

    private void spendHeld() {
        takeFrom(bucket, id);
        held--;
    }

    @Override
    long earliest(long n, long time) {
        long free = free(time);
        if (free >= n) {
            return time;
        }
        long within = Math.min(n, Math.max(1, permits - held));
        long first = free >= within ? time : time + refillNanos(held + within);
        return first + Math.round((double) windowNanos / permits * (n - within));
    }

    @Override
    long certain(long n, long time) {
        if (free(time) >= n) {
            return time;
        }
        return held + n <= permits ? time + refillNanos(held + n) : UNKNOWN;
    }

    /**
     * Bucket4j's estimate is rounded down: at that time it may still say "in 0 ns" without giving the token, so one more.
     * Asked for more than the capacity it would name a time at which it cannot give them either.
     */
    private long refillNanos(long tokens) {
        return 1 + bucket.estimateAbilityToConsume(Math.min(tokens, permits)).getNanosToWaitForRefill();
    }

    @Override
    void fill(long at) {
        now.nanos = at;
        bucket = fullBucket(permits, windowNanos, now);
        empty(permits);
    }

    private void empty(long count) {
        if (count > 0 && !bucket.tryConsume(count)) {
            throw new IllegalStateException("bandwidth " + id + " cannot give " + count + " tokens");
        }
    }

    @Override
    void resume(Spent spent, long time) {
        now.nanos = time;
        long missing = Math.max(0, spent.permits() - spent.tokens());
        long tokens = Math.max(0, permits - missing);
        empty(permits - tokens);
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
        long level = free(time) + held;
        return new Spent(
                family(), permits, windowNanos, level, held - ending.total(), Arrays.asList(ending.from(time)));
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
