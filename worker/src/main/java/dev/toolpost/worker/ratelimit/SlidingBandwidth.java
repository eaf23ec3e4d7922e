package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import io.github.bucket4j.Bucket;
import java.util.Arrays;
import java.util.Objects;

/**
 * At most N permits in any stretch of one window, as the vendor sees requests arrive.
 *
 * <p>A permit returns one window after its attempt <em>ended</em>. The request arrived before that end, so arrivals that cost
 * more than N are never within one window, however the network delays each of them; and a burst of N is allowed. (A bucket that
 * is refilled at N per window would let almost 2 N through.) Returns are gathered in slots of a 2,048th of the window, at
 * least a millisecond, each rounded to the end of the slot after its own: between one and two slots late. That covers a
 * vendor that counts in milliseconds and one whose clock runs 480 ppm slower than ours, and costs 0.1 % of the permits
 * (more where the window is shorter than 2 s).
 *
 * <p>What a request cost beyond all that there was is owed: the permits that return next pay it, so the balance is never negative.
 */
final class SlidingBandwidth extends Bandwidth {

    private static final int SLOTS_PER_WINDOW = 2048;
    private static final long SHORTEST_SLOT_NANOS = 1_000_000;

    private final Bucket bucket;
    private final long windowNanos;
    private final long slotNanos;
    private final Slots returning = new Slots();
    private int inFlight;
    private int owed;

    SlidingBandwidth(String id, Limit limit) {
        super(id, limit);
        windowNanos = Objects.requireNonNull(limit.window()).toNanos();
        slotNanos = Math.max(SHORTEST_SLOT_NANOS, windowNanos / SLOTS_PER_WINDOW);
        bucket = bucketWithoutRefill(limit.permits());
    }

    @Override
    long free(long now) {
        putBack(returning.takeDue(now));
        return bucket.getAvailableTokens();
    }

    private void putBack(int count) {
        int pays = Math.min(owed, count);
        owed -= pays;
        if (count > pays) {
            bucket.addTokens(count - pays);
        }
    }

    @Override
    void take(int cost) {
        takeFrom(bucket, cost, id);
        inFlight += cost;
    }

    @Override
    void giveBack(int cost) {
        inFlight -= cost;
        putBack(cost);
    }

    @Override
    void finish(int cost, long now, long grace) {
        inFlight -= cost;
        returning.add(slotAfter(now + grace + windowNanos), cost);
    }

    @Override
    void settle(int taken, int actual, long now) {
        long slot = slotAfter(now + windowNanos);
        if (actual > taken) {
            spend(actual - taken, slot);
        } else if (actual < taken) {
            putBack(returning.remove(slot, taken - actual));
        }
    }

    private void spend(int count, long returnAt) {
        int there = (int) Math.min(count, bucket.getAvailableTokens());
        takeFrom(bucket, there, id);
        owed += count - there;
        returning.add(returnAt, count);
    }

    @Override
    void lower(long left, long now, long reset) {
        long above = free(now) - left;
        if (above > 0) {
            spend((int) above, slotAfter(counts(now, reset)));
        }
    }

    @Override
    void keepSpent(long now, long reset) {
        returning.pushBack(slotAfter(counts(now, reset)));
    }

    /** Until when what is spent now counts. */
    private long counts(long now, long reset) {
        boolean trusted = limit.kind() == Limit.Kind.FIXED && reset != UNKNOWN;
        return trusted ? Math.min(reset, now + windowNanos) : now + windowNanos;
    }

    /** In a fixed window all that arrived in it comes back at its end; how the vendor's windows lie is known by its answers alone. */
    @Override
    void windowEnds(long reset, long endedBefore) {
        if (limit.kind() == Limit.Kind.FIXED) {
            returning.pullForward(slotAfter(endedBefore + windowNanos), slotAfter(reset));
        }
    }

    private long slotAfter(long time) {
        return (Math.floorDiv(time, slotNanos) + 2) * slotNanos;
    }

    @Override
    long earliest(long n, long now) {
        if (limit.feedback().cost() != null && n <= free(now) + inFlight) {
            // Requests under way may turn out to have cost nothing.
            return now;
        }
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
        long missing = n - free + owed;
        return missing <= returning.total() ? returning.dueOf(missing) : UNKNOWN;
    }

    @Override
    void fill(long at) {
        takeFrom(bucket, permits, id);
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
        // What was owed would be paid by the earliest.
        returning.keepLatest(permits);
        takeFrom(bucket, returning.total(), id);
    }

    @Override
    void charge(Spent spent, long now) {
        long longer = Math.max(0, windowNanos - spent.windowNanos());
        for (Returning each : spent.returning()) {
            spend(each.count(), slotAfter(now + each.inNanos() + longer));
        }
        if (spent.inFlight() > 0) {
            spend(spent.inFlight(), slotAfter(now + ConnectionLimiter.UNANSWERED_GRACE.toNanos() + windowNanos));
        }
    }

    @Override
    void release(Spent part, long now) {
        for (Returning each : part.returning()) {
            putBack(returning.remove(now + each.inNanos(), each.count()));
        }
    }

    @Override
    Spent spent(long now) {
        long free = free(now);
        return new Spent(
                family(),
                permits,
                windowNanos,
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
    long debt() {
        return owed;
    }

    @Override
    long refillAt(long time, long now) {
        return (long) returning.dueBy(time) - owed;
    }

    @Override
    Family family() {
        return Family.SLIDING;
    }
}
