package dev.toolpost.worker.call;

import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.Lane;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.intake.Delivery;
import dev.toolpost.worker.intake.ShardWork;
import dev.toolpost.worker.journal.Journal;
import dev.toolpost.worker.journal.StateLog;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.memory.HeapParts;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ratelimit.Acquisition;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.Ticket;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All calls of one pool in this worker, by shard: starts them, bounds them, drains and drops them. Thread-safe. */
final class PoolCalls implements ShardWork, CallEnd.Departures, Parking.Runs {

    private static final Logger log = LoggerFactory.getLogger(PoolCalls.class);
    private static final int RESTORERS = 4;
    private static final int MOST_PARKED = 250_000;
    private static final int HANDED_OVER_AT_ONCE = 64;
    private static final long RESTORE_PAUSE_MILLIS = 500;

    /** Two days: past every window that a vendor counts in. */
    private static final long IDLE_CONNECTION_NANOS = TimeUnit.DAYS.toNanos(2);

    /** Looking through all that is remembered takes the poll thread's time. */
    private static final long TIDY_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final PoolTopics topics;
    private final StateLog state;
    private final Function<StateEntry, ProducerRecord<byte[], byte[]>> encode;
    private final Limiters limiters;
    private final CommittedSpendings spendings;
    private final CallSettings settings;
    private final HeapPart turnMemory;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private volatile @Nullable CallRunner runner;

    private final Map<Shard, ShardCalls> shards = new ConcurrentHashMap<>();
    private final Map<Integer, KeptBuckets> lastOwnership = new ConcurrentHashMap<>();
    private final Parking parking;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger batchInFlight = new AtomicInteger();
    private final Beginnings beginnings = new Beginnings(Runtime.getRuntime().availableProcessors());
    private volatile @Nullable Thread waitingForRoom;
    private final LongAdder started = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private volatile boolean draining;

    /** Only the poll thread touches it. */
    private long tidiedAtNanos;

    /** Platform threads: a Kafka client that polls on a virtual thread holds its carrier. */
    private final ExecutorService restorers;

    PoolCalls(
            PoolTopics topics,
            StateLog state,
            Function<StateEntry, ProducerRecord<byte[], byte[]>> encode,
            ConnectorSource connectors,
            SharedPermitsSource source,
            Consumer<LimitNews> limitNews,
            CallSettings settings,
            HeapParts memory,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.topics = topics;
        this.state = state;
        this.encode = encode;
        this.limiters =
                new Limiters(connectors, settings.tenantWeights(), source, this::logQuota, limitNews, nanoTime, clock);
        this.spendings = new CommittedSpendings(encode);
        this.settings = settings;
        this.turnMemory = memory.turns();
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.tidiedAtNanos = nanoTime.getAsLong();
        this.parking = new Parking(MOST_PARKED, memory.waiting(), clock, this);
        this.restorers = Executors.newFixedThreadPool(
                RESTORERS,
                Thread.ofPlatform()
                        .daemon()
                        .name("restore-" + topics.pool() + "-", 0)
                        .factory());
    }

    /** Sets what carries calls, and what commits for them; once, before the first shard is assigned. */
    void carriedBy(CallRunner callRunner, Committer committer) {
        spendings.writtenBy(committer);
        runner = callRunner;
        parking.start(topics.pool());
    }

    /** Where calls of this pool wait. */
    Parking parking() {
        return parking;
    }

    @Override
    public void assigned(Shard shard) {
        KeptBuckets before = lastOwnership.remove(shard.number());
        boolean nobodyBetween = before != null && before.owners().contains(lastOwner(shard.inheritance()));
        ShardCalls calls = new ShardCalls(
                shard,
                new Journal(shard.number(), clock),
                nanoTime,
                clock,
                settings.maxInFlightPerConnection(),
                limiters,
                spendings,
                nobodyBetween ? before : null);
        shards.put(shard, calls);
        BitSet fresh = new BitSet();
        fresh.set(shard.number(), nobodyBetween || shard.inheritance() instanceof Inheritance.Untouched);
        owns(fresh);
        restorers.execute(() -> restore(calls));
    }

    private void logQuota(int shard, String vendor, byte[] snapshot, Consumer<Boolean> durable) {
        for (ShardCalls calls : shards.values()) {
            if (calls.shard().number() == shard) {
                calls.logQuota(vendor, snapshot, durable);
                return;
            }
        }
        durable.accept(false);
    }

    private void owns(BitSet fresh) {
        BitSet owned = new BitSet();
        shards.keySet().forEach(shard -> owned.set(shard.number()));
        limiters.allowances().own(owned, topics.shards(), fresh);
    }

    private static String lastOwner(Inheritance inheritance) {
        return switch (inheritance) {
            case Inheritance.Untouched() -> "";
            case Inheritance.HandedBack(String token) -> token;
            case Inheritance.Abandoned(String token) -> token == null ? "" : token;
        };
    }

    /** Writes wait for this; reads only where bucket states are to be restored. */
    private void restore(ShardCalls calls) {
        Shard shard = calls.shard();
        try {
            while (shard.mayCommit()) {
                try {
                    if (state.restore(shard.number(), shard::mayCommit, calls::restore)) {
                        calls.restored();
                        return;
                    }
                } catch (KafkaException unreachable) {
                    log.warn(
                            "Cannot read the state of shard {} of pool {} yet; its writes wait",
                            shard.number(),
                            topics.pool(),
                            unreachable);
                    TimeUnit.MILLISECONDS.sleep(RESTORE_PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException stopped) {
            log.debug("restore of {} stopped", shard);
        } catch (RuntimeException bug) {
            log.error(
                    "The state of shard {} of pool {} cannot be read; its writes wait until the shard moves",
                    shard.number(),
                    topics.pool(),
                    bug);
        }
    }

    @Override
    public void start(Delivery delivery) {
        ShardCalls calls = shards.get(delivery.shard());
        if (calls == null) {
            throw new IllegalStateException(delivery.shard() + ": not assigned here");
        }
        started.increment();
        start(new RunningCall(delivery, calls));
    }

    private void start(RunningCall run) {
        CallRunner carrier = runner;
        if (carrier == null) {
            throw new IllegalStateException("a call comes before what carries it");
        }
        run.shard().add(run);
        inFlight.incrementAndGet();
        if (isBatch(run.delivery())) {
            batchInFlight.incrementAndGet();
        }
        beginnings.started();
        Thread.ofVirtual().start(() -> {
            if (beginnings.runs()) {
                LockSupport.unpark(waitingForRoom);
            }
            carrier.run(run);
        });
    }

    @Override
    public void waits(RunningCall run, CallOutcome.Waits until, @Nullable Signal signalled) {
        long now = clock.millis();
        Parked call = new Parked(parking, run, until, now);
        ShardCalls shard = run.shard();
        ended(run);
        shard.add(call);
        parking.park(call);
        Places line = until.line();
        if (line != null) {
            line.standInLine(call);
        }
        Ticket ticket = until.ticket();
        if (ticket != null) {
            ticket.whenDecided(() -> decided(call));
        }
        if (signalled == Signal.CANCEL) {
            shard.remember(call.cancelKey(), run.settledCall().deadline(), now);
        }
        // What came in between found neither the run nor what waits.
        if (!shard.shard().mayStart()) {
            forget(call);
        } else if (signalled == Signal.HAND_OVER) {
            call.handOver();
        } else if (shard.isCancelled(call)) {
            call.wake();
        }
    }

    private void forget(Parked call) {
        parking.remove(call);
        // Who was started again meanwhile has the ticket, or has given it back.
        if (call.shard().remove(call)) {
            leaveTicket(call);
        }
    }

    private static void leaveTicket(Parked call) {
        Ticket ticket = call.ticket();
        if (ticket != null) {
            ticket.leave();
        }
    }

    /** Permits are good for a moment only: with them it goes on at once, whether there is room or not. */
    private void decided(Parked call) {
        Ticket ticket = call.ticket();
        if (ticket == null || !(ticket.outcome() instanceof Acquisition.Granted)) {
            call.wake();
        } else if (parking.remove(call)) {
            startAgain(call);
        }
    }

    @Override
    public int roomAgain() {
        // As the intake, which begins as many when there is room for one.
        return inFlight.get() < settings.maxInFlight() ? settings.mostBegunAtOnce() : 0;
    }

    @Override
    public void startAgain(Parked call) {
        if (call.shard().remove(call) && call.delivery().shard().mayStart()) {
            start(new RunningCall(call));
        } else {
            leaveTicket(call);
        }
    }

    @Override
    public void ended(RunningCall run) {
        turnMemory.release(run.heldBytes());
        run.leavePlace();
        run.leaveTicket();
        run.shard().remove(run);
        if (inFlight.decrementAndGet() == settings.maxInFlight() - 1) {
            LockSupport.unpark(waitingForRoom);
            parking.roomAgain();
        }
        if (isBatch(run.delivery())) {
            batchInFlight.decrementAndGet();
        }
        if (draining) {
            lock.lock();
            try {
                ended.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isBatch(Delivery delivery) {
        return delivery.partition().topic().equals(topics.batch());
    }

    @Override
    public Map<Shard, List<ProducerRecord<byte[], byte[]>>> drain(List<Shard> revoked, Duration bound) {
        List<ShardCalls> leaving = new ArrayList<>();
        for (Shard shard : revoked) {
            ShardCalls calls = shards.get(shard);
            if (calls != null) {
                leaving.add(calls);
                calls.signalAll(Signal.DROP);
                calls.parked().forEach(this::forget);
            }
        }
        awaitVendors(leaving, bound);
        Map<Shard, List<ProducerRecord<byte[], byte[]>>> states = new HashMap<>();
        for (ShardCalls calls : leaving) {
            try {
                calls.bucketStates(clock.millis(), IDLE_CONNECTION_NANOS)
                        .ifPresent(entries -> states.put(
                                calls.shard(), entries.stream().map(encode).toList()));
            } catch (RegistryUnavailableException unreachable) {
                log.warn(
                        "The bucket states of {} cannot be saved; its successor takes the windows for full",
                        calls.shard(),
                        unreachable);
            }
        }
        return states;
    }

    /** Requests under way end within the bound, those of writes within their own. */
    private void awaitVendors(List<ShardCalls> leaving, Duration bound) {
        long until = System.nanoTime() + bound.toNanos();
        draining = true;
        lock.lock();
        try {
            while (true) {
                long now = System.nanoTime();
                long latest = now;
                for (ShardCalls calls : leaving) {
                    for (RunningCall run : calls.running()) {
                        if (run.isAtVendor()) {
                            latest = Math.max(latest, Math.max(until, run.atVendorUntilNanos()));
                        }
                    }
                }
                if (latest <= now) {
                    return;
                }
                ended.awaitNanos(Math.min(latest - now, TimeUnit.MILLISECONDS.toNanos(50)));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            draining = false;
            lock.unlock();
        }
    }

    @Override
    public void lost(Shard shard) {
        ShardCalls calls = shards.remove(shard);
        if (calls != null) {
            calls.signalAll(Signal.DROP);
            calls.parked().forEach(this::forget);
            calls.keep().ifPresent(kept -> lastOwnership.put(shard.number(), kept));
            owns(new BitSet());
        }
    }

    /** At half of the metadata's budget the calls that hold the commit back are handed over, where they wait. */
    void committed(Shard shard, TopicPartition partition, int metadataLength) {
        ShardCalls calls = shards.get(shard);
        if (calls == null) {
            return;
        }
        calls.metadataLength(partition, metadataLength);
        if (metadataLength <= LedgerMetadata.BUDGET / 2) {
            return;
        }
        for (long offset : shard.ledger(partition).prefix(HANDED_OVER_AT_ONCE)) {
            RunningCall run = calls.find(partition, offset);
            if (run != null) {
                run.signal(Signal.HAND_OVER);
            }
            Parked waiting = calls.findParked(partition, offset);
            if (waiting != null) {
                waiting.handOver();
            }
        }
    }

    @Override
    public void awaitRoom(Duration bound) {
        long until = System.nanoTime() + bound.toNanos();
        waitingForRoom = Thread.currentThread();
        while (room().all() == 0
                && until - System.nanoTime() > 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
        waitingForRoom = null;
    }

    @Override
    public Room room() {
        int all = inFlight.get() < settings.maxInFlight() ? Math.min(beginnings.room(), settings.mostBegunAtOnce()) : 0;
        return new Room(all, batchInFlight.get() < mostBatch() ? all : 0);
    }

    private int mostBatch() {
        return Math.max(1, settings.maxInFlight() / 2);
    }

    @Override
    public Backpressure backpressure() {
        boolean everything = inFlight.get() >= settings.maxInFlight();
        boolean batch = batchInFlight.get() >= mostBatch();
        return everything || batch ? new Backpressure(everything, batch) : Backpressure.NONE;
    }

    @Override
    public boolean blocked(Shard shard, TopicPartition partition) {
        ShardCalls calls = shards.get(shard);
        return calls != null
                && (calls.isCrowded(partition)
                        || (partition.topic().equals(topics.resume()) && (calls.hasLongLine() || parking.isFull())));
    }

    @Override
    public void housekeeping() {
        long now = nanoTime.getAsLong();
        if (now - tidiedAtNanos < TIDY_NANOS) {
            return;
        }
        tidiedAtNanos = now;
        long forgotten = clock.millis() - settings.longestDeadline().plusDays(1).toMillis();
        for (ShardCalls calls : shards.values()) {
            calls.journal().forgetBefore(forgotten);
            calls.forgetIdleConnections(IDLE_CONNECTION_NANOS);
        }
    }

    /** Ends the threads that read state and start calls again. */
    void close() {
        parking.close();
        restorers.shutdownNow();
    }

    /** What all workers share is within reach, or no longer. */
    void reach(boolean isUp) {
        limiters.allowances().reach(isUp);
    }

    /** What another worker has learned of a limit, so long ago. */
    void hear(LimitNews news, Duration age) {
        limiters.allowances().hear(news, age);
    }

    int inFlight() {
        return inFlight.get();
    }

    /** Calls that wait for permits now. */
    int waiting(Lane lane) {
        int waiting = 0;
        for (ShardCalls calls : shards.values()) {
            for (ConnectionSlot slot : calls.slots().values()) {
                waiting += slot.limiter().waiting(lane);
            }
        }
        return waiting;
    }

    /** How the limits of the connections stand that are owned here. */
    List<ConnectionLimits> limits() {
        List<ConnectionLimits> all = new ArrayList<>();
        for (ShardCalls calls : shards.values()) {
            calls.slots().forEach((key, slot) -> {
                int slash = key.indexOf('/');
                all.add(new ConnectionLimits(
                        topics.pool(),
                        slot.vendor(),
                        key.substring(0, slash),
                        key.substring(slash + 1),
                        slot.limiter().view()));
            });
        }
        return all;
    }

    long started() {
        return started.sum();
    }
}
