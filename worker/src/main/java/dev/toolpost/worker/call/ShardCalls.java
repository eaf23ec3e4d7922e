package dev.toolpost.worker.call;

import dev.toolpost.message.StateEntry;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import dev.toolpost.worker.ratelimit.InitialState;
import dev.toolpost.worker.ratelimit.VendorAllowances;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that one ownership of a shard holds in memory: its running calls, its journal, its connections' permits,
 * its remembered cancels. Thread-safe.
 */
final class ShardCalls {

    /** {@link StateEntry#getKind()} of saved bucket states. */
    static final String BUCKET = "bucket";

    private static final Logger log = LoggerFactory.getLogger(ShardCalls.class);

    /** In place of a connection: how long ago the windows of connections that nobody used since count as full. */
    private static final String ALL_UNUSED = "*";

    /** In place of a connection, before a vendor: what was spent of what its connections share; alone: that no vendor is missing. */
    private static final String ALLOWANCES = "+";

    /** In place of a connection, before a vendor: what counts as spent of the shard's permits of long windows that its connections share. */
    private static final String QUOTAS = "=";

    /** By how much clocks of two machines may differ. */
    private static final Duration CLOCKS_APART = Duration.ofHours(1);

    private static final int MOST_OWNERS = 32;
    private static final int MOST_CANCELS = 10_000;

    /** Calls in line for a place of their connections from which on no more are fetched that would join them. */
    private static final int MOST_IN_LINE = 1_000;

    private final Shard shard;
    private final Journal journal;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final int placesPerConnection;
    private final long ownedSinceNanos;
    private final @Nullable String savedBy;
    private final boolean abandoned;
    private final Limiters limiters;
    private final Spendings spendings;
    private final List<String> owners;
    private final Map<String, SavedBucket> saved = new ConcurrentHashMap<>();
    private volatile InitialState unusedConnections;

    // Only the thread that restores touches these.
    private final Map<String, byte[]> allowances = new HashMap<>();
    private final Map<String, SavedBucket> quotas = new HashMap<>();
    private boolean knowsAllowances;
    private final CountDownLatch journalReady = new CountDownLatch(1);
    private final CountDownLatch limitsReady = new CountDownLatch(1);

    private final Map<TopicPartition, Map<Long, RunningCall>> running = new ConcurrentHashMap<>();
    private final Map<String, RunningCall> byCancelKey = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Map<Long, Parked>> parked = new ConcurrentHashMap<>();
    private final Map<String, Parked> parkedByCancelKey = new ConcurrentHashMap<>();
    private final Map<String, ConnectionSlot> slots = new ConcurrentHashMap<>();
    private final Map<String, Places> places = new ConcurrentHashMap<>();
    private final AtomicInteger inLine = new AtomicInteger();
    private final Set<TopicPartition> crowded = ConcurrentHashMap.newKeySet();
    private final LinkedHashMap<String, Long> cancels = new LinkedHashMap<>();

    /** @param kept the buckets of this worker's last ownership of the shard, where nobody else owned it since; else null */
    ShardCalls(
            Shard shard,
            Journal journal,
            LongSupplier nanoTime,
            InstantSource clock,
            int placesPerConnection,
            Limiters limiters,
            Spendings spendings,
            @Nullable KeptBuckets kept) {
        this.limiters = limiters;
        this.spendings = spendings;
        this.shard = shard;
        this.abandoned = kept == null && shard.inheritance() instanceof Inheritance.Abandoned;
        this.journal = journal;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.placesPerConnection = placesPerConnection;
        this.ownedSinceNanos = nanoTime.getAsLong();
        List<String> chain = new ArrayList<>(kept == null ? List.of() : kept.owners());
        chain.add(shard.token());
        this.owners = List.copyOf(chain.subList(Math.max(0, chain.size() - MOST_OWNERS), chain.size()));
        if (kept != null) {
            this.unusedConnections = kept.unusedConnections();
            this.savedBy = null;
            this.saved.putAll(kept.saved());
            kept.slots().forEach((key, slot) -> {
                slot.limiter().logTo(log(key));
                slots.put(key, new ConnectionSlot(slot.connection(), slot.limiter(), placesOf(key)));
            });
        } else {
            this.unusedConnections = shard.inheritance() instanceof Inheritance.Abandoned
                    ? InitialState.fullAt(ownedSinceNanos)
                    : InitialState.FRESH;
            this.savedBy = shard.inheritance() instanceof Inheritance.HandedBack(String token) ? token : null;
        }
        if (savedBy == null && !abandoned) {
            limitsReady.countDown();
        }
        for (TopicPartition partition : shard.partitions()) {
            running.put(partition, new ConcurrentHashMap<>());
            parked.put(partition, new ConcurrentHashMap<>());
        }
    }

    Shard shard() {
        return shard;
    }

    Journal journal() {
        return journal;
    }

    // ---- what the state partition says ----

    void restore(StateEntry entry, long place) {
        if (entry.getKind().equals(Journal.KIND)) {
            journal.restore(entry, place);
        } else if (entry.getKind().equals(BUCKET) && entry.getConnection().startsWith(QUOTAS)) {
            // Whoever wrote it last: an owner that spent nothing since wrote nothing.
            ByteBuffer payload = entry.getPayload();
            if (payload != null) {
                quotas.put(entry.getConnection().substring(QUOTAS.length()), SavedBucket.of(payload, entry.getAt()));
            }
        } else if (entry.getKind().equals(BUCKET) && abandoned) {
            ByteBuffer payload = entry.getPayload();
            if (payload != null
                    && !entry.getConnection().equals(ALL_UNUSED)
                    && !entry.getConnection().startsWith(ALLOWANCES)) {
                saved.put(entry.getTenant() + "/" + entry.getConnection(), SavedBucket.of(payload, entry.getAt()));
            }
        } else if (entry.getKind().equals(BUCKET) && savedBy != null && savedBy.equals(entry.getOwner())) {
            ByteBuffer payload = entry.getPayload();
            if (payload != null) {
                SavedBucket bucket = SavedBucket.of(payload, entry.getAt());
                if (entry.getConnection().equals(ALLOWANCES)) {
                    knowsAllowances = true;
                } else if (entry.getConnection().startsWith(ALLOWANCES)) {
                    allowances.put(entry.getConnection().substring(ALLOWANCES.length()), bucket.payload());
                } else if (entry.getConnection().equals(ALL_UNUSED)) {
                    unusedConnections = InitialState.fullAt(ownedSinceNanos - bucket.ageNanos());
                } else {
                    saved.put(entry.getTenant() + "/" + entry.getConnection(), bucket);
                }
            }
        }
    }

    void restored() {
        if (knowsAllowances) {
            limiters.allowances().takeOver(shard.number(), allowances, Duration.ZERO);
        }
        if (shard.mayCommit()) {
            Map<String, VendorAllowances.Logged> logged = new HashMap<>();
            quotas.forEach((vendor, bucket) ->
                    logged.put(vendor, new VendorAllowances.Logged(bucket.payload(), surelyAgo(bucket.atMillis()))));
            limiters.allowances().gain(shard.number(), logged);
        }
        limitsReady.countDown();
        journalReady.countDown();
    }

    void awaitJournal() throws InterruptedException {
        journalReady.await();
    }

    /** Waits a little for the journal, out of reach of signals. */
    boolean isJournalReady(Duration patience) throws InterruptedException {
        return journalReady.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- connections ----

    /**
     * The connection's permits, once the states that an owner before left are read. Where its limits changed a new limiter takes over,
     * whatever older definition or record a call still goes by.
     */
    ConnectionSlot slot(String connectionKey, KnownConnection connection) throws InterruptedException {
        if (!abandoned || ConnectionLimiter.isLogged(connection.limits())) {
            limitsReady.await();
        }
        ConnectionSlot slot = slots.get(connectionKey);
        if (slot == null
                || slot.limiter().isRetired()
                || (slot.connection() != connection && limiters.isNewer(connection, slot.connection()))) {
            slot = newSlot(connectionKey, connection);
        }
        slot.used(nanoTime.getAsLong());
        return slot;
    }

    private ConnectionSlot newSlot(String connectionKey, KnownConnection connection) {
        return slots.compute(connectionKey, (key, old) -> {
            if (old == null) {
                return newSlot(key, connection, inherited(key));
            }
            boolean newer = limiters.isNewer(connection, old.connection());
            KnownConnection newest = newer ? connection : old.connection();
            boolean same = !newer || old.limits().equals(connection.limits());
            if (same && !old.limiter().isRetired()) {
                return newer ? old.of(connection) : old;
            }
            return newSlot(key, newest, InitialState.restored(old.limiter().retire()));
        });
    }

    private ConnectionSlot newSlot(String key, KnownConnection connection, InitialState initial) {
        String tenant = key.substring(0, key.indexOf('/'));
        return new ConnectionSlot(connection, limiters.limiter(tenant, connection, initial, log(key)), placesOf(key));
    }

    private ConnectionLimiter.SpendingLog log(String key) {
        return (snapshot, durable) ->
                spendings.write(shard, bucketState(key, new SavedBucket(snapshot, clock.millis())), durable);
    }

    /** Makes durable what counts as spent of the shard's permits of long windows that a vendor's connections share. */
    void logQuota(String vendor, byte[] snapshot, Consumer<Boolean> durable) {
        spendings.write(shard, bucketState("/" + QUOTAS + vendor, new SavedBucket(snapshot, clock.millis())), durable);
    }

    /** The bound in flight of a connection. */
    Places placesOf(String connectionKey) {
        return places.computeIfAbsent(connectionKey, key -> new Places(placesPerConnection));
    }

    private InitialState inherited(String key) {
        SavedBucket bucket = saved.remove(key);
        if (bucket == null) {
            return unusedConnections;
        }
        try {
            return abandoned
                    ? InitialState.replacing(bucket.payload(), ownedSinceNanos, surelyAgo(bucket.atMillis()))
                    : InitialState.restored(bucket.payload());
        } catch (IllegalArgumentException damagedOrNewer) {
            log.warn("The saved bucket state of {} cannot be read; its windows count as full", key, damagedOrNewer);
            return InitialState.fullAt(ownedSinceNanos);
        }
    }

    /** How long ago it was by a clock of another machine, at least. */
    private Duration surelyAgo(long atMillis) {
        return Duration.ofMillis(Math.max(0, clock.millis() - atMillis - CLOCKS_APART.toMillis()));
    }

    Map<String, ConnectionSlot> slots() {
        return slots;
    }

    /**
     * What the next owner must know of permits, those of connections included that this ownership inherited and never
     * used; empty where it does not know them yet itself.
     *
     * @param relevantNanos how long ago a window may have begun that still counts
     */
    Optional<List<StateEntry>> bucketStates(long nowMillis, long relevantNanos) {
        long now = nanoTime.getAsLong();
        // What was logged by a lost owner says nothing of short windows; for as long as those count nobody may take it
        // for all there is.
        boolean partly = abandoned
                && !saved.isEmpty()
                && now - ownedSinceNanos
                        < ConnectionLimiter.LONGEST_FILLED.plusSeconds(1).toNanos();
        if (limitsReady.getCount() > 0 || partly) {
            return Optional.empty();
        }
        List<StateEntry> states = new ArrayList<>();
        slots.forEach((key, slot) ->
                states.add(bucketState(key, new SavedBucket(slot.limiter().snapshot(now), nowMillis))));
        long oldest = nowMillis - TimeUnit.NANOSECONDS.toMillis(relevantNanos);
        saved.forEach((key, bucket) -> {
            if (bucket.atMillis() >= oldest) {
                states.add(bucketState(key, bucket));
            }
        });
        if (unusedConnections instanceof InitialState.FullAt(long since) && now - since < relevantNanos) {
            states.add(bucketState("/" + ALL_UNUSED, SavedBucket.ofAge(now - since, nowMillis)));
        }
        limiters.allowances()
                .close(shard.number())
                .forEach((vendor, snapshot) ->
                        states.add(bucketState("/" + QUOTAS + vendor, new SavedBucket(snapshot, nowMillis))));
        limiters.allowances().handOver(shard.number()).ifPresent(spent -> {
            spent.forEach((vendor, snapshot) ->
                    states.add(bucketState("/" + ALLOWANCES + vendor, new SavedBucket(snapshot, nowMillis))));
            states.add(bucketState("/" + ALLOWANCES, SavedBucket.ofAge(0, nowMillis)));
        });
        return Optional.of(states);
    }

    private StateEntry bucketState(String key, SavedBucket bucket) {
        int slash = key.indexOf('/');
        return StateEntry.newBuilder()
                .setKind(BUCKET)
                .setTenant(key.substring(0, slash))
                .setConnection(key.substring(slash + 1))
                .setShard(shard.number())
                .setAt(bucket.atMillis())
                .setOwner(shard.token())
                .setPayload(ByteBuffer.wrap(bucket.payload()))
                .build();
    }

    /**
     * What to keep of the permits in case the shard comes back with no owner between; empty where what the owner before
     * left was not read to its end.
     */
    Optional<KeptBuckets> keep() {
        return limitsReady.getCount() > 0
                ? Optional.empty()
                : Optional.of(new KeptBuckets(owners, unusedConnections, Map.copyOf(slots), Map.copyOf(saved)));
    }

    /** Forgets connections that nobody has used for so long that all their windows are over. */
    void forgetIdleConnections(long idleNanos) {
        long now = nanoTime.getAsLong();
        slots.values()
                .removeIf(slot ->
                        now - slot.usedAtNanos() > idleNanos && slot.places().isUnused());
        places.entrySet()
                .removeIf(place ->
                        !slots.containsKey(place.getKey()) && place.getValue().isUnused());
    }

    void standsInLine(int change) {
        inLine.addAndGet(change);
    }

    /** Whether so many calls wait for their connections to have room that no more should join them. */
    boolean hasLongLine() {
        return inLine.get() >= MOST_IN_LINE;
    }

    /** Takes note of the length of a partition's commit metadata. */
    void metadataLength(TopicPartition partition, int length) {
        if (length >= LedgerMetadata.BUDGET * 9 / 10) {
            crowded.add(partition);
        } else {
            crowded.remove(partition);
        }
    }

    /** Whether a partition's finished offsets nearly fill its commit metadata. */
    boolean isCrowded(TopicPartition partition) {
        return crowded.contains(partition);
    }

    // ---- running calls ----

    void add(RunningCall call) {
        runningOf(call).put(call.delivery().offset(), call);
    }

    void remove(RunningCall call) {
        runningOf(call).remove(call.delivery().offset(), call);
        String key = call.cancelKey();
        if (key != null) {
            byCancelKey.remove(key, call);
        }
    }

    private Map<Long, RunningCall> runningOf(RunningCall call) {
        Map<Long, RunningCall> calls = running.get(call.delivery().partition());
        if (calls == null) {
            throw new IllegalArgumentException(call.delivery().partition() + ": not of " + shard);
        }
        return calls;
    }

    @Nullable
    RunningCall find(TopicPartition partition, long offset) {
        Map<Long, RunningCall> calls = running.get(partition);
        return calls == null ? null : calls.get(offset);
    }

    List<RunningCall> running() {
        List<RunningCall> all = new ArrayList<>();
        running.values().forEach(calls -> all.addAll(calls.values()));
        return all;
    }

    void signalAll(Signal signal) {
        for (Map<Long, RunningCall> calls : running.values()) {
            Collection<RunningCall> each = calls.values();
            each.forEach(call -> call.signal(signal));
        }
    }

    // ---- calls that wait ----

    void add(Parked call) {
        parkedOf(call).put(call.delivery().offset(), call);
        parkedByCancelKey.put(call.cancelKey(), call);
        if (call.isInLine()) {
            standsInLine(1);
        }
    }

    /** Forgets a call that goes on, or is gone; false where that was done before. */
    boolean remove(Parked call) {
        if (!parkedOf(call).remove(call.delivery().offset(), call)) {
            return false;
        }
        parkedByCancelKey.remove(call.cancelKey(), call);
        if (call.isInLine()) {
            standsInLine(-1);
        }
        return true;
    }

    private Map<Long, Parked> parkedOf(Parked call) {
        Map<Long, Parked> calls = parked.get(call.delivery().partition());
        if (calls == null) {
            throw new IllegalArgumentException(call.delivery().partition() + ": not of " + shard);
        }
        return calls;
    }

    @Nullable
    Parked findParked(TopicPartition partition, long offset) {
        Map<Long, Parked> calls = parked.get(partition);
        return calls == null ? null : calls.get(offset);
    }

    List<Parked> parked() {
        List<Parked> all = new ArrayList<>();
        parked.values().forEach(calls -> all.addAll(calls.values()));
        return all;
    }

    // ---- cancels ----

    /** Makes a call reachable by cancels; tells whether one was here before it. */
    boolean registerForCancel(RunningCall call, String key) {
        call.isCancelledBy(key);
        byCancelKey.put(key, call);
        synchronized (cancels) {
            return cancels.remove(key) != null;
        }
    }

    /**
     * Cancels the call where it runs, else remembers the cancel until the call's latest deadline: the call may not have come yet, or
     * be a traversal between two turns.
     *
     * @return whether the call was here and hears of it; one that has its outcome already may be on its way to the scheduler
     */
    boolean cancel(String key, long untilMillis, long nowMillis) {
        RunningCall call = byCancelKey.get(key);
        // A repetition of a call has the same key as the call.
        Parked waiting = parkedByCancelKey.get(key);
        if (call != null && call.signal(Signal.CANCEL) && waiting == null) {
            return true;
        }
        remember(key, untilMillis, nowMillis);
        call = byCancelKey.get(key);
        boolean hears = call != null && call.signal(Signal.CANCEL);
        waiting = parkedByCancelKey.get(key);
        if (waiting != null) {
            waiting.wake();
        }
        return hears || waiting != null;
    }

    /** Remembers a cancel for the next run of its call. */
    void remember(String key, long untilMillis, long nowMillis) {
        synchronized (cancels) {
            cancels.values().removeIf(until -> until < nowMillis);
            if (cancels.size() >= MOST_CANCELS) {
                cancels.pollFirstEntry();
            }
            cancels.put(key, untilMillis);
        }
    }

    /** Whether a cancel of the call is remembered. */
    boolean isCancelled(Parked call) {
        return isCancelled(call.cancelKey());
    }

    /** Whether a cancel of the call with this key is remembered. */
    boolean isCancelled(String key) {
        synchronized (cancels) {
            return cancels.containsKey(key);
        }
    }
}
