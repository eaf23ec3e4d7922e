package dev.toolpost.worker.commit;

import dev.toolpost.worker.commit.CommitUnit.Result;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.ownership.Shard;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the units of one pool consumer, on one thread with one transactional producer: every offset commit of the
 * worker, and every record that moves work, goes through here.
 *
 * <p>While a transaction is under way the next units gather; units with records go at once, offsets alone within the
 * interval. A transaction is begun when its units are ready and committed at once. The coordinator checks the group
 * metadata of every commit, so a worker that lost its membership commits nothing.
 *
 * <p>A unit lives until a transaction with it succeeded or its shard is lost:
 *
 * <ul>
 *   <li>commit rejected (a rebalance is under way, the metadata is older than it): abort, drop what is no longer
 *       owned, try again with newer metadata;
 *   <li>a record refused: abort, fail that unit alone, try the others again;
 *   <li>anything else: the outcome is unknown, so open a new producer, which settles the old transaction, and keep
 *       only the units that are not in the committed offsets.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class Committer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Committer.class);
    private static final Duration REOPEN_PAUSE = Duration.ofMillis(300);
    private static final Duration MEMBERSHIP_PAUSE = Duration.ofMillis(20);
    private static final Duration REJECTED_PAUSE = Duration.ofMillis(500);

    private final String name;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Supplier<@Nullable ConsumerGroupMetadata> membership;
    private final CommittedOffsets committedOffsets;
    private final Lease lease;
    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final CommitWatch watch;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private Deque<CommitUnit> arrivals = new ArrayDeque<>();
    private boolean urgent;
    private boolean closing;

    /** Only the committer's thread touches these. */
    private final List<CommitUnit> pending = new ArrayList<>();

    private @Nullable Producer<byte[], byte[]> producer;
    private @Nullable ConsumerGroupMetadata rejected;
    private long rejectedAt;

    private final LongAdder transactions = new LongAdder();
    private final LongAdder rejections = new LongAdder();
    private final LongAdder reopened = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /**
     * @param name for threads and logs: the pool
     * @param producers makes a transactional producer that is not yet initialised
     * @param membership the consumer's group metadata as of its last poll; null while it is not a member
     * @param interval how long finished offsets may wait for company
     * @param watch told of every commit
     */
    public Committer(
            String name,
            Supplier<Producer<byte[], byte[]>> producers,
            Supplier<@Nullable ConsumerGroupMetadata> membership,
            CommittedOffsets committedOffsets,
            Lease lease,
            Duration interval,
            LongSupplier nanoTime,
            CommitWatch watch) {
        this.name = name;
        this.producers = producers;
        this.membership = membership;
        this.committedOffsets = committedOffsets;
        this.lease = lease;
        this.intervalNanos = interval.toNanos();
        this.nanoTime = nanoTime;
        this.watch = watch;
        this.thread = Thread.ofPlatform().name("committer-" + name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** Hands over a unit; its result tells how it ended. */
    public void submit(CommitUnit unit) {
        submit(List.of(unit));
    }

    /** Hands over units that are to go into one transaction. */
    public void submit(List<CommitUnit> units) {
        lock.lock();
        try {
            if (closing) {
                units.forEach(unit -> unit.result().complete(new Result.NotOwned()));
                return;
            }
            boolean wake = arrivals.isEmpty();
            for (CommitUnit unit : units) {
                arrivals.add(unit);
                if (unit.urgent() && !urgent) {
                    urgent = true;
                    wake = true;
                }
            }
            if (wake) {
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a unit.
     *
     * @throws RecordRefusedException where a record of it cannot be published
     */
    public static Result await(CommitUnit unit) throws InterruptedException {
        try {
            return unit.result().get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RecordRefusedException refused) {
                throw refused;
            }
            throw new IllegalStateException("commit of " + unit.partition() + " failed", failed.getCause());
        }
    }

    /**
     * Waits, where the lease is old, for one small commit that renews it.
     *
     * @return false where the shard was lost meanwhile
     */
    public boolean proveOwnership(Shard shard, TopicPartition partition) throws InterruptedException {
        while (shard.mayCommit()) {
            if (lease.fresh()) {
                return true;
            }
            CommitUnit proof = CommitUnit.proof(shard, partition);
            submit(proof);
            if (await(proof) instanceof Result.NotOwned) {
                return false;
            }
        }
        return false;
    }

    /** Whether it still commits; once it ended, by {@link #close} or by a bug, it never does again. */
    public boolean isOpen() {
        lock.lock();
        try {
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Transactions committed. */
    public long transactions() {
        return transactions.sum();
    }

    /** Commits that the coordinator rejected, as is ordinary at rebalances. */
    public long rejections() {
        return rejections.sum();
    }

    /** Times that a transaction's outcome was unknown and a new producer was opened. */
    public long reopened() {
        return reopened.sum();
    }

    /** Units dropped because their shard was lost. */
    public long dropped() {
        return dropped.sum();
    }

    /** Commits what is at hand, within the bound, and stops. */
    public void close(Duration bound) {
        lock.lock();
        try {
            closing = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(bound)) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(5));
    }

    private void run() {
        try {
            open();
            while (takeArrivals()) {
                commitPending();
            }
        } catch (InterruptedException | InterruptException stopped) {
            log.debug("committer {} interrupted", name);
        } catch (RuntimeException | Error bug) {
            log.error(
                    "The committer of pool {} stopped; the worker can finish no more calls and must be restarted",
                    name,
                    bug);
        } finally {
            giveUp();
            if (producer != null) {
                producer.close(Duration.ofSeconds(1));
            }
        }
    }

    /** Ends every unit that is left, so that nobody waits for a committer that is gone. */
    private void giveUp() {
        lock.lock();
        try {
            closing = true;
            pending.addAll(arrivals);
            arrivals.clear();
        } finally {
            lock.unlock();
        }
        pending.forEach(unit -> unit.result().complete(new Result.NotOwned()));
        pending.clear();
    }

    /** Moves arrivals to {@code pending}; false at the end. */
    private boolean takeArrivals() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (arrivals.isEmpty() && !closing) {
                arrived.await();
            }
            long waitUntil = nanoTime.getAsLong() + intervalNanos;
            while (!urgent && !closing) {
                long left = waitUntil - nanoTime.getAsLong();
                if (left <= 0) {
                    break;
                }
                arrived.awaitNanos(left);
            }
            pending.addAll(arrivals);
            arrivals.clear();
            urgent = false;
            return !pending.isEmpty() || !closing;
        } finally {
            lock.unlock();
        }
    }

    /** Tries until every pending unit is committed, refused or dropped. */
    private void commitPending() throws InterruptedException {
        while (true) {
            ConsumerGroupMetadata member = membership.get();
            dropLost();
            if (pending.isEmpty()) {
                return;
            }
            if (member == null
                    || (member.equals(rejected) && nanoTime.getAsLong() - rejectedAt < REJECTED_PAUSE.toNanos())) {
                awaitNewerMembership();
                continue;
            }
            Map<TopicPartition, Attempted> attempted = applyToLedgers();
            Map<CommitUnit, RecordRefusedException> refused = new ConcurrentHashMap<>();
            IdentityHashMap<CommitUnit, Future<RecordMetadata>> firstRecords = new IdentityHashMap<>();
            try {
                long startedAt = commit(member, attempted, firstRecords, refused);
                lease.accepted(startedAt);
                transactions.increment();
                settle(attempted, firstRecords);
                return;
            } catch (CommitFailedException
                    | IllegalGenerationException
                    | UnknownMemberIdException
                    | FencedInstanceIdException
                    | RebalanceInProgressException ordinary) {
                rejections.increment();
                rejected = member;
                rejectedAt = nanoTime.getAsLong();
                log.debug("commit of pool {} rejected: {}", name, ordinary.toString());
                abort();
            } catch (TransactionAbortableException abortable) {
                log.info("The broker asked to abort a transaction of pool {}: {}", name, abortable.toString());
                abort();
            } catch (InterruptException stopped) {
                throw stopped;
            } catch (KafkaException | IllegalStateException failed) {
                if (!refused.isEmpty()) {
                    fail(refused);
                    abort();
                } else {
                    log.warn(
                            "The outcome of a transaction of pool {} is unknown; settling it with a new producer",
                            name,
                            failed);
                    reopen();
                }
            }
        }
    }

    private long commit(
            ConsumerGroupMetadata member,
            Map<TopicPartition, Attempted> attempted,
            IdentityHashMap<CommitUnit, Future<RecordMetadata>> firstRecords,
            Map<CommitUnit, RecordRefusedException> refused) {
        Producer<byte[], byte[]> current = opened();
        current.beginTransaction();
        Map<String, RecordRefusedException> absent = new ConcurrentHashMap<>();
        for (CommitUnit unit : pending) {
            for (ProducerRecord<byte[], byte[]> message : unit.records()) {
                if (!refused.isEmpty()) {
                    // The transaction is lost; what is for an absent topic too need not wait for it once more.
                    RecordRefusedException known = absent.get(message.topic());
                    if (known != null) {
                        refused.putIfAbsent(unit, known);
                    }
                    continue;
                }
                Future<RecordMetadata> sent = current.send(message, (metadata, failure) -> {
                    if (failure == null) {
                        return;
                    }
                    RecordRefusedException refusal = new RecordRefusedException(message.topic(), failure);
                    if (RecordRefusedException.isOfTheTopic(failure)) {
                        absent.put(message.topic(), refusal);
                        refused.putIfAbsent(unit, refusal);
                    } else if (RecordRefusedException.isOfTheRecord(failure)) {
                        refused.putIfAbsent(unit, refusal);
                    }
                });
                firstRecords.putIfAbsent(unit, sent);
            }
        }
        if (!refused.isEmpty()) {
            throw new KafkaException("a record was refused (expected: to abort)");
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        attempted.forEach((partition, attempt) -> offsets.put(partition, attempt.commit));
        long startedAt = nanoTime.getAsLong();
        current.sendOffsetsToTransaction(offsets, member);
        current.commitTransaction();
        return startedAt;
    }

    private Map<TopicPartition, Attempted> applyToLedgers() {
        Map<TopicPartition, Attempted> attempted = new HashMap<>();
        Set<Shard> handedBack = new HashSet<>();
        for (CommitUnit unit : pending) {
            if (unit.offset() != CommitUnit.NONE) {
                unit.shard().ledger(unit.partition()).finish(unit.offset());
            }
            if (unit.clean()) {
                handedBack.add(unit.shard());
            }
        }
        for (CommitUnit unit : pending) {
            attempted.computeIfAbsent(unit.partition(), partition -> {
                Shard shard = unit.shard();
                OffsetLedger ledger = shard.ledger(partition);
                OffsetLedger.Snapshot snapshot = ledger.snapshot();
                OffsetAndMetadata commit = shard.commitOf(snapshot, handedBack.contains(shard));
                return new Attempted(shard, ledger, snapshot, commit);
            });
        }
        return attempted;
    }

    private void settle(
            Map<TopicPartition, Attempted> attempted,
            IdentityHashMap<CommitUnit, Future<RecordMetadata>> firstRecords) {
        attempted.forEach((partition, attempt) -> {
            attempt.ledger.trim(attempt.snapshot.offset());
            watch.committed(attempt.shard, partition, attempt.commit.metadata().length());
        });
        List<CommitUnit> committed = new ArrayList<>(pending);
        pending.clear();
        for (CommitUnit unit : committed) {
            Future<RecordMetadata> first = firstRecords.get(unit);
            unit.result().complete(new Result.Committed(first == null ? null : first.resultNow()));
        }
    }

    private void dropLost() {
        for (Iterator<CommitUnit> units = pending.iterator(); units.hasNext(); ) {
            CommitUnit unit = units.next();
            if (!unit.shard().mayCommit()) {
                units.remove();
                dropped.increment();
                unit.result().complete(new Result.NotOwned());
            }
        }
    }

    private void fail(Map<CommitUnit, RecordRefusedException> refused) {
        refused.forEach((unit, cause) -> {
            pending.remove(unit);
            if (unit.offset() != CommitUnit.NONE) {
                unit.shard().ledger(unit.partition()).reopen(unit.offset());
            }
            unit.result().completeExceptionally(cause);
        });
    }

    /** The poll thread publishes newer metadata with every poll; until then what arrives may join. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops, and to be woken early does no harm
    private void awaitNewerMembership() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (closing && membership.get() == null) {
                throw new InterruptedException("closed while not a member");
            }
            arrived.awaitNanos(MEMBERSHIP_PAUSE.toNanos());
            pending.addAll(arrivals);
            arrivals.clear();
            urgent = false;
        } finally {
            lock.unlock();
        }
    }

    private void abort() throws InterruptedException {
        try {
            opened().abortTransaction();
        } catch (InterruptException stopped) {
            throw stopped;
        } catch (KafkaException | IllegalStateException failed) {
            log.warn("Could not abort a transaction of pool {}; settling it with a new producer", name, failed);
            reopen();
        }
    }

    private void reopen() throws InterruptedException {
        reopened.increment();
        opened().close(Duration.ZERO);
        open();
        reconcile();
    }

    private void open() throws InterruptedException {
        boolean told = false;
        while (true) {
            Producer<byte[], byte[]> fresh = null;
            try {
                // Even making one fails where the brokers' names cannot be resolved, as while all of them are away.
                fresh = producers.get();
                fresh.initTransactions();
                producer = fresh;
                return;
            } catch (InterruptException stopped) {
                closeNow(fresh);
                throw stopped;
            } catch (KafkaException failed) {
                closeNow(fresh);
                if (!told) {
                    told = true;
                    log.warn("Cannot open the transactional producer of pool {}; trying on", name, failed);
                }
            }
            TimeUnit.NANOSECONDS.sleep(REOPEN_PAUSE.toNanos());
        }
    }

    private static void closeNow(@Nullable Producer<byte[], byte[]> failed) {
        if (failed != null) {
            failed.close(Duration.ZERO);
        }
    }

    /** Ends the units that the transaction of unknown outcome did commit. Units that finish no offset are safe to repeat. */
    private void reconcile() throws InterruptedException {
        Set<TopicPartition> partitions = new HashSet<>();
        for (CommitUnit unit : pending) {
            if (unit.offset() != CommitUnit.NONE) {
                partitions.add(unit.partition());
            }
        }
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> committed = readCommitted(partitions);
        for (Iterator<CommitUnit> units = pending.iterator(); units.hasNext(); ) {
            CommitUnit unit = units.next();
            OffsetAndMetadata commit = committed.get(unit.partition());
            if (unit.offset() != CommitUnit.NONE && commit != null && isIn(commit, unit)) {
                units.remove();
                unit.result().complete(new Result.Committed(null));
            }
        }
    }

    private static boolean isIn(OffsetAndMetadata commit, CommitUnit unit) {
        LedgerMetadata metadata = LedgerMetadata.parse(commit.metadata());
        if (metadata == null || !metadata.owner().equals(unit.shard().token())) {
            return false;
        }
        long relative = unit.offset() - commit.offset();
        return relative < 0
                || (relative <= Integer.MAX_VALUE && metadata.finished().get((int) relative));
    }

    private Map<TopicPartition, OffsetAndMetadata> readCommitted(Set<TopicPartition> partitions)
            throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                return committedOffsets.read(partitions);
            } catch (InterruptException stopped) {
                throw stopped;
            } catch (KafkaException failed) {
                if (!told) {
                    told = true;
                    log.warn("Cannot read the committed offsets of pool {}; trying on", name, failed);
                }
            }
            TimeUnit.NANOSECONDS.sleep(REOPEN_PAUSE.toNanos());
        }
    }

    private Producer<byte[], byte[]> opened() {
        Producer<byte[], byte[]> current = producer;
        if (current == null) {
            throw new IllegalStateException("no producer (expected: open() before the first commit)");
        }
        return current;
    }

    private record Attempted(
            Shard shard, OffsetLedger ledger, OffsetLedger.Snapshot snapshot, OffsetAndMetadata commit) {}
}
