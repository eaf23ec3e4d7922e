package dev.toolpost.worker.intake;

import dev.toolpost.worker.commit.CommitUnit;
import dev.toolpost.worker.commit.CommitUnit.Result;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.commit.Lease;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.OrphanedTransactions;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.ownership.Shard.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The poll thread of one pool: owns the consumer, takes shards over and gives them back, delivers records.
 *
 * <p>A shard's work starts when all its partitions are assigned and its first commit (the claim) is accepted, and stops
 * at the first revocation of any of them. A group whose assignment tears shards apart leaves them idle and says so.
 */
public final class Intake {

    /** Records that one poll of a pool's consumer should return at most: a partition that is read in larger pieces holds up the others. */
    public static final int MOST_POLLED = 256;

    private static final Logger log = LoggerFactory.getLogger(Intake.class);
    private static final Duration POLL_IDLE = Duration.ofMillis(100);
    private static final Duration POLL_PAUSED = Duration.ofMillis(5);
    private static final Duration ROOM_BOUND = Duration.ofMillis(20);

    /** How long what was read may be begun with before the next look for what came since. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
    private static final Duration LAST_COMMIT_BOUND = Duration.ofSeconds(5);
    private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PoolTopics topics;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Committer committer;
    private final Lease lease;
    private final OrphanedTransactions orphans;
    private final ShardWork work;
    private final Duration drainBound;
    private final Thread thread;

    private volatile @Nullable ConsumerGroupMetadata membership;
    private volatile boolean stopping;
    private volatile @Nullable Consumer<byte[], byte[]> consumer;
    private volatile @Nullable Throwable failure;
    private volatile int readAhead;
    private volatile Set<Integer> misaligned = Set.of();
    private final Map<Integer, Shard> owned = new ConcurrentHashMap<>();
    private final LongAdder pauses = new LongAdder();

    /** Only the poll thread touches these. */
    private final Set<TopicPartition> assigned = new HashSet<>();

    private final Map<Shard, List<CommitUnit>> claims = new HashMap<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    private final Backlog backlog;

    /** Partitions of a poll that returned as much as it may: others may stand behind them, and are looked for first. */
    private final Set<TopicPartition> resting = new HashSet<>();

    /** In the last go, and since the consumer was polled. */
    private int begun;

    private int begunSincePoll;
    private long polledAtNanos;
    private ShardWork.Backpressure pressure = ShardWork.Backpressure.NONE;

    /**
     * @param drainBound how long sent requests of a revoked shard may take to finish
     * @param memory for records that were read and not begun with
     */
    public Intake(
            PoolTopics topics,
            Supplier<Consumer<byte[], byte[]>> consumers,
            CommitterFactory committers,
            Lease lease,
            OrphanedTransactions orphans,
            ShardWork work,
            Duration drainBound,
            HeapPart memory) {
        this.topics = topics;
        this.consumers = consumers;
        this.committer = committers.make(() -> membership);
        this.lease = lease;
        this.orphans = orphans;
        this.work = work;
        this.drainBound = drainBound;
        this.backlog = new Backlog(memory);
        this.thread = Thread.ofPlatform().name("intake-" + topics.pool()).unstarted(this::run);
    }

    /** Makes the committer around the intake's view of its membership. */
    @FunctionalInterface
    public interface CommitterFactory {
        Committer make(Supplier<@Nullable ConsumerGroupMetadata> membership);
    }

    public Committer committer() {
        return committer;
    }

    public void start() {
        committer.start();
        thread.start();
    }

    /** Hands every shard back in order and leaves the group. */
    public void stop(Duration bound) {
        stopping = true;
        Consumer<byte[], byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            if (thread.isAlive() && !thread.join(bound)) {
                log.warn("The intake of pool {} did not stop within {}; going on without it", topics.pool(), bound);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        committer.close();
    }

    /** The shards whose work is running. */
    public Collection<Shard> owned() {
        return List.copyOf(owned.values());
    }

    /** Shards of which this worker has only some partitions, which therefore stay idle. */
    public Set<Integer> misaligned() {
        return misaligned;
    }

    /** Times that a partition was paused because too much was in flight. */
    public long pauses() {
        return pauses.sum();
    }

    /** Records that were read and not begun with. */
    public int readAhead() {
        return readAhead;
    }

    /** Why the consumer failed last; null since it works again. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Whether the worker is a member of its group. */
    public boolean isMember() {
        return membership != null;
    }

    private void run() {
        while (!stopping && committer.isOpen()) {
            try {
                session();
            } catch (WakeupException stopped) {
                log.debug("intake of pool {} woken to stop", topics.pool());
            } catch (RuntimeException | Error broken) {
                failure = broken;
                log.error("The intake of pool {} failed and starts again", topics.pool(), broken);
            }
            membership = null;
            lease.end();
            List.copyOf(owned.values()).forEach(this::lose);
            assigned.clear();
            paused.clear();
            resting.clear();
            if (!stopping) {
                LockSupport.parkNanos(RESTART_PAUSE.toNanos());
            }
        }
        if (!stopping) {
            failure = new IllegalStateException("the committer stopped (expected: restart the worker)");
            log.error("The intake of pool {} stopped with its committer; other workers take its shards", topics.pool());
        }
    }

    /** One consumer from its subscription to its end; closing it runs the listener, which drains. */
    private void session() {
        try (Consumer<byte[], byte[]> opened = consumers.get()) {
            consumer = opened;
            opened.subscribe(topics.consumed(), new Listener(opened));
            long houseAt = System.nanoTime();
            while (!stopping && committer.isOpen()) {
                poll(opened);
                failure = null;
                if (System.nanoTime() - houseAt >= HOUSEKEEPING_NANOS) {
                    houseAt = System.nanoTime();
                    commitPositions(opened);
                    work.housekeeping();
                }
            }
        }
    }

    private void poll(Consumer<byte[], byte[]> current) {
        startClaimed(current);
        if (claims.isEmpty() && !stopping) {
            work.awaitRoom(ROOM_BOUND);
        }
        if (begun > 0
                && begunSincePoll < MOST_POLLED
                && !backlog.isEmpty()
                && System.nanoTime() - polledAtNanos < LOOK_NANOS) {
            begin();
            return;
        }
        applyBackpressure(current);
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = current.poll(patience());
        } catch (WakeupException woken) {
            return;
        }
        polledAtNanos = System.nanoTime();
        begunSincePoll = 0;
        publishMembership(current);
        resting.clear();
        if (records.count() >= MOST_POLLED) {
            resting.addAll(records.partitions());
        }
        for (TopicPartition partition : records.partitions()) {
            Shard shard = owned.get(partition.partition());
            if (shard == null) {
                continue;
            }
            OffsetLedger ledger = shard.ledger(partition);
            for (ConsumerRecord<byte[], byte[]> message : records.records(partition)) {
                if (ledger.deliver(message.offset())) {
                    backlog.add(lane(partition), new Delivery(shard, partition, message));
                }
            }
        }
        begin();
    }

    /** Looks for more at once while there is something to begin with, so that what comes is begun in its turn. */
    private Duration patience() {
        if (!resting.isEmpty() || (begun > 0 && !backlog.isEmpty())) {
            return Duration.ZERO;
        }
        return claims.isEmpty() && paused.isEmpty() && backlog.isEmpty() ? POLL_IDLE : POLL_PAUSED;
    }

    private Backlog.Lane lane(TopicPartition partition) {
        if (partition.topic().equals(topics.calls())) {
            return Backlog.Lane.INTERACTIVE;
        }
        return partition.topic().equals(topics.batch()) ? Backlog.Lane.BATCH : Backlog.Lane.RESUME;
    }

    /** Begins with as many records as there is room for; what is left has its turn after the next look for others. */
    private void begin() {
        beginWith(work.room());
        readAhead = backlog.size();
    }

    private void beginWith(ShardWork.Room room) {
        int batch = 0;
        begun = 0;
        for (int all = 0; all < room.all(); all++) {
            Delivery next = backlog.next(batch < room.batch());
            if (next == null) {
                return;
            }
            if (lane(next.partition()) == Backlog.Lane.BATCH) {
                batch++;
            }
            work.start(next);
            begun++;
            begunSincePoll++;
        }
    }

    private void publishMembership(Consumer<byte[], byte[]> current) {
        ConsumerGroupMetadata metadata = current.groupMetadata();
        membership = metadata.generationId() < 0 ? null : metadata;
    }

    /** Lets the shards begin whose claim was accepted. */
    private void startClaimed(Consumer<byte[], byte[]> current) {
        claims.entrySet().removeIf(claim -> {
            Shard shard = claim.getKey();
            if (!claim.getValue().stream().allMatch(unit -> unit.result().isDone())) {
                return false;
            }
            if (claim.getValue().stream().allMatch(Intake::isCommitted) && shard.advance(State.OWNED)) {
                current.resume(List.copyOf(shard.partitions()));
                shard.partitions().forEach(paused::remove);
                log.info("Shard {} of pool {} is at work", shard.number(), topics.pool());
            }
            return true;
        });
    }

    private static boolean isCommitted(CommitUnit unit) {
        return !unit.result().isCompletedExceptionally() && unit.result().resultNow() instanceof Result.Committed;
    }

    private void applyBackpressure(Consumer<byte[], byte[]> current) {
        ShardWork.Backpressure now = work.backpressure();
        List<TopicPartition> pause = new ArrayList<>();
        List<TopicPartition> resume = new ArrayList<>();
        for (Shard shard : owned.values()) {
            if (shard.state() != State.OWNED) {
                continue;
            }
            for (TopicPartition partition : shard.partitions()) {
                boolean tooMuch = now.everything()
                        || (now.batch() && partition.topic().equals(topics.batch()))
                        || work.blocked(shard, partition);
                if (tooMuch
                        || resting.contains(partition)
                        || backlog.isAhead(lane(partition), partition, paused.contains(partition))) {
                    if (paused.add(partition)) {
                        pauses.add(tooMuch ? 1 : 0);
                        pause.add(partition);
                    }
                } else if (paused.remove(partition)) {
                    resume.add(partition);
                }
            }
        }
        if (!pause.isEmpty()) {
            current.pause(pause);
        }
        if (!resume.isEmpty()) {
            current.resume(resume);
        }
        if (now.everything() && !pressure.everything()) {
            log.info("Pool {} has as many calls in flight as it may hold; its partitions are paused", topics.pool());
        }
        pressure = now;
    }

    /** Commits positions that stand behind records nobody sees (markers, aborted ones), so that the lag says zero. */
    private void commitPositions(Consumer<byte[], byte[]> current) {
        for (Shard shard : owned.values()) {
            if (shard.state() != State.OWNED) {
                continue;
            }
            for (TopicPartition partition : shard.partitions()) {
                OffsetLedger ledger = shard.ledger(partition);
                try {
                    ledger.advance(current.position(partition, POLL_IDLE));
                } catch (org.apache.kafka.common.errors.TimeoutException unknownYet) {
                    continue;
                }
                if (ledger.behind()) {
                    committer.submit(CommitUnit.position(shard, partition));
                }
            }
        }
    }

    private void takeOver(Consumer<byte[], byte[]> current, Collection<TopicPartition> added) {
        Set<Integer> touched = new HashSet<>();
        added.forEach(partition -> touched.add(partition.partition()));
        List<TopicPartition> whole = new ArrayList<>();
        for (int number : touched) {
            List<TopicPartition> partitions = topics.partitions(number);
            if (assigned.containsAll(partitions) && !owned.containsKey(number)) {
                whole.addAll(partitions);
            }
        }
        tellMisaligned(current);
        if (whole.isEmpty()) {
            return;
        }
        orphans.fence();
        Map<TopicPartition, OffsetAndMetadata> committed = current.committed(Set.copyOf(whole));
        List<TopicPartition> untouched = whole.stream()
                .filter(partition -> committed.get(partition) == null)
                .toList();
        Map<TopicPartition, Long> beginnings = untouched.isEmpty() ? Map.of() : current.beginningOffsets(untouched);
        for (TopicPartition partition : whole) {
            if (partition.topic().equals(topics.calls())) {
                begin(current, partition.partition(), committed, beginnings);
            }
        }
    }

    private void begin(
            Consumer<byte[], byte[]> current,
            int number,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Map<TopicPartition, Long> beginnings) {
        Map<TopicPartition, OffsetLedger> ledgers = new HashMap<>();
        for (TopicPartition partition : topics.partitions(number)) {
            OffsetAndMetadata commit = committed.get(partition);
            long start = commit == null ? beginnings.getOrDefault(partition, 0L) : commit.offset();
            ledgers.put(
                    partition, new OffsetLedger(start, commit == null ? new BitSet() : Shard.finishedBefore(commit)));
            current.seek(partition, start);
        }
        Inheritance inheritance = Inheritance.of(committed.get(new TopicPartition(topics.calls(), number)));
        Shard shard = new Shard(topics.pool(), number, OwnerTokens.next(), inheritance, ledgers);
        owned.put(number, shard);
        current.pause(List.copyOf(shard.partitions()));
        paused.addAll(shard.partitions());
        work.assigned(shard);
        List<CommitUnit> claim = shard.partitions().stream()
                .map(partition -> CommitUnit.proof(shard, partition))
                .toList();
        claims.put(shard, claim);
        committer.submit(claim);
    }

    private void handBack(Collection<TopicPartition> removed) {
        List<Shard> shards = ownersOf(removed);
        shards.forEach(shard -> {
            shard.advance(State.REVOKING);
            claims.remove(shard);
            shard.partitions().forEach(backlog::forget);
        });
        if (!shards.isEmpty()) {
            Map<Shard, List<ProducerRecord<byte[], byte[]>>> states = work.drain(shards, drainBound);
            List<CommitUnit> last = new ArrayList<>();
            for (Shard shard : shards) {
                List<ProducerRecord<byte[], byte[]>> state = states.get(shard);
                for (TopicPartition partition : topics.partitions(shard.number())) {
                    boolean leading = partition.topic().equals(topics.calls());
                    last.add(
                            state == null
                                    ? CommitUnit.proof(shard, partition)
                                    : CommitUnit.handBack(shard, partition, leading ? state : List.of()));
                }
            }
            committer.submit(last);
            awaitAll(last);
            shards.forEach(this::lose);
        }
        assigned.removeAll(removed);
        paused.removeAll(removed);
    }

    private void awaitAll(List<CommitUnit> units) {
        long until = System.nanoTime() + LAST_COMMIT_BOUND.toNanos();
        for (CommitUnit unit : units) {
            try {
                unit.result().get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException late) {
                log.warn(
                        "The last commit of pool {} did not succeed within {}; successors take the shards for abandoned",
                        topics.pool(),
                        LAST_COMMIT_BOUND);
                return;
            } catch (ExecutionException refused) {
                log.warn("The last commit of {} failed", unit.partition(), refused.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private List<Shard> ownersOf(Collection<TopicPartition> partitions) {
        Set<Shard> shards = new HashSet<>();
        for (TopicPartition partition : partitions) {
            Shard shard = owned.get(partition.partition());
            if (shard != null) {
                shards.add(shard);
            }
        }
        return List.copyOf(shards);
    }

    private void lose(Shard shard) {
        owned.remove(shard.number(), shard);
        claims.remove(shard);
        shard.partitions().forEach(backlog::forget);
        shard.advance(State.LOST);
        work.lost(shard);
    }

    private void tellMisaligned(Consumer<byte[], byte[]> current) {
        Set<Integer> torn = new HashSet<>();
        for (TopicPartition partition : assigned) {
            if (!assigned.containsAll(topics.partitions(partition.partition()))) {
                torn.add(partition.partition());
            }
        }
        if (!torn.isEmpty() && !torn.equals(misaligned)) {
            log.error(
                    "Group {} assigns only some partitions of shards {} to this worker, which therefore stay idle. Every"
                            + " member must be a Toolpost worker with the same group protocol, and the topics {} must have {}"
                            + " partitions each",
                    current.groupMetadata().groupId(),
                    torn,
                    topics.consumed(),
                    topics.shards());
        }
        misaligned = Set.copyOf(torn);
    }

    private final class Listener implements ConsumerRebalanceListener {

        private final Consumer<byte[], byte[]> current;

        Listener(Consumer<byte[], byte[]> current) {
            this.current = current;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> added) {
            publishMembership(current);
            assigned.addAll(added);
            takeOver(current, added);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> removed) {
            publishMembership(current);
            handBack(removed);
            tellMisaligned(current);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> removed) {
            membership = null;
            lease.end();
            ownersOf(removed).forEach(Intake.this::lose);
            assigned.removeAll(removed);
            paused.removeAll(removed);
            log.warn(
                    "Pool {} lost its membership of the group and with it {} partitions",
                    topics.pool(),
                    removed.size());
        }
    }
}
