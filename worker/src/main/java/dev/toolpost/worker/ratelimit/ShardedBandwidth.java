package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Family;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Returning;
import dev.toolpost.worker.ratelimit.LimiterSnapshot.Spent;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A long window that all connections of a vendor share, kept apart for each shard, so that what was spent of a shard's permits goes with
 * the shard, wherever it goes.
 *
 * <p>Permits are taken from those of any shard that this worker owns, after a chunk of that shard's was made durable as spent. Who takes a
 * shard over knows by that what was spent of it, after a clean hand-over and after a crash, and goes on from there at once.
 *
 * <p>Requests under way belong to no shard in particular: when one ends, one of those under way of any shard has ended. Those of a shard that is gone
 * count first, so what is left never seems to have ended too early.
 */
final class ShardedBandwidth extends Bandwidth {

    private static final int CHUNKS_PER_WINDOW = 100;

    /** What could not be made durable is tried again so much later. */
    private static final long TRY_AGAIN_NANOS = 100_000_000;

    /** As fine as a time is known at which permits come back. */
    private static final long FINE_NANOS = 1_000_000;

    private final InstantSource clock;
    private final long windowNanos;
    private final Map<Integer, Share> shares = new TreeMap<>();
    private final List<Portion> lastFinished = new ArrayList<>();
    private BitSet owned = new BitSet();
    private int ownedOf = 1;
    private int usable;
    private long orphans;
    private long wanted;
    private long lastSeen;
    private boolean isUsed;

    /** The permits that belong to one shard. */
    static final class Share {
        private final int shard;
        private final Bandwidth kept;

        private final Reservation reservation;
        private long tryAgainAt = Long.MIN_VALUE;
        private boolean leaves;

        Share(int shard, Bandwidth kept) {
            this.shard = shard;
            this.kept = kept;
            this.reservation = new Reservation(kept.permits);
            kept.reservation = reservation;
        }

        int shard() {
            return shard;
        }

        private long covered(long now) {
            return leaves ? 0 : Math.max(0, Math.min(reservation.credit(), kept.free(now)));
        }
    }

    private record Portion(Share share, int count) {}

    ShardedBandwidth(Limit limit, InstantSource clock) {
        super(limit.name(), limit);
        this.clock = clock;
        this.windowNanos = Objects.requireNonNull(limit.window()).toNanos();
    }

    /**
     * A shard's permits may be spent from here on.
     *
     * @param of so many shards in all
     * @param spent what was spent of them before; null for nothing
     */
    void gain(int shard, int of, @Nullable Spent spent, long now) {
        BitSet one = new BitSet();
        one.set(shard);
        int count = VendorAllowance.permitsOf(one, of, permits);
        if (count == 0 || shares.containsKey(shard)) {
            return;
        }
        Bandwidth kept = Bandwidth.shared(limit.with(count, null), clock);
        if (spent != null && spent.family() == kept.family()) {
            kept.resume(spent, now);
            pause.extendTo(now + spent.pausedNanos());
        }
        shares.put(shard, new Share(shard, kept));
        count();
    }

    /** Of the shards only these are this worker's still; those that are new are {@linkplain #gain gained} once it is known what was spent. */
    void keepOnly(BitSet shards, int of) {
        owned = (BitSet) shards.clone();
        ownedOf = of;
        shares.values().removeIf(share -> {
            boolean gone = !shards.get(share.shard);
            if (gone) {
                orphans += share.kept.inFlight();
            }
            return gone;
        });
        count();
    }

    /** Whether it is not known yet of some shards what was spent of theirs. */
    boolean awaitsShards() {
        BitSet unknown = (BitSet) owned.clone();
        shares.keySet().forEach(unknown::clear);
        return VendorAllowance.permitsOf(unknown, ownedOf, permits) > 0;
    }

    /** What was spent of a shard's permits, of which no more are spent here; null where it has none. */
    @Nullable
    Spent close(int shard, long now) {
        Share share = shares.get(shard);
        if (share == null) {
            return null;
        }
        share.leaves = true;
        count();
        return withPause(share.kept.spent(now), now);
    }

    private void count() {
        usable = 0;
        for (Share share : shares.values()) {
            usable += share.leaves ? 0 : share.kept.permits;
        }
        leaveElsewhere(permits - usable);
    }

    /** The shards whose permits it has. */
    Map<Integer, Spent> spentByShard(long now) {
        Map<Integer, Spent> spent = new TreeMap<>();
        shares.forEach((shard, share) -> spent.put(shard, withPause(share.kept.spent(now), now)));
        return spent;
    }

    /** What counts as spent of a shard for whoever takes it over, though it may not have been; null where it has no permits. */
    @Nullable
    Spent ahead(int shard, long now) {
        Share share = shares.get(shard);
        return share == null ? null : withPause(share.kept.spent(now).andUnderWay(share.reservation.ahead()), now);
    }

    private Spent withPause(Spent spent, long now) {
        return spent.paused(Math.max(0, pause.until() - now));
    }

    // ---- what is durable ----

    /** Whether so many of the free permits may be spent now; where they may not, remembers to ask for them. */
    boolean covers(int cost, long now) {
        lastSeen = now;
        isUsed = true;
        long covered = 0;
        for (Share share : shares.values()) {
            covered += share.covered(now);
        }
        if (covered >= cost) {
            return true;
        }
        wanted = Math.max(wanted, cost);
        return false;
    }

    /**
     * Has more made durable where that runs out.
     *
     * @param busy shards of which something is being written already
     * @return of which shards
     */
    List<Share> reserve(BitSet busy, long now) {
        if (!isUsed) {
            return List.of();
        }
        long credit = 0;
        for (Share share : shares.values()) {
            if (!share.leaves) {
                credit += share.reservation.ahead();
            }
        }
        int chunk = Math.max(1, usable / CHUNKS_PER_WINDOW);
        boolean enough = wanted <= credit && credit * 2 > chunk;
        long more = enough ? 0 : Math.max(chunk, wanted - credit);
        List<Share> begun = new ArrayList<>();
        for (Share share : shares.values()) {
            if (share.leaves || share.reservation.underWay() > 0 || busy.get(share.shard) || now < share.tryAgainAt) {
                continue;
            }
            // What answers cost beyond what was durable is made good in any case.
            long owes = Math.max(0, -share.reservation.credit());
            long count = Math.max(owes, Math.min(more, share.kept.free(now) - share.reservation.credit()));
            if (count > 0) {
                share.reservation.begin(count);
                more = Math.max(0, more - count);
                begun.add(share);
            }
        }
        return begun;
    }

    void reserved(Share share, boolean durable, long now) {
        share.reservation.end(durable);
        if (durable) {
            wanted = 0;
        } else {
            share.tryAgainAt = now + TRY_AGAIN_NANOS;
        }
    }

    /** When what could not be made durable is tried again. */
    long triesAgainAt(long now) {
        long next = UNKNOWN;
        for (Share share : shares.values()) {
            if (!share.leaves && share.tryAgainAt > now) {
                next = Math.min(next, share.tryAgainAt);
            }
        }
        return next;
    }

    // ---- as a bandwidth ----

    @Override
    long free(long now) {
        return elsewhere() + here(now);
    }

    private long here(long now) {
        long free = 0;
        long debt = 0;
        for (Share share : shares.values()) {
            free += share.leaves ? 0 : share.kept.free(now);
            debt += share.kept.debt();
        }
        return Math.max(0, free - debt);
    }

    @Override
    void take(int cost) {
        int rest = cost;
        for (Share share : shares.values()) {
            int part = (int) Math.min(rest, share.covered(lastSeen));
            if (part > 0) {
                share.kept.take(part);
                share.reservation.take(part);
                rest -= part;
            }
        }
        if (rest > 0) {
            throw new IllegalStateException(
                    "bandwidth " + id + " lacks " + rest + " of " + cost + " permits (expected: covers first)");
        }
    }

    /** They stay under way. */
    @Override
    void renew(int cost) {}

    @Override
    void giveBack(int cost) {
        int rest = withoutOrphans(cost);
        for (Share share : shares.values()) {
            int part = (int) Math.min(rest, share.kept.inFlight());
            if (part > 0) {
                share.kept.giveBack(part);
                share.reservation.giveBack(part);
                rest -= part;
            }
        }
    }

    @Override
    void finish(int cost, long now, long grace) {
        lastFinished.clear();
        int rest = withoutOrphans(cost);
        for (Share share : shares.values()) {
            int part = (int) Math.min(rest, share.kept.inFlight());
            if (part > 0) {
                share.kept.finish(part, now, grace);
                lastFinished.add(new Portion(share, part));
                rest -= part;
            }
        }
    }

    private int withoutOrphans(int cost) {
        int gone = (int) Math.min(orphans, cost);
        orphans -= gone;
        return cost - gone;
    }

    @Override
    void settle(int taken, int actual, long now) {
        if (actual < taken) {
            int back = taken - actual;
            for (Portion each : lastFinished) {
                int part = Math.min(back, each.count());
                each.share().kept.settle(part, 0, now);
                each.share().reservation.giveBack(part);
                back -= part;
            }
            return;
        }
        long more = (long) actual - taken;
        Share last = null;
        for (Share share : shares.values()) {
            if (!share.leaves) {
                long part = Math.min(more, share.kept.free(now));
                spend(share, part, now);
                more -= part;
                last = share;
            }
        }
        if (last != null) {
            spend(last, more, now);
        }
    }

    private static void spend(Share share, long count, long now) {
        if (count > 0) {
            share.kept.settle(0, Math.toIntExact(count), now);
            share.reservation.take(count);
        }
    }

    @Override
    void lower(long left, long now, long reset) {
        long above = free(now) - Math.max(left, elsewhere());
        for (Share share : shares.values()) {
            long part = share.leaves ? 0 : Math.min(above, share.kept.free(now));
            if (part > 0) {
                share.kept.lower(share.kept.free(now) - part, now, reset);
                above -= part;
            }
        }
    }

    @Override
    void keepSpent(long now, long reset) {
        shares.values().forEach(share -> share.kept.keepSpent(now, reset));
    }

    @Override
    void windowEnds(long reset, long endedBefore) {
        shares.values().forEach(share -> share.kept.windowEnds(reset, endedBefore));
    }

    @Override
    long earliest(long n, long now) {
        long here = n - elsewhere();
        long free = here(now);
        if (free >= here || (limit.feedback().cost() != null && here <= free + inFlight())) {
            return now;
        }
        if (usable == 0) {
            return now + windowNanos;
        }
        long known = certain((here - 1) % usable + 1 + elsewhere(), now);
        return (known == UNKNOWN ? now + windowNanos : known) + (here - 1) / usable * windowNanos;
    }

    @Override
    long certain(long n, long now) {
        if (free(now) >= n) {
            return now;
        }
        long never = now;
        long by = now + 2 * windowNanos + Duration.ofMinutes(1).toNanos();
        if (freeBy(by, now) < n) {
            return UNKNOWN;
        }
        while (by - never > FINE_NANOS) {
            long between = never + (by - never) / 2;
            if (freeBy(between, now) >= n) {
                by = between;
            } else {
                never = between;
            }
        }
        return by;
    }

    @Override
    long freeBy(long time, long now) {
        long free = elsewhere();
        for (Share share : shares.values()) {
            free += share.leaves ? 0 : share.kept.freeBy(time, now);
        }
        return free;
    }

    @Override
    void fill(long at) {
        shares.values().forEach(share -> share.kept.fill(at));
    }

    /** What was counted in one is split evenly. */
    @Override
    void resume(Spent spent, long now) {
        Spent part = spent.part(1, Math.max(1, shares.size()));
        for (Share share : shares.values()) {
            if (part.family() == share.kept.family()) {
                share.kept.resume(part, now);
            }
        }
    }

    @Override
    Spent spent(long now) {
        List<Returning> returning = new ArrayList<>();
        long tokens = 0;
        long underWay = orphans;
        long endsAtMillis = 0;
        for (Share share : shares.values()) {
            Spent each = share.kept.spent(now);
            tokens += each.tokens();
            underWay += each.inFlight();
            returning.addAll(each.returning());
            endsAtMillis = each.endsAtMillis();
        }
        returning.sort(Comparator.comparingLong(Returning::inNanos));
        return new Spent(
                family(),
                permits,
                windowNanos,
                tokens,
                (int) Math.min(underWay, permits),
                returning,
                Math.max(0, pause.until() - now),
                endsAtMillis);
    }

    @Override
    long inFlight() {
        long underWay = orphans;
        for (Share share : shares.values()) {
            underWay += share.kept.inFlight();
        }
        return underWay;
    }

    @Override
    long refillAt(long time, long now) {
        return freeBy(time, now) - free(now);
    }

    @Override
    Family family() {
        return limit.resetsAt() == null ? Family.SLIDING : Family.DAILY;
    }
}
