package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.ratelimit.shared.SharedPermits;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits of scope {@code vendor} in one worker: one allowance over all connections of a vendor, of which this worker may spend
 * its part.
 *
 * <p><b>Whose turn.</b> The limiters of the connections share the allowance's lock. A call that has everything of its connection's own
 * stands at the allowance's gate: interactive calls before batch calls, tenants in turn by their weight, each of a tenant's
 * connections in turn, first come first served within a connection. A tenant that floods leaves behind what the others used lately
 * ({@link FairShares}).
 *
 * <p><b>Whose part.</b> Each permit belongs to a shard of the pool, evenly, and a worker may spend those of the shards that it owns: all
 * together are the whole, whoever owns what, and nobody has to ask anybody. What goes with a shard that is lost stops at once; with one
 * that is gained it may be spent one window later, when what the owner before has sent has left the vendor's window. Windows longer than {@value #LONGEST_HELD_MINUTES} minutes are waited for
 * that long at most, where nothing is logged; else they are kept by shard and made durable before they are spent ({@link ShardedBandwidth}).
 *
 * <p>All windows are kept as {@link SlidingBandwidth}, which is within every kind of window, token and leaky bucket. Thread-safe.
 */
public final class VendorAllowance {

    /** A gained part of a longer window is spendable so many minutes after it was gained. */
    static final int LONGEST_HELD_MINUTES = 10;

    private static final Logger LOG = LoggerFactory.getLogger(VendorAllowance.class);
    private static final Duration LONGEST_HELD = Duration.ofMinutes(LONGEST_HELD_MINUTES);
    private static final int MOST_SKIPPED = 64;

    /** Whose own answers said otherwise so lately is not told by others that the vendor allows more. */
    private static final long OWN_WORD_NANOS = 1_000_000_000;

    private static final Lane[] LANES_IN_ORDER = {Lane.INTERACTIVE, Lane.BATCH};

    final ReentrantLock lock = new ReentrantLock();
    final Timeline time;

    private final String vendor;
    private final List<Limit> limits;
    private final @Nullable QuotaLog log;
    private final Consumer<LimitNews> news;
    private final ToIntFunction<String> weights;
    private final WakeUps.WakeUp wakeUp;

    // Guarded by lock.
    private final Map<String, Bandwidth> bandwidths = new LinkedHashMap<>();
    private final Map<Bandwidth, Shares> shares = new HashMap<>();
    private final Map<List<Bandwidth>, Route> routes = new HashMap<>();
    private final Map<String, Tenant> tenants = new HashMap<>();
    private final Set<Member> members = Collections.newSetFromMap(new WeakHashMap<>());
    private final Turns[] turns = {new Turns(place(Lane.INTERACTIVE)), new Turns(place(Lane.BATCH))};
    private final SlowRestart restart = new SlowRestart();
    private final Deque<Owned> owned = new ArrayDeque<>();
    private final Map<Integer, HandedOver> handedOver = new HashMap<>();

    /** Shards of which something is on its way to be durable. */
    private final BitSet beingWritten = new BitSet();

    private final Arrivals arrivals = new Arrivals();
    private final Map<Bandwidth, Integer> parts = new HashMap<>();
    private final Set<String> warned = new HashSet<>();
    private boolean partsChanged;
    private long partsUntil = Long.MIN_VALUE;
    private long round;
    private long lookAgainAt;
    private @Nullable Member serving;
    private Lane servingLane = Lane.INTERACTIVE;
    private boolean served;
    private boolean replaced;
    private boolean refused;
    private boolean refusedForOthers;
    private long tenantsCame;

    private static int place(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> 0;
            case BATCH -> 1;
        };
    }

    /** What went with a shard, on the allowance's time. */
    private record HandedOver(long since, LimiterSnapshot spent) {}

    /** These shards of so many from a time on. */
    private record Owned(long since, BitSet shards, int of) {
        Owned with(BitSet more) {
            BitSet all = (BitSet) shards.clone();
            all.or(more);
            return new Owned(since, all, of);
        }
    }

    /**
     * @param limits those of scope {@code vendor}
     * @param nanoTime {@link System#nanoTime()} or like it
     * @param clock for windows that begin at a time of day
     * @param weights of tenants, at least 1 each
     * @param source of what all workers share
     * @param log where what is spent of windows above ten minutes is made durable; null where a crash may forget it
     * @param news is told, without any lock, what the other workers should know
     * @throws IllegalArgumentException if a limit has another scope
     */
    public VendorAllowance(
            String vendor,
            List<Limit> limits,
            LongSupplier nanoTime,
            InstantSource clock,
            ToIntFunction<String> weights,
            WakeUps wakeUps,
            SharedPermitsSource source,
            @Nullable QuotaLog log,
            Consumer<LimitNews> news) {
        this.vendor = vendor;
        this.log = log;
        this.news = news;
        this.limits = List.copyOf(limits);
        this.time = new Timeline(nanoTime);
        this.weights = weights;
        this.wakeUp = wakeUps.register(this::tick);
        for (Limit limit : limits) {
            if (limit.scope() != Limit.Scope.VENDOR) {
                throw new IllegalArgumentException(
                        "scope of limit " + limit.name() + ": " + limit.scope() + " (expected: VENDOR)");
            }
            SharedPermits shared = source.permits(vendor, limit);
            Bandwidth bandwidth = shared == null
                    ? local(limit, clock)
                    : new RemoteBandwidth(
                            limit, clock, shared, source.isUp(), source.sharesWhenDown(), holdNanos(limit), time.now());
            bandwidth.leaveElsewhere(limit.permits());
            bandwidths.put(limit.name(), bandwidth);
            if (limit.window() != null && limit.window().compareTo(LONGEST_HELD) <= 0) {
                shares.put(
                        bandwidth,
                        Shares.of(
                                limit.permits(),
                                Bandwidth.reserve(limit),
                                limit.window().toNanos()));
            }
        }
    }

    private Bandwidth local(Limit limit, InstantSource clock) {
        boolean isLong = limit.window() != null && limit.window().compareTo(LONGEST_HELD) > 0;
        return isLong && log != null ? new ShardedBandwidth(limit, clock) : Bandwidth.shared(limit, clock);
    }

    private List<ShardedBandwidth> sharded() {
        List<ShardedBandwidth> sharded = new ArrayList<>(2);
        for (Bandwidth bandwidth : bandwidths.values()) {
            if (bandwidth instanceof ShardedBandwidth each) {
                sharded.add(each);
            }
        }
        return sharded;
    }

    /**
     * What tenants leave to each other. Batch calls leave behind what all calls need, interactive ones what interactive ones need: those go
     * first.
     */
    private record Shares(FairShares interactive, FairShares all) {
        static Shares of(int permits, int reserve, long windowNanos) {
            return new Shares(
                    new FairShares(permits, reserve, windowNanos), new FairShares(permits, reserve, windowNanos));
        }

        FairShares of(Lane lane) {
            return switch (lane) {
                case INTERACTIVE -> interactive;
                case BATCH -> all;
            };
        }

        void spent(Tenant tenant, Lane lane, int cost, long now) {
            all.spent(tenant, cost, now);
            if (lane == Lane.INTERACTIVE) {
                interactive.spent(tenant, cost, now);
            }
        }
    }

    private @Nullable FairShares shares(Bandwidth bandwidth, Lane lane) {
        Shares of = shares.get(bandwidth);
        return of == null ? null : of.of(lane);
    }

    /** A tenant at this vendor. */
    static final class Tenant {
        final int weight;
        final double[] had = new double[LANES_IN_ORDER.length];
        final long[] came = new long[LANES_IN_ORDER.length];
        final List<Deque<Member>> standing = List.of(new ArrayDeque<>(), new ArrayDeque<>());
        final boolean[] inOrder = new boolean[LANES_IN_ORDER.length];

        private final VendorAllowance allowance;

        Tenant(VendorAllowance allowance, int weight) {
            this.allowance = allowance;
            this.weight = Math.max(1, weight);
        }

        long nextCame() {
            return ++allowance.tenantsCame;
        }
    }

    /** A connection's limiter at the gate. Guarded by the allowance's lock. */
    static final class Member {
        final Tenant tenant;
        final ConnectionLimiter limiter;
        final int[] waiting = new int[LANES_IN_ORDER.length];
        private final boolean[] stands = new boolean[LANES_IN_ORDER.length];
        private final VendorAllowance allowance;

        Member(VendorAllowance allowance, Tenant tenant, ConnectionLimiter limiter) {
            this.allowance = allowance;
            this.tenant = tenant;
            this.limiter = limiter;
        }

        /** A call that the allowance counts came to wait at the connection, or left. */
        void waitingChanged(Lane lane, int change) {
            waiting[place(lane)] += change;
            if (stands[place(lane)]) {
                allowance.turns[place(lane)].waitingChanged(change);
            }
        }

        boolean pass(Waiter waiter, long now) {
            return allowance.pass(this, waiter, now);
        }
    }

    public List<Limit> limits() {
        return limits;
    }

    /**
     * Which of the pool's shards this worker owns from a time on.
     *
     * @param sinceNanos on the clock; not before that of the change before
     * @param shards of this worker
     * @param of the pool in all
     * @param fresh of what was gained then, shards for which nobody else sent anything of late
     */
    public void owns(long sinceNanos, BitSet shards, int of, BitSet fresh) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            if (owned.isEmpty()) {
                // Before the first assignment nothing was owned but what was never anybody's.
                owned.add(new Owned(Long.MIN_VALUE, new BitSet(), of));
            }
            List<Owned> before = List.copyOf(owned);
            owned.clear();
            before.forEach(each -> owned.add(each.with(fresh)));
            fresh.stream().forEach(shard -> takeBack(shard, now));
            owned.add(new Owned(time.here(sinceNanos), (BitSet) shards.clone(), of));
            partsUntil = Long.MIN_VALUE;
            sharded().forEach(bandwidth -> bandwidth.keepOnly(shards, of));
            warnOfNone(shards, of);
            serve(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    private void warnOfNone(BitSet shards, int of) {
        for (Bandwidth bandwidth : bandwidths.values()) {
            String name = bandwidth.limit.name();
            if (shards.isEmpty()
                    || bandwidth instanceof RemoteBandwidth
                    || permitsOf(shards, of, bandwidth.permits) > 0) {
                warned.remove(name);
            } else if (warned.add(name)) {
                LOG.warn(
                        "Limit {} of {} has {} permits, which go with as many of the pool's {} shards, and this worker has none of those: its calls that"
                                + " need the limit end as RATE_LIMITED at once. With limits.redis.url set all workers share it; fewer workers"
                                + " help too",
                        name,
                        vendor,
                        bandwidth.permits,
                        of);
            }
        }
    }

    /** Whether this worker has fewer permits to spend of some limit than a call takes, and gets no more as things stand. */
    boolean neverHas(Waiter waiter, long now) {
        Route shared = waiter.shared;
        if (shared == null) {
            return false;
        }
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            Bandwidth bandwidth = shared.bandwidths.get(i);
            part(bandwidth, now);
            boolean hasLess = bandwidth.permits - bandwidth.elsewhere() < waiter.sharedCosts[i];
            boolean hasMoreSoon = switch (bandwidth) {
                case RemoteBandwidth _ -> true;
                case ShardedBandwidth sharded -> sharded.awaitsShards();
                default -> nextPart(now) != Bandwidth.UNKNOWN;
            };
            if (hasLess && !hasMoreSoon) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is known here what was spent of a shard's part. */
    boolean mayHandOver(int shard) {
        lock.lock();
        try {
            long now = time.advance();
            for (Bandwidth bandwidth : bandwidths.values()) {
                if (bandwidth instanceof ShardedBandwidth) {
                    continue;
                }
                BitSet throughout = throughout(holdNanos(bandwidth), now);
                if (throughout == null || !throughout.get(shard)) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What goes with a shard that is handed back in order: its part of what was spent, which counts here no longer. Its permits are not
     * spent here from now on.
     *
     * @throws IllegalStateException where it is not known, because what its owner before has sent may count still
     */
    byte[] handOver(int shard) {
        lock.lock();
        try {
            long now = time.advance();
            int of = owned.isEmpty() ? 1 : owned.getLast().of;
            BitSet only = new BitSet();
            only.set(shard);
            Map<String, LimiterSnapshot.Spent> parts = new HashMap<>();
            for (Bandwidth bandwidth : bandwidths.values()) {
                if (bandwidth instanceof ShardedBandwidth) {
                    continue;
                }
                BitSet throughout = throughout(holdNanos(bandwidth), now);
                if (throughout == null || !throughout.get(shard)) {
                    throw new IllegalStateException(
                            "shard " + shard + " (expected: one that was this worker's through the whole window)");
                }
                int permits = bandwidth.permits;
                LimiterSnapshot.Spent spent = bandwidth.spent(now);
                LimiterSnapshot.Spent part =
                        spent.part(permitsOf(only, of, permits), permitsOf(throughout, of, permits));
                bandwidth.release(part, now);
                parts.put(bandwidth.limit.name(), part);
            }
            BitSet rest = owned.isEmpty()
                    ? new BitSet()
                    : (BitSet) owned.getLast().shards.clone();
            rest.clear(shard);
            owned.add(new Owned(now, rest, of));
            partsUntil = Long.MIN_VALUE;
            LimiterSnapshot snapshot = new LimiterSnapshot(0, parts.keySet(), parts);
            handedOver.put(shard, new HandedOver(now, snapshot));
            return snapshot.encode();
        } finally {
            lock.unlock();
        }
    }

    /** What was handed over with a shard has come back, or counts elsewhere. */
    void forget(int shard) {
        lock.lock();
        try {
            handedOver.remove(shard);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A shard of this worker's, of whose permits of long windows is known what was spent before: they may be spent from here on.
     *
     * @param snapshot as {@linkplain QuotaLog logged}, or null where nothing was
     * @param since how long ago that was, at least
     */
    void gain(int shard, int of, byte @Nullable [] snapshot, Duration since) {
        Map<String, LimiterSnapshot.Spent> spent = snapshot == null
                ? Map.of()
                : LimiterSnapshot.decode(snapshot).after(since.toNanos()).bandwidths();
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            sharded().forEach(bandwidth -> bandwidth.gain(shard, of, spent.get(bandwidth.limit.name()), now));
            serve(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /** What was spent of a shard's permits of long windows, of which none are spent here any more; null where there are none. */
    byte @Nullable [] close(int shard) {
        lock.lock();
        try {
            long now = time.advance();
            Map<String, LimiterSnapshot.Spent> spent = new HashMap<>();
            for (ShardedBandwidth bandwidth : sharded()) {
                LimiterSnapshot.Spent each = bandwidth.close(shard, now);
                if (each != null) {
                    spent.put(bandwidth.limit.name(), each);
                }
            }
            return spent.isEmpty() ? null : new LimiterSnapshot(0, spent.keySet(), spent).encode();
        } finally {
            lock.unlock();
        }
    }

    private void takeBack(int shard, long now) {
        HandedOver before = handedOver.remove(shard);
        if (before != null) {
            charge(before.spent.after(now - before.since), now);
        }
    }

    private void charge(LimiterSnapshot before, long now) {
        bandwidths.forEach((name, bandwidth) -> {
            LimiterSnapshot.Spent spent = before.bandwidths().get(name);
            if (spent != null && spent.family() == bandwidth.family()) {
                bandwidth.charge(spent, now);
                bandwidth.pause.extendTo(now + spent.pausedNanos());
            }
        });
    }

    /**
     * Goes on from what an owner of a shard before {@linkplain #handOver handed over}.
     *
     * @param since how long ago that was, at least
     */
    void takeOver(byte[] snapshot, Duration since) {
        LimiterSnapshot before = LimiterSnapshot.decode(snapshot).after(since.toNanos());
        lock.lock();
        try {
            charge(before, time.advance());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over what another allowance of the same vendor knows, which ends with this: its limiters are moved.
     *
     * @param known the shards of this worker of which is known what was spent of long windows, with how many there are in all
     */
    public void replace(VendorAllowance old, Map<Integer, Integer> known) {
        Map<String, LimiterSnapshot.Spent> spent = new HashMap<>();
        Map<String, Map<Integer, LimiterSnapshot.Spent>> spentByShard = new HashMap<>();
        List<Owned> history = new ArrayList<>();
        List<ConnectionLimiter> moved = new ArrayList<>();
        old.lock.lock();
        try {
            old.replaced = true;
            old.members.forEach(member -> moved.add(member.limiter));
        } finally {
            old.lock.unlock();
        }
        // Nothing is granted there any more when it is looked at what was spent.
        moved.forEach(ConnectionLimiter::retire);
        old.lock.lock();
        try {
            long then = old.time.advance();
            old.bandwidths.forEach((name, bandwidth) -> {
                spent.put(name, bandwidth.spent(then));
                if (bandwidth instanceof ShardedBandwidth sharded) {
                    spentByShard.put(name, sharded.spentByShard(then));
                }
            });
            history.addAll(old.owned);
        } finally {
            old.lock.unlock();
        }
        lock.lock();
        try {
            long now = time.advance();
            for (Owned each : history) {
                long since = each.since == Long.MIN_VALUE ? Long.MIN_VALUE : time.here(old.time.onClock(each.since));
                owned.add(new Owned(since, each.shards, each.of));
            }
            bandwidths.forEach((name, bandwidth) -> {
                LimiterSnapshot.Spent before = spent.get(name);
                Map<Integer, LimiterSnapshot.Spent> shards = spentByShard.get(name);
                if (bandwidth instanceof ShardedBandwidth sharded) {
                    if (!owned.isEmpty()) {
                        sharded.keepOnly(owned.getLast().shards, owned.getLast().of);
                    }
                    known.forEach(
                            (shard, of) -> sharded.gain(shard, of, shards == null ? null : shards.get(shard), now));
                    if (shards != null) {
                        return;
                    }
                }
                if (before != null && before.family() == bandwidth.family()) {
                    bandwidth.resume(before, now);
                    bandwidth.pause.extendTo(now + before.pausedNanos());
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** What all workers share is within reach, or no longer. */
    public void reaches(boolean isUp) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            for (Bandwidth bandwidth : bandwidths.values()) {
                if (bandwidth instanceof RemoteBandwidth remote) {
                    if (isUp) {
                        remote.back(now);
                    } else {
                        remote.lost(now);
                    }
                }
            }
            serve(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    private final class Arrivals implements RemoteBandwidth.Answers {
        @Override
        public void answered(Runnable takeIn) {
            Aftermath after = new Aftermath();
            lock.lock();
            try {
                takeIn.run();
                serve(time.advance(), after);
            } finally {
                lock.unlock();
            }
            after.run();
        }

        @Override
        public long now() {
            return time.advance();
        }
    }

    /** The connection's limiter stands at this gate from now on; null where another allowance has taken over. */
    @Nullable
    Member join(String tenant, ConnectionLimiter limiter) {
        lock.lock();
        try {
            if (replaced) {
                return null;
            }
            Tenant known = tenants.computeIfAbsent(tenant, name -> new Tenant(this, weights.applyAsInt(name)));
            Member member = new Member(this, known, limiter);
            members.add(member);
            return member;
        } finally {
            lock.unlock();
        }
    }

    // The rest runs with the lock held.

    /** What counts a tool's calls of a connection with this auth kind; null where nothing does. */
    @Nullable
    Route route(String tool, Set<String> applying) {
        List<Bandwidth> counting = bandwidths.values().stream()
                .filter(bandwidth -> applying.contains(bandwidth.limit.name()) && bandwidth.limit.counts(tool))
                .toList();
        return counting.isEmpty() ? null : routes.computeIfAbsent(counting, Route::new);
    }

    /** Those of these names that calls may have asked for. */
    List<Bandwidth> applying(Set<String> names, long now) {
        List<Bandwidth> applying = bandwidths.values().stream()
                .filter(bandwidth -> names.contains(bandwidth.limit.name()))
                .toList();
        applying.forEach(bandwidth -> part(bandwidth, now));
        return applying;
    }

    private boolean pass(Member member, Waiter waiter, long now) {
        Route shared = waiter.shared;
        if (shared == null) {
            return true;
        }
        int lane = place(waiter.lane);
        if (serving == null) {
            if (standsAnybody(waiter.lane)) {
                stand(member, lane, false);
                return false;
            }
            round++;
            lookAgainAt = Bandwidth.UNKNOWN;
        } else if (serving != member || servingLane != waiter.lane || served) {
            stand(member, lane, false);
            return false;
        }
        if (restart.allows()) {
            refusedForOthers = false;
            long lacking = lacking(member, shared, waiter, now);
            if (lacking == 0 && !refusedForOthers) {
                take(member, shared, waiter, now);
                served = true;
                return true;
            }
            shared.block(lacking, round);
        }
        refused = true;
        if (serving == null) {
            stand(member, lane, false);
            lookAgain();
        }
        return false;
    }

    private boolean standsAnybody(Lane lane) {
        return !turns[place(Lane.INTERACTIVE)].isEmpty() || (lane == Lane.BATCH && !turns[place(Lane.BATCH)].isEmpty());
    }

    private void stand(Member member, int lane, boolean first) {
        if (!member.stands[lane]) {
            member.stands[lane] = true;
            turns[lane].add(member, first);
        }
    }

    /**
     * The bandwidths, as bits by their place, that do not have the permits now; notes when to look again, and whether permits that there
     * are have to be left to other tenants.
     */
    private long lacking(Member member, Route shared, Waiter waiter, long now) {
        long lacking = 0;
        long out = 0; // of these, those that cannot be had by asking
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            Bandwidth bandwidth = shared.bandwidths.get(i);
            part(bandwidth, now);
            RemoteBandwidth elsewhere = bandwidth instanceof RemoteBandwidth remote && remote.isUp() ? remote : null;
            FairShares fair = elsewhere == null ? shares(bandwidth, waiter.lane) : null;
            long needed = bandwidth.wanted(waiter.lane, waiter.sharedCosts[i]);
            if (bandwidth.blockedInRound == round) {
                lacking |= 1L << i;
                out |= 1L << i;
                continue;
            }
            long free = bandwidth.free(now);
            if (bandwidth.pause.holds(now) || free < needed) {
                long others = elsewhere == null ? 0 : leftElsewhere(elsewhere, member.tenant, waiter.lane, now);
                boolean mayBeHad = elsewhere != null
                        && !bandwidth.pause.holds(now)
                        && elsewhere.mayBeHad(waiter.lane, waiter.sharedCosts[i], others, now);
                if (!mayBeHad && others > 0 && elsewhere != null && elsewhere.leftToOthers(now)) {
                    // Who leaves less may have what this one leaves: it must not stand in their way.
                    refusedForOthers = true;
                    lookAgainAt = Math.min(lookAgainAt, bandwidth.certainAfterPause(needed, now));
                    continue;
                }
                lacking |= 1L << i;
                if (!mayBeHad) {
                    out |= 1L << i;
                    lookAgainAt = Math.min(lookAgainAt, bandwidth.certainAfterPause(needed, now));
                }
                continue;
            }
            if (bandwidth instanceof ShardedBandwidth sharded && !sharded.covers(waiter.sharedCosts[i], now)) {
                // What is missing is on its way to be durable.
                lacking |= 1L << i;
                out |= 1L << i;
                lookAgainAt = Math.min(lookAgainAt, sharded.triesAgainAt(now));
                continue;
            }
            long others = fair == null ? 0 : others(fair, bandwidth, member.tenant, waiter.lane, free, now);
            long withOthers = Math.max(needed, Math.min(bandwidth.permits, needed + others));
            if (fair != null && free < withOthers) {
                refusedForOthers = true;
                lookAgainAt =
                        Math.min(lookAgainAt, Math.min(fair.changesAt(), bandwidth.certainAfterPause(withOthers, now)));
            }
        }
        if (lacking != 0 && out == 0 && !refusedForOthers) {
            ask(member, shared, waiter, lacking, now);
        }
        return lacking;
    }

    /** Permits that a tenant leaves behind for others, those that nobody knows yet included. */
    private long others(FairShares fair, Bandwidth bandwidth, Tenant tenant, Lane lane, long free, long now) {
        fair.usable(bandwidth.permits - bandwidth.elsewhere());
        if (!fair.isAlone(tenant, now)) {
            return fair.others(tenant, now);
        }
        if (serving == null || lane == Lane.BATCH) {
            // Nobody stands in line, so this is no flood; and batch calls leave the interactive reserve behind already.
            return 0;
        }
        long next = bandwidth.certain(free + 1, now);
        return fair.newcomers(tenant, next == Bandwidth.UNKNOWN ? Bandwidth.UNKNOWN : next - now);
    }

    /** The same of permits that all workers share: left where they are kept. */
    private long leftElsewhere(RemoteBandwidth bandwidth, Tenant tenant, Lane lane, long now) {
        FairShares fair = shares(bandwidth, lane);
        if (fair == null) {
            return 0;
        }
        fair.usable(bandwidth.permits);
        if (!fair.isAlone(tenant, now)) {
            return fair.others(tenant, now);
        }
        return serving == null || lane == Lane.BATCH
                ? 0
                : fair.newcomersAnywhere(tenant, bandwidth.spentHere(now), bandwidth.gap(now));
    }

    /** Asks for everything that a call lacks at once, and for nothing where it could not go all the same. */
    private void ask(Member member, Route shared, Waiter waiter, long lacking, long now) {
        int lane = place(waiter.lane);
        long calls = turns[lane].waiting() + member.waiting[lane] + 1L;
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            if ((lacking & 1L << i) != 0 && shared.bandwidths.get(i) instanceof RemoteBandwidth remote) {
                int cost = waiter.sharedCosts[i];
                long others = leftElsewhere(remote, member.tenant, waiter.lane, now);
                // What is asked for one that leaves little to others must not serve those that would leave more.
                FairShares fair = shares(remote, waiter.lane);
                long wanting = fair == null || fair.isAlone(member.tenant, now)
                        ? calls * cost
                        : fair.atOnce(member.tenant, (member.waiting[lane] + 1L) * cost, now);
                remote.want(waiter.lane, cost, wanting, others, now, arrivals);
            }
        }
    }

    private void take(Member member, Route shared, Waiter waiter, long now) {
        shared.take(waiter.sharedCosts);
        waiter.sharedRestart = restart.granted();
        double part = 0;
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            Bandwidth bandwidth = shared.bandwidths.get(i);
            Shares fair = shares.get(bandwidth);
            if (fair != null) {
                fair.spent(member.tenant, waiter.lane, waiter.sharedCosts[i], now);
            }
            part = Math.max(part, waiter.sharedCosts[i] / (double) bandwidth.permits);
        }
        turns[place(waiter.lane)].went(member.tenant, part);
    }

    /** Permits of the allowance came back, or may have. */
    void settled(Waiter waiter, Permits.Settlement settlement, long now) {
        Route shared = waiter.shared;
        if (shared != null) {
            shared.settle(waiter.sharedCosts, settlement, now);
            restart.settled(waiter.sharedRestart, settlement == Permits.Settlement.FINISHED);
        }
    }

    /** Whether permits that a call has taken may be used still, as far as is known here. */
    boolean mayRenew(Waiter waiter, long now) {
        for (int i = 0; waiter.shared != null && i < waiter.shared.bandwidths.size(); i++) {
            if (waiter.shared.bandwidths.get(i) instanceof RemoteBandwidth remote
                    && !remote.mayRenew(waiter.sharedCosts[i], now)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Asks elsewhere for permits instead of those that a call has held for too long.
     *
     * @param told once and without the lock, of which bandwidths of the route, as bits by their place, there were not enough
     * @return false where nothing has to be asked, and nobody will be told
     */
    boolean renew(Waiter waiter, long heldNanos, LongConsumer told, long now, Aftermath after) {
        List<RemoteBandwidth> asked = new ArrayList<>(2);
        List<Integer> places = new ArrayList<>(2);
        for (int i = 0; waiter.shared != null && i < waiter.shared.bandwidths.size(); i++) {
            if (waiter.shared.bandwidths.get(i) instanceof RemoteBandwidth remote && remote.mustRenew(heldNanos)) {
                asked.add(remote);
                places.add(i);
            }
        }
        if (asked.isEmpty()) {
            return false;
        }
        AtomicLong refused = new AtomicLong();
        AtomicInteger awaited = new AtomicInteger(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            int place = places.get(i);
            asked.get(i).renew(waiter.sharedCosts[place], heldNanos, granted -> {
                refused.accumulateAndGet(granted ? 0 : 1L << place, (one, other) -> one | other);
                if (awaited.decrementAndGet() == 0) {
                    told.accept(refused.get());
                }
            });
        }
        serve(now, after);
        return true;
    }

    /** Of some of a call's permits there were none instead; the others come back. */
    void forgo(Waiter waiter, long refused, long now) {
        Route shared = Objects.requireNonNull(waiter.shared);
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            Bandwidth bandwidth = shared.bandwidths.get(i);
            if ((refused & 1L << i) != 0 && bandwidth instanceof RemoteBandwidth remote) {
                remote.forgo(waiter.sharedCosts[i]);
            } else {
                bandwidth.giveBack(waiter.sharedCosts[i]);
            }
        }
        restart.settled(waiter.sharedRestart, false);
    }

    /** Lets in those whose turn it is. */
    void serve(long now, Aftermath after) {
        if (serving != null) {
            return;
        }
        if (standsAnybody(Lane.BATCH)) {
            letIn(now, after);
        }
        boolean coming = false;
        for (Bandwidth bandwidth : bandwidths.values()) {
            coming |= bandwidth instanceof RemoteBandwidth remote && remote.isAsked();
        }
        for (Bandwidth bandwidth : bandwidths.values()) {
            if (bandwidth instanceof RemoteBandwidth remote) {
                remote.flush(coming, now, after);
            }
        }
        reserve(now, after);
        if (partsChanged) {
            partsChanged = false;
            members.forEach(member -> member.limiter.tellLate(now, after));
        }
    }

    /** Has more permits of long windows made durable, where those that are run out. */
    private void reserve(long now, Aftermath after) {
        QuotaLog to = log;
        if (to == null || replaced) {
            return;
        }
        Map<Integer, Map<ShardedBandwidth, ShardedBandwidth.Share>> begun = new TreeMap<>();
        for (ShardedBandwidth bandwidth : sharded()) {
            for (ShardedBandwidth.Share share : bandwidth.reserve(beingWritten, now)) {
                begun.computeIfAbsent(share.shard(), absent -> new HashMap<>()).put(bandwidth, share);
            }
        }
        begun.forEach((shard, shares) -> {
            beingWritten.set(shard);
            byte[] picture = ahead(shard, now);
            after.then(() -> to.write(shard, vendor, picture, durable -> reserved(shard, shares, durable)));
        });
    }

    /** What counts as spent of a shard for whoever takes it over. */
    private byte[] ahead(int shard, long now) {
        Map<String, LimiterSnapshot.Spent> spent = new HashMap<>();
        for (ShardedBandwidth bandwidth : sharded()) {
            LimiterSnapshot.Spent each = bandwidth.ahead(shard, now);
            if (each != null) {
                spent.put(bandwidth.limit.name(), each);
            }
        }
        return new LimiterSnapshot(0, spent.keySet(), spent).encode();
    }

    private void reserved(int shard, Map<ShardedBandwidth, ShardedBandwidth.Share> shares, boolean durable) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            long now = time.advance();
            beingWritten.clear(shard);
            shares.forEach((bandwidth, share) -> bandwidth.reserved(share, durable, now));
            serve(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    private void letIn(long now, Aftermath after) {
        round++;
        lookAgainAt = nextPart(now);
        List<Member> skipped = new ArrayList<>();
        for (Lane lane : LANES_IN_ORDER) {
            servingLane = lane;
            Turns line = turns[place(lane)];
            skipped.clear();
            while (skipped.size() < MOST_SKIPPED && restart.allows() && !isAllBlocked()) {
                Member member = line.next();
                if (member == null) {
                    break;
                }
                member.stands[place(lane)] = false;
                serving = member;
                served = false;
                refused = false;
                try {
                    member.limiter.admitInTurn(now, after);
                } finally {
                    serving = null;
                }
                boolean skips = refused && !served;
                if (skips) {
                    skipped.add(member);
                }
                if (!skips || !refusedForOthers) {
                    line.back(member.tenant);
                }
                // Else the whole tenant waits for the next round: its other connections must leave as much behind.
            }
            // Those who could not go stand where they stood; where there are more of them, these get a look the next
            // time.
            boolean first = skipped.size() < MOST_SKIPPED;
            for (int i = skipped.size() - 1; i >= 0; i--) {
                stand(skipped.get(i), place(lane), first);
                line.back(skipped.get(i).tenant);
            }
            if (!skipped.isEmpty() && isAllBlocked()) {
                break;
            }
        }
        lookAgain();
    }

    private boolean isAllBlocked() {
        for (Bandwidth bandwidth : bandwidths.values()) {
            if (bandwidth.blockedInRound != round) {
                return false;
            }
        }
        return true;
    }

    private void lookAgain() {
        if (lookAgainAt != Bandwidth.UNKNOWN) {
            wakeUp.at(time.onClock(Math.max(lookAgainAt, time.now() + ConnectionLimiter.SHORTEST_SLEEP_NANOS)));
        }
    }

    private void tick() {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            serve(time.advance(), after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    /** A pause of what all share concerns the calls of all connections. */
    void tellLate(long now, Aftermath after) {
        boolean paused = bandwidths.values().stream().anyMatch(bandwidth -> bandwidth.pause.holds(now));
        if (paused) {
            members.forEach(member -> member.limiter.tellLate(now, after));
        }
    }

    /** When a call that comes now can have its permits, its turn considered. */
    long earliest(Member member, Waiter waiter, long now) {
        Route shared = waiter.shared;
        if (shared == null) {
            return now;
        }
        int lane = place(waiter.lane);
        long own = member.waiting[lane];
        long connections = Math.max(1, member.tenant.standing.get(lane).size());
        long turnsAhead = own * connections * Math.max(1, turns[lane].weights()) / member.tenant.weight;
        long ahead = Math.min(turnsAhead, own + turns[lane].waiting());
        if (waiter.lane == Lane.BATCH) {
            ahead += turns[place(Lane.INTERACTIVE)].waiting();
        }
        long latest = now;
        for (int i = 0; i < shared.bandwidths.size(); i++) {
            Bandwidth bandwidth = shared.bandwidths.get(i);
            part(bandwidth, now);
            int usable = bandwidth.permits - bandwidth.elsewhere();
            if (usable < waiter.sharedCosts[i]) {
                if (bandwidth instanceof ShardedBandwidth sharded && sharded.awaitsShards()) {
                    continue;
                }
                // Nothing of it is this worker's to spend, until what was gained is.
                long gained = nextPart(now);
                latest = Math.max(latest, gained == Bandwidth.UNKNOWN ? now + holdNanos(bandwidth) : gained);
                continue;
            }
            long scaled = ahead * bandwidth.permits / usable;
            latest = Math.max(
                    latest,
                    bandwidth.earliestAfterPause(scaled + bandwidth.wanted(waiter.lane, waiter.sharedCosts[i]), now));
        }
        return latest;
    }

    void throttled(Bandwidth bandwidth, long now, long length, Aftermath after) {
        boolean longer = bandwidth.pause.extendTo(now + length);
        bandwidth.tally.throttled(now, length);
        restart.begin();
        if (longer) {
            tell(new LimitNews.Paused(vendor, bandwidth.limit.name(), Duration.ofNanos(length)), after);
        }
    }

    /** As {@link Bandwidth#correct}; other workers hear of it where the vendor allows another number than before. */
    boolean correct(Bandwidth bandwidth, LimitFeedback feedback, int taken, long grantedAt, long now, Aftermath after) {
        part(bandwidth, now);
        int before = bandwidth.withheld();
        boolean paused = bandwidth.correct(feedback, taken, grantedAt, now);
        Long allowed = feedback.allowed();
        if (allowed != null && bandwidth.withheld() != before) {
            Long left = bandwidth.left(feedback);
            if (bandwidth.withheld() > before && left != null && bandwidth.elsewhere() > 0) {
                bandwidth.takePartOf(left, now, bandwidth.resetAt(feedback.reset(), now));
            }
            tell(new LimitNews.Allowed(vendor, bandwidth.limit.name(), allowed, left, feedback.reset()), after);
        }
        return paused;
    }

    private void tell(LimitNews what, Aftermath after) {
        after.then(() -> news.accept(what));
    }

    /**
     * What another worker has learned. A lower limit and a pause hold at once; a higher limit does unless this worker's own answers have just said otherwise. What is lifted
     * is so for all, whoever learned it, until an answer says it again.
     *
     * @param age how long ago that was, as far as is known
     */
    void hear(LimitNews heard, Duration age) {
        Aftermath after = new Aftermath();
        lock.lock();
        try {
            Bandwidth bandwidth = bandwidths.get(heard.limit());
            if (bandwidth == null) {
                return;
            }
            long now = time.advance();
            switch (heard) {
                case LimitNews.Allowed allowed -> allowed(bandwidth, allowed, age.toNanos(), now);
                case LimitNews.Paused paused -> {
                    long end = now + paused.length().toNanos() - age.toNanos();
                    if (end > now && bandwidth.pause.extendTo(end)) {
                        restart.begin();
                        tellLate(now, after);
                    }
                }
                case LimitNews.Lifted lifted -> {
                    switch (lifted.what()) {
                        case ALLOWED -> {
                            bandwidth.withhold(0, now);
                            bandwidth.allows(bandwidth.permits);
                        }
                        case PAUSED -> bandwidth.pause.endBy(now);
                    }
                }
            }
            serve(now, after);
        } finally {
            lock.unlock();
        }
        after.run();
    }

    private void allowed(Bandwidth bandwidth, LimitNews.Allowed heard, long age, long now) {
        if (bandwidth.limit.feedback().limit() == null) {
            // No answer would ever say that it is otherwise.
            return;
        }
        int notGiven = bandwidth.notGivenOf(heard.permits());
        if (notGiven < bandwidth.withheld()) {
            if (!bandwidth.hasSaidSince(now - OWN_WORD_NANOS)) {
                withhold(bandwidth, notGiven, now);
            }
            return;
        }
        part(bandwidth, now);
        withhold(bandwidth, notGiven, now);
        Long left = heard.left();
        if (left != null && notGiven > 0 && age < holdNanos(bandwidth)) {
            bandwidth.takePartOf(left, now, bandwidth.resetAt(heard.reset(), now));
        }
    }

    private static void withhold(Bandwidth bandwidth, int count, long now) {
        bandwidth.withhold(count, now);
        if (bandwidth.limit.resetsAt() != null) {
            // Where days are kept elsewhere, each worker leaves there what the vendor does not give.
            bandwidth.allows(bandwidth.permits - count);
        }
    }

    /** What of the permits is this worker's to spend now. */
    private void part(Bandwidth bandwidth, long now) {
        if (bandwidth instanceof ShardedBandwidth) {
            return;
        }
        if (bandwidth instanceof RemoteBandwidth remote && !remote.goesByParts(now)) {
            bandwidth.leaveElsewhere(0);
            return;
        }
        if (now >= partsUntil) {
            parts.clear();
            partsChanged = true;
            partsUntil = nextPart(now);
        }
        int part = parts.computeIfAbsent(bandwidth, each -> part(each.permits, holdNanos(each), now));
        bandwidth.leaveElsewhere(bandwidth.permits - part);
    }

    private int part(int permits, long hold, long now) {
        BitSet throughout = throughout(hold, now);
        if (throughout == null) {
            return 0;
        }
        return permitsOf(throughout, owned.getLast().of, permits);
    }

    /** The shards that were owned through the whole stretch that ends now; null where that was not watched. */
    private @Nullable BitSet throughout(long hold, long now) {
        if (owned.isEmpty() || owned.getFirst().since > now - hold) {
            return null;
        }
        BitSet all = null;
        Owned before = null;
        for (Owned each : owned) {
            if (each.since <= now - hold) {
                before = each;
            } else {
                all = both(all, each.shards);
            }
        }
        return before == null ? all : both(all, before.shards);
    }

    private static BitSet both(@Nullable BitSet some, BitSet others) {
        BitSet both = (BitSet) others.clone();
        if (some != null) {
            both.and(some);
        }
        return both;
    }

    /** Permit j of N belongs to shard j x shards / N, so that each has its part of them and all together have all. */
    static int permitsOf(BitSet shards, int of, int permits) {
        long count = 0;
        for (int shard = shards.nextSetBit(0); shard >= 0 && shard < of; shard = shards.nextSetBit(shard + 1)) {
            count += Math.ceilDiv((shard + 1L) * permits, of) - Math.ceilDiv((long) shard * permits, of);
        }
        return Math.toIntExact(count);
    }

    /** When a gained part may be spent next; forgets what no longer counts. */
    private long nextPart(long now) {
        long longest = 0;
        long next = Bandwidth.UNKNOWN;
        for (Bandwidth bandwidth : bandwidths.values()) {
            if (bandwidth instanceof ShardedBandwidth) {
                continue;
            }
            long hold = holdNanos(bandwidth);
            longest = Math.max(longest, hold);
            for (Owned each : owned) {
                if (each.since != Long.MIN_VALUE && each.since + hold > now) {
                    next = Math.min(next, each.since + hold);
                }
            }
        }
        while (owned.size() > 1 && isBefore(owned, now - longest)) {
            owned.removeFirst();
        }
        return next;
    }

    /** Whether the second of them began before the time, so that the first counts no more. */
    private static boolean isBefore(Deque<Owned> history, long from) {
        int place = 0;
        for (Owned each : history) {
            if (place++ == 1) {
                return each.since <= from;
            }
        }
        return false;
    }

    private static long holdNanos(Bandwidth bandwidth) {
        return holdNanos(bandwidth.limit);
    }

    /** How long what was sent before counts against what is gained. */
    private static long holdNanos(Limit limit) {
        Duration window = limit.window();
        Duration held = window == null
                ? ConnectionLimiter.UNANSWERED_GRACE
                : window.compareTo(LONGEST_HELD) > 0 ? LONGEST_HELD : window;
        return held.plus(ConnectionLimiter.TRANSIT_GRACE).toNanos();
    }
}
