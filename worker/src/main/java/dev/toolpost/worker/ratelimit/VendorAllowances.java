package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The allowances of the vendors of one pool in this worker, and how many of the pool's shards it owns. Thread-safe. */
public final class VendorAllowances {

    private static final Logger LOG = LoggerFactory.getLogger(VendorAllowances.class);

    /** Longer than any gained part is waited for. */
    private static final long REMEMBERED_NANOS = 3_600_000_000_000L;

    /** What a vendor allowed so long ago says nothing any more. */
    private static final Duration LONGEST_BELIEVED = Duration.ofDays(1);

    /** More limits than all connectors have. */
    private static final int MOST_NEWS = 10_000;

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final ToIntFunction<String> weights;
    private final WakeUps wakeUps;
    private final SharedPermitsSource source;
    private final @Nullable QuotaLog log;
    private final Consumer<LimitNews> others;
    private final Map<String, VendorAllowance> byVendor = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();

    /** What owners before handed over of vendors that nobody has called here yet. */
    private final Map<String, List<Inherited>> inherited = new HashMap<>();

    /** Of which of this worker's shards is known what was spent of long windows. */
    private final Map<Integer, Map<String, Inherited>> quotas = new HashMap<>();

    /** The latest of each limit, by vendor, limit and kind. */
    private final Map<String, Heard> news = new HashMap<>();

    private record Heard(LimitNews news, long atNanos) {}

    /**
     * What an owner of a shard before logged of a vendor.
     *
     * @param since how long ago that was, at least
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Logged(byte[] snapshot, Duration since) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Inherited(byte[] snapshot, long atNanos, Duration since) {}

    private record Change(long atNanos, BitSet shards, int of, BitSet fresh) {}

    /**
     * @param nanoTime {@link System#nanoTime()} or like it
     * @param clock for windows that begin at a time of day
     * @param weights of tenants, at least 1 each
     * @param source of what all workers share
     * @param log where what is spent of windows above ten minutes is made durable; null where a crash may forget it
     * @param others hears what requests of this worker have shown; told without a lock of a limiter, must not block
     */
    public VendorAllowances(
            LongSupplier nanoTime,
            InstantSource clock,
            ToIntFunction<String> weights,
            WakeUps wakeUps,
            SharedPermitsSource source,
            @Nullable QuotaLog log,
            Consumer<LimitNews> others) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.weights = weights;
        this.wakeUps = wakeUps;
        this.source = source;
        this.log = log;
        this.others = others;
    }

    /**
     * The allowance of a vendor; where its limits have changed a new one, which goes on from the old.
     *
     * @param limits all of the vendor's
     * @return null where none of them has the scope {@code vendor}
     */
    public synchronized @Nullable VendorAllowance of(String vendor, List<Limit> limits) {
        List<Limit> shared = limits.stream()
                .filter(limit -> limit.scope() == Limit.Scope.VENDOR)
                .toList();
        VendorAllowance known = byVendor.get(vendor);
        if (known != null && known.limits().equals(shared)) {
            return known;
        }
        if (shared.isEmpty() && known == null) {
            return null;
        }
        VendorAllowance next =
                new VendorAllowance(vendor, shared, nanoTime, clock, weights, wakeUps, source, log, this::learned);
        if (known == null) {
            tellOfParts(vendor, shared);
            for (Change each : changes) {
                next.owns(each.atNanos, each.shards, each.of, each.fresh);
            }
            long now = nanoTime.getAsLong();
            List<Inherited> before = inherited.remove(vendor);
            if (before != null) {
                before.forEach(
                        each -> next.takeOver(each.snapshot, each.since.plusNanos(Math.max(0, now - each.atNanos))));
            }
            quotas.forEach((shard, byVendorBefore) -> gain(next, shard, byVendorBefore.get(vendor), now));
        } else {
            Map<Integer, Integer> shards = new HashMap<>();
            quotas.keySet().forEach(shard -> shards.put(shard, changes.getLast().of));
            next.replace(known, shards);
        }
        byVendor.put(vendor, next);
        remind(next, vendor, known != null);
        return next;
    }

    /** Once for each vendor that is used: parts of what all connections share are smaller than the whole, and small ones may be none. */
    private void tellOfParts(String vendor, List<Limit> shared) {
        if (source.equals(SharedPermitsSource.NONE)) {
            LOG.warn(
                    "{}: limits over all connections {} are kept by parts: each worker of the pool spends what goes with its shards, so with"
                            + " several workers one may wait while another has permits left, and of a limit of fewer permits than"
                            + " workers some have none. With limits.redis.url set they share them",
                    vendor,
                    shared.stream()
                            .map(limit -> limit.name() + "=" + limit.permits())
                            .toList());
        }
    }

    /**
     * Which of the pool's shards this worker owns from now on.
     *
     * @param shards of this worker; never changed afterwards
     * @param of the pool in all
     * @param fresh of what was gained just now, shards for which nobody else sent anything of late; never changed afterwards
     */
    public synchronized void own(BitSet shards, int of, BitSet fresh) {
        long now = nanoTime.getAsLong();
        while (changes.size() > 1 && now - changes.get(1).atNanos > REMEMBERED_NANOS) {
            changes.removeFirst();
        }
        changes.add(new Change(now, shards, of, fresh));
        quotas.keySet().removeIf(shard -> !shards.get(shard));
        byVendor.values().forEach(allowance -> allowance.owns(now, shards, of, fresh));
    }

    /**
     * What goes with a shard that is handed back in order, by vendor. Its part is not spent here from now on.
     *
     * @return empty where its part of some allowance may not be spent here yet
     */
    public synchronized Optional<Map<String, byte[]>> handOver(int shard) {
        // Of a vendor that was never used here nothing was spent, if the shard was this worker's long enough.
        if (!isOld(shard) || !byVendor.values().stream().allMatch(allowance -> allowance.mayHandOver(shard))) {
            return Optional.empty();
        }
        Map<String, byte[]> spent = new HashMap<>();
        byVendor.forEach((vendor, allowance) -> spent.put(vendor, allowance.handOver(shard)));
        Change last = changes.getLast();
        BitSet rest = (BitSet) last.shards.clone();
        rest.clear(shard);
        own(rest, last.of, new BitSet());
        return Optional.of(spent);
    }

    private boolean isOld(int shard) {
        long now = nanoTime.getAsLong();
        BitSet known = new BitSet();
        for (Change each : changes) {
            known.or(each.fresh);
            if (each.shards.get(shard)
                    && now - each.atNanos > TimeUnit.MINUTES.toNanos(VendorAllowance.LONGEST_HELD_MINUTES)) {
                return true;
            }
        }
        return known.get(shard);
    }

    /**
     * A shard that this worker owns comes with what its owner before has handed over, so that its part may be spent at once.
     *
     * @param since how long ago that was, at least
     */
    public synchronized void takeOver(int shard, Map<String, byte[]> spent, Duration since) {
        if (changes.isEmpty() || !changes.getLast().shards.get(shard)) {
            return;
        }
        long now = nanoTime.getAsLong();
        spent.forEach((vendor, snapshot) -> {
            VendorAllowance known = byVendor.get(vendor);
            if (known == null) {
                inherited.computeIfAbsent(vendor, absent -> new ArrayList<>()).add(new Inherited(snapshot, now, since));
            } else {
                known.takeOver(snapshot, since);
            }
        });
        byVendor.values().forEach(allowance -> allowance.forget(shard));
        BitSet fresh = new BitSet();
        fresh.set(shard);
        own(changes.getLast().shards, changes.getLast().of, fresh);
    }

    /** What was spent of long windows of a shard is known: its permits of them may be spent from here on. */
    public synchronized void gain(int shard, Map<String, Logged> logged) {
        if (changes.isEmpty() || !changes.getLast().shards.get(shard)) {
            return;
        }
        long now = nanoTime.getAsLong();
        Map<String, Inherited> before = new HashMap<>();
        logged.forEach((vendor, each) -> before.put(vendor, new Inherited(each.snapshot, now, each.since)));
        quotas.put(shard, before);
        byVendor.forEach((vendor, allowance) -> gain(allowance, shard, before.get(vendor), now));
    }

    private void gain(VendorAllowance allowance, int shard, @Nullable Inherited before, long now) {
        int of = changes.getLast().of;
        if (before == null) {
            allowance.gain(shard, of, null, Duration.ZERO);
        } else {
            allowance.gain(shard, of, before.snapshot, before.since.plusNanos(Math.max(0, now - before.atNanos)));
        }
    }

    /** What goes with a shard that is handed back, by vendor: of its long windows nothing is spent here any more. */
    public synchronized Map<String, byte[]> close(int shard) {
        Map<String, byte[]> spent = new HashMap<>();
        byVendor.forEach((vendor, allowance) -> {
            byte[] of = allowance.close(shard);
            if (of != null) {
                spent.put(vendor, of);
            }
        });
        return spent;
    }

    private void learned(LimitNews what) {
        remember(what, nanoTime.getAsLong());
        others.accept(what);
    }

    /**
     * What another worker has learned; of each limit and kind, one after the other.
     *
     * @param age how long ago that was, as far as is known
     */
    public void hear(LimitNews what, Duration age) {
        if (age.compareTo(LONGEST_BELIEVED) < 0 && remember(what, nanoTime.getAsLong() - age.toNanos())) {
            VendorAllowance known = allowance(what.vendor());
            if (known != null) {
                known.hear(what, age);
            }
        }
    }

    private synchronized @Nullable VendorAllowance allowance(String vendor) {
        return byVendor.get(vendor);
    }

    private synchronized boolean remember(LimitNews what, long atNanos) {
        String key = what.kind() + "/" + what.vendor() + "/" + what.limit();
        if (what instanceof LimitNews.Lifted) {
            news.remove(key);
            return true;
        }
        if (news.size() >= MOST_NEWS && !news.containsKey(key)) {
            return false;
        }
        news.put(key, new Heard(what, atNanos));
        return true;
    }

    /** Has a new allowance know what was heard of its vendor. */
    private void remind(VendorAllowance allowance, String vendor, boolean spentIsKnown) {
        long now = nanoTime.getAsLong();
        for (Heard each : List.copyOf(news.values())) {
            Duration age = Duration.ofNanos(Math.max(0, now - each.atNanos));
            if (each.news.vendor().equals(vendor) && age.compareTo(LONGEST_BELIEVED) < 0) {
                allowance.hear(
                        spentIsKnown && each.news instanceof LimitNews.Allowed allowed
                                ? allowed.withoutLeft()
                                : each.news,
                        age);
            }
        }
    }

    /** What all workers share is within reach, or no longer. */
    public synchronized void reach(boolean isUp) {
        byVendor.values().forEach(allowance -> allowance.reaches(isUp));
    }

    /** Those there are, by vendor. */
    public synchronized Map<String, VendorAllowance> byVendor() {
        return Map.copyOf(byVendor);
    }
}
