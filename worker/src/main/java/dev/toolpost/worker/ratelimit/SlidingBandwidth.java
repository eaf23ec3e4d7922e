package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import java.util.Arrays;
import java.util.Objects;

/**
 * At most N requests in any stretch of one window, as the vendor sees them arrive.
 *
 * <p>A permit returns one window after its attempt <em>ended</em>. The request arrived before that end, so N + 1 arrivals
 * are never within one window, however the network delays each of them; and a burst of N is allowed. (A bucket that is
 * refilled at N per window would let almost 2 N through.) Returns are gathered in slots of a 2,048th of the window, at
 * least a millisecond, each rounded to the end of the slot after its own: between one and two slots late. That covers a
 * vendor that counts in milliseconds and one whose clock runs 480 ppm slower than ours, and costs 0.1 % of the permits
 * (more where the window is shorter than 2 s).
 */
final class SlidingBandwidth extends Bandwidth {

    private static final int SLOTS_PER_WINDOW = 2048;
    private static final long SHORTEST_SLOT_NANOS = 1_000_000;

    private final Bucket bucket;
    private final long windowNanos;
    private final long slotNanos;
    private final Slots returning = new Slots();
    private int inFlight;

    SlidingBandwidth(String id, Limit limit) {
        super(id, limit);
        windowNanos = Objects.requireNonNull(limit.window()).toNanos();
        slotNanos = Math.max(SHORTEST_SLOT_NANOS, windowNanos / SLOTS_PER_WINDOW);
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
        returning.add(slotAfter(now + grace + windowNanos), 1);
    }

    private long slotAfter(long time) {
        return (Math.floorDiv(time, slotNanos) + 2) * slotNanos;
    }

    @Override
    long earliest(long n, long now) {
        long wholeWindows = (n - 1) / permits;
        long rest = (n - 1) % permits + 1;
        long known = certain(rest, now);
        return (known == UNKNOWN ? now + windowNanos : known) + wholeWindows * windowNanos;
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
    void fill(long at) {
        consume(permits);
        returning.add(slotAfter(at + windowNanos), permits);
    }

    @Override
    void resume(Spent spent, long now) {
        long longer = Math.max(0, windowNanos - spent.windowNanos());
        for (Returning each : spent.returning()) {
            returning.add(slotAfter(now + each.inNanos() + longer), each.count());
        }
        if (spent.inFlight() > 0) {
            long end = now + ConnectionLimiter.UNANSWERED_GRACE.toNanos();
            returning.add(slotAfter(end + windowNanos), spent.inFlight());
        }
        returning.keepLatest(permits);
        consume(returning.total());
    }

    private void consume(int count) {
        if (count > 0 && !bucket.tryConsume(count)) {
            throw new IllegalStateException("bandwidth " + id + " cannot give " + count + " permits");
        }
    }

    @Override
    Spent spent(long now) {
        long free = free(now);
        return new Spent(family(), permits, windowNanos, free, inFlight, Arrays.asList(returning.from(now)));
    }

    @Override
    Family family() {
        return Family.SLIDING;
    }
}
