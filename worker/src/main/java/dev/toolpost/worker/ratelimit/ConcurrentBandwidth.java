package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import java.util.Arrays;

/**
 * At most N requests under way at once. A permit returns when its attempt ended; without an answer the vendor may still
 * be at work, so it returns after a grace.
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
    void take() {
        takeFrom(bucket, id);
        inFlight++;
    }

    @Override
    void giveBack() {
        inFlight--;
        bucket.addTokens(1);
    }

    @Override
    void finish(long now, long grace) {
        inFlight--;
        if (grace > 0) {
            returning.add(now + grace, 1);
        } else {
            bucket.addTokens(1);
        }
    }

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
    boolean isNear(long n, long now, long horizon) {
        return true;
    }

    @Override
    void fill(long at) {
        hold(permits, at + ConnectionLimiter.UNANSWERED_GRACE.toNanos());
    }

    private void hold(int count, long until) {
        int held = (int) Math.min(count, bucket.getAvailableTokens());
        if (held > 0 && bucket.tryConsume(held)) {
            returning.add(until, held);
        }
    }

    @Override
    void resume(Spent spent, long now) {
        hold(spent.inFlight(), now + ConnectionLimiter.UNANSWERED_GRACE.toNanos());
        for (Returning each : spent.returning()) {
            hold(each.count(), now + each.inNanos());
        }
    }

    @Override
    Spent spent(long now) {
        long free = free(now);
        return new Spent(family(), permits, 0, free, inFlight, Arrays.asList(returning.from(now)));
    }

    @Override
    Family family() {
        return Family.CONCURRENT;
    }
}
