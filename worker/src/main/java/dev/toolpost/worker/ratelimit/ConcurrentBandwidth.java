package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import java.util.Arrays;

/**
 * At most N permits under way at once. A permit returns when its attempt ended; without an answer the vendor may still
 * be at work, so it returns after a grace. Answers cannot correct it: what they speak of has changed when they are here.
 */
final class ConcurrentBandwidth extends Bandwidth {

    private final Bucket bucket;
    private final Slots returning = new Slots();
    private int inFlight;

    ConcurrentBandwidth(String id, Limit limit) {
        super(id, limit);
        bucket = bucketWithoutRefill(limit.permits());
    }

    @Override
    long free(long now) {
        int due = returning.takeDue(now);
        if (due > 0) {
            bucket.addTokens(due);
        }
        return bucket.getAvailableTokens();
    }

    @Override
    void take(int cost) {
        takeFrom(bucket, cost, id);
        inFlight += cost;
    }

    @Override
    void giveBack(int cost) {
        inFlight -= cost;
        bucket.addTokens(cost);
    }

    @Override
    void finish(int cost, long now, long grace) {
        inFlight -= cost;
        if (grace > 0) {
            returning.add(now + grace, cost);
        } else {
            bucket.addTokens(cost);
        }
    }

    @Override
    void settle(int taken, int actual, long now) {}

    @Override
    void lower(long left, long now, long reset) {}

    @Override
    long earliest(long n, long now) {
        return now;
    }

    @Override
    long certain(long n, long now) {
        long free = free(now);
        if (free >= n) {
            return now;
        }
        return n - free <= returning.total() ? returning.dueOf(n - free) : UNKNOWN;
    }

    @Override
    boolean mayComeAnyTime() {
        return true;
    }

    @Override
    void fill(long at) {
        holdUntil(permits, at + ConnectionLimiter.UNANSWERED_GRACE.toNanos());
    }

    private void holdUntil(int count, long until) {
        int held = (int) Math.min(count, bucket.getAvailableTokens());
        if (held > 0) {
            takeFrom(bucket, held, id);
            returning.add(until, held);
        }
    }

    @Override
    void resume(Spent spent, long now) {
        holdUntil(spent.inFlight(), now + ConnectionLimiter.UNANSWERED_GRACE.toNanos());
        for (Returning each : spent.returning()) {
            holdUntil(each.count(), now + each.inNanos());
        }
    }

    @Override
    void charge(Spent spent, long now) {
        resume(spent, now);
    }

    @Override
    Spent spent(long now) {
        long free = free(now);
        return new Spent(
                family(),
                permits,
                0,
                free,
                inFlight,
                Arrays.asList(returning.from(now)),
                Math.max(0, pause.until() - now),
                0);
    }

    @Override
    long inFlight() {
        return inFlight;
    }

    @Override
    long refillAt(long time, long now) {
        return returning.dueBy(time);
    }

    @Override
    Family family() {
        return Family.CONCURRENT;
    }
}
