package dev.toolpost.worker.commit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.toolpost.worker.commit.CommitUnit.Result;
import dev.toolpost.worker.commit.ScriptedBroker.End;
import dev.toolpost.worker.ledger.LedgerMetadata;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** The committer alone, against a broker that ends its transactions as scripted. Row 6 of the faults is here. */
@Timeout(60)
class CommitterTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger(Committer.class);
    private static final Duration NEVER_BY_ITSELF = Duration.ofHours(1);

    private final ScriptedBroker broker = new ScriptedBroker();
    private final AtomicBoolean member = new AtomicBoolean(true);
    private final Lease lease = new Lease(Duration.ofHours(1), System::nanoTime);
    private final Shard shard = shard(0);
    private final TopicPartition calls = partition(shard);
    private final List<Committer> opened = new ArrayList<>();

    @BeforeAll
    static void scriptedFailuresAreNotLogged() {
        LOG.setLevel(Level.ERROR);
    }

    @AfterAll
    static void othersAre() {
        LOG.setLevel(null);
    }

    @AfterEach
    void closeCommitters() {
        opened.forEach(each -> each.close(Duration.ofSeconds(2)));
    }

    @Test
    void anOffsetAndItsRecordsAreCommittedTogether() throws Exception {
        Committer committer = committer();
        CommitUnit unit = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0"), message("state", "s0")));

        committer.submit(unit);

        assertThat(result(unit))
                .extracting(result -> ((Result.Committed) result).firstRecord())
                .extracting(RecordMetadata::topic)
                .isEqualTo("reply");
        assertThat(broker.published()).containsExactly("r0", "s0");
        assertThat(committedOffset()).isEqualTo(1);
        assertThat(lease.fresh()).isTrue();
    }

    @Test
    void offsetsAloneWaitForTheIntervalOrForCompany() throws Exception {
        Committer committer = committer();
        CommitUnit alone = CommitUnit.done(shard, calls, 0);
        committer.submit(alone);
        assertThatThrownBy(() -> alone.result().get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        CommitUnit urgent = CommitUnit.done(shard, calls, 1, List.of(message("reply", "r1")));
        committer.submit(urgent);

        assertThat(result(urgent)).isInstanceOf(Result.Committed.class);
        assertThat(result(alone)).isInstanceOf(Result.Committed.class);
        assertThat(broker.commits()).isEqualTo(1);
    }

    @Test
    void unitsThatGatherDuringATransactionShareTheNext() throws Exception {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        broker.onTransaction(() -> {
            underWay.countDown();
            awaitUninterrupted(goOn);
        });
        Committer committer = committer();
        committer.submit(CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0"))));
        underWay.await();

        List<CommitUnit> gathered = List.of(
                CommitUnit.done(shard, calls, 1, List.of(message("reply", "r1"))),
                CommitUnit.done(shard, calls, 2, List.of(message("reply", "r2"))),
                CommitUnit.done(shard, calls, 3));
        gathered.forEach(committer::submit);
        goOn.countDown();

        for (CommitUnit unit : gathered) {
            assertThat(result(unit)).isInstanceOf(Result.Committed.class);
        }
        assertThat(broker.commits()).isEqualTo(2);
        assertThat(committedOffset()).isEqualTo(4);
    }

    @Test
    void aRejectedCommitIsAbortedAndRepeatedWithNewerMembership() throws Exception {
        broker.next(End.REJECTED, End.REJECTED);
        Committer committer = committer();
        CommitUnit unit = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));

        committer.submit(unit);

        assertThat(result(unit)).isInstanceOf(Result.Committed.class);
        assertThat(broker.published()).containsExactly("r0");
        assertThat(broker.aborts()).isEqualTo(2);
        assertThat(committer.rejections()).isEqualTo(2);
        assertThat(broker.producers()).as("the producer goes on").isEqualTo(1);
    }

    @Test
    void unitsOfShardsLostMeanwhileAreDroppedFromTheRepetition() throws Exception {
        Shard lost = shard(1);
        broker.next(End.REJECTED);
        broker.onTransaction(() -> lost.advance(Shard.State.LOST));
        Committer committer = committer();
        CommitUnit gone = CommitUnit.done(lost, partition(lost), 0, List.of(message("reply", "of the lost shard")));
        CommitUnit kept = CommitUnit.done(shard, calls, 0, List.of(message("reply", "of the kept shard")));

        committer.submit(List.of(gone, kept));

        assertThat(result(gone)).isEqualTo(new Result.NotOwned());
        assertThat(result(kept)).isInstanceOf(Result.Committed.class);
        assertThat(broker.published()).containsExactly("of the kept shard");
        assertThat(broker.committed(List.of(partition(lost)))).isEmpty();
        assertThat(committer.dropped()).isEqualTo(1);
    }

    @Test
    void aRecordThatIsRefusedFailsItsUnitAlone() throws Exception {
        Committer committer = committer();
        CommitUnit before = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));
        CommitUnit refused = CommitUnit.done(
                shard, calls, 1, List.of(message("state", "s1"), message(ScriptedBroker.REFUSING_TOPIC, "r1")));
        CommitUnit after = CommitUnit.done(shard, calls, 2, List.of(message("reply", "r2")));

        committer.submit(List.of(before, refused, after));

        assertThat(result(before)).isInstanceOf(Result.Committed.class);
        assertThat(result(after)).isInstanceOf(Result.Committed.class);
        assertThatThrownBy(() -> Committer.await(refused))
                .isInstanceOfSatisfying(
                        RecordRefusedException.class,
                        cause -> assertThat(cause.topic()).isEqualTo(ScriptedBroker.REFUSING_TOPIC));
        assertThat(broker.published()).containsExactly("r0", "r2");
        assertThat(committedOffset()).as("the refused one is unfinished").isEqualTo(1);

        CommitUnit instead = CommitUnit.done(shard, calls, 1, List.of(message("dead-letters", "r1")));
        committer.submit(instead);
        assertThat(result(instead)).isInstanceOf(Result.Committed.class);
        assertThat(committedOffset()).isEqualTo(3);
    }

    @Test
    void aTransactionThatSucceededUnheardIsNotRepeated() throws Exception {
        broker.next(End.COMMITTED_UNHEARD);
        Committer committer = committer();
        CommitUnit first = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));
        CommitUnit beyond = CommitUnit.done(shard, calls, 2, List.of(message("reply", "r2")));

        committer.submit(List.of(first, beyond));

        assertThat(result(first)).isEqualTo(new Result.Committed(null));
        assertThat(result(beyond)).isEqualTo(new Result.Committed(null));
        assertThat(broker.published()).containsExactly("r0", "r2");
        assertThat(broker.producers()).isEqualTo(2);
        assertThat(committer.reopened()).isEqualTo(1);
    }

    @Test
    void aTransactionThatFailedUnheardIsRepeatedByANewProducer() throws Exception {
        broker.next(End.LOST_UNHEARD, End.FENCED);
        Committer committer = committer();
        CommitUnit unit = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));

        committer.submit(unit);

        assertThat(result(unit)).isInstanceOf(Result.Committed.class);
        assertThat(broker.published()).containsExactly("r0");
        assertThat(broker.producers()).isEqualTo(3);
    }

    @Test
    void aProducerThatCannotBeMadeIsMadeLater() throws Exception {
        broker.next(End.LOST_UNHEARD);
        broker.unresolvable(2);
        Committer committer = committer();
        CommitUnit unit = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));

        committer.submit(unit);

        assertThat(result(unit)).isInstanceOf(Result.Committed.class);
        assertThat(committer.isOpen()).isTrue();
        committer.close(Duration.ofSeconds(2));
        assertThat(committer.isOpen()).isFalse();
    }

    @Test
    void aMissingTopicIsWaitedForOnceAndNotForEveryUnit() throws Exception {
        Committer committer = committer();
        CommitUnit first = CommitUnit.done(shard, calls, 0, List.of(message(ScriptedBroker.MISSING_TOPIC, "r0")));
        CommitUnit other = CommitUnit.done(shard, calls, 1, List.of(message("reply", "r1")));
        CommitUnit second = CommitUnit.done(shard, calls, 2, List.of(message(ScriptedBroker.MISSING_TOPIC, "r2")));

        committer.submit(List.of(first, other, second));

        assertThat(result(other)).isInstanceOf(Result.Committed.class);
        assertThatThrownBy(() -> Committer.await(first)).isInstanceOf(RecordRefusedException.class);
        assertThatThrownBy(() -> Committer.await(second)).isInstanceOf(RecordRefusedException.class);
        assertThat(broker.waitsForTopics()).isEqualTo(1);
    }

    @Test
    void unitsThatFinishNoOffsetAreRepeatedSinceThatIsSafe() throws Exception {
        broker.next(End.COMMITTED_UNHEARD);
        Committer committer = committer();
        CommitUnit entry = CommitUnit.publish(shard, calls, List.of(message("state", "started")));

        committer.submit(entry);

        assertThat(result(entry)).isInstanceOf(Result.Committed.class);
        assertThat(broker.published()).containsExactly("started", "started");
    }

    @Test
    void whatAnotherOwnerCommittedProvesNothing() throws Exception {
        broker.next(End.COMMITTED);
        Committer other = committer();
        Shard others = shard(0);
        CommitUnit theirs = CommitUnit.done(others, calls, 0, List.of(message("reply", "theirs")));
        other.submit(theirs);
        result(theirs);
        broker.next(End.LOST_UNHEARD);
        Committer committer = committer();
        CommitUnit ours = CommitUnit.done(shard, calls, 0, List.of(message("reply", "ours")));

        committer.submit(ours);

        assertThat(result(ours)).isInstanceOf(Result.Committed.class);
        assertThat(broker.published()).containsExactly("theirs", "ours");
    }

    @Test
    void nothingIsCommittedWhileTheWorkerIsNoMember() throws Exception {
        member.set(false);
        Committer committer = committer();
        CommitUnit unit = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));
        committer.submit(unit);
        assertThatThrownBy(() -> unit.result().get(80, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        member.set(true);

        assertThat(result(unit)).isInstanceOf(Result.Committed.class);
    }

    @Test
    void closingEndsWhatCanNoLongerBeCommitted() throws Exception {
        member.set(false);
        Committer committer = committer();
        CommitUnit left = CommitUnit.done(shard, calls, 0, List.of(message("reply", "r0")));
        committer.submit(left);

        committer.close(Duration.ofSeconds(2));
        CommitUnit late = CommitUnit.done(shard, calls, 1);
        committer.submit(late);

        assertThat(result(left)).isEqualTo(new Result.NotOwned());
        assertThat(result(late)).isEqualTo(new Result.NotOwned());
        assertThat(broker.published()).isEmpty();
    }

    @Test
    void ownershipIsProvedByACommitOnlyWhereTheLeaseIsOld() throws Exception {
        Committer committer = committer();

        assertThat(committer.proveOwnership(shard, calls)).isTrue();
        assertThat(broker.commits()).isEqualTo(1);
        assertThat(committer.proveOwnership(shard, calls)).isTrue();
        assertThat(broker.commits()).isEqualTo(1);

        lease.end();
        shard.advance(Shard.State.LOST);
        assertThat(committer.proveOwnership(shard, calls)).isFalse();
    }

    @Test
    void overRandomFaultsEveryUnitIsPublishedOnceAndEveryOffsetCommitted() throws Exception {
        List<End> ends = List.of(End.values());
        for (int seed = 0; seed < 20; seed++) {
            ScriptedBroker faulty = new ScriptedBroker();
            Random random = new Random(seed);
            for (int i = 0; i < 40; i++) {
                faulty.next(ends.get(random.nextInt(ends.size())));
            }
            Shard owned = shard(0);
            Committer committer = committer(faulty, Duration.ofMillis(1));
            List<CommitUnit> units = new ArrayList<>();
            for (int offset = 0; offset < 200; offset++) {
                units.add(CommitUnit.done(owned, calls, offset, List.of(message("reply", "r" + offset))));
            }
            Collections.shuffle(units, random);
            for (CommitUnit unit : units) {
                committer.submit(unit);
                if (random.nextInt(8) == 0) {
                    result(unit);
                }
            }
            for (CommitUnit unit : units) {
                assertThat(result(unit)).as("seed %d", seed).isInstanceOf(Result.Committed.class);
            }
            committer.close();

            assertThat(faulty.published())
                    .as("seed %d", seed)
                    .doesNotHaveDuplicates()
                    .hasSize(units.size());
            assertThat(commit(faulty).offset()).as("seed %d", seed).isEqualTo(units.size());
        }
    }

    @Test
    void theCommitTellsWhoOwnsTheShardAndWhatIsFinishedBeyond() throws Exception {
        Committer committer = committer();
        CommitUnit beyond = CommitUnit.done(shard, calls, 3, List.of(message("reply", "r3")));
        committer.submit(beyond);
        result(beyond);

        assertThat(committedOffset()).isZero();
        LedgerMetadata metadata = metadata(commit(broker));
        assertThat(metadata.owner()).isEqualTo(shard.token());
        assertThat(metadata.clean()).isFalse();
        assertThat(metadata.finished().get(3)).isTrue();
        assertThat(metadata.finished().cardinality()).isEqualTo(1);

        CommitUnit last = CommitUnit.handBack(shard, calls, List.of());
        committer.submit(last);
        result(last);
        assertThat(metadata(commit(broker)).clean()).isTrue();
    }

    private Committer committer() {
        return committer(broker, NEVER_BY_ITSELF);
    }

    private Committer committer(ScriptedBroker with, Duration interval) {
        Committer committer = new Committer(
                "test",
                with::producer,
                () -> member.get() ? with.membership() : null,
                with::committed,
                lease,
                interval,
                System::nanoTime,
                (committed, partition, metadataLength) -> {});
        opened.add(committer);
        committer.start();
        return committer;
    }

    /** A shard with 1,000 delivered records in its calls partition. */
    private static Shard shard(int number) {
        TopicPartition calls = new TopicPartition("calls.test", number);
        OffsetLedger ledger = new OffsetLedger(0, new BitSet());
        int delivered = 1_000;
        for (int offset = 0; offset < delivered; offset++) {
            ledger.deliver(offset);
        }
        Shard shard = new Shard(
                "test", number, "owner-" + System.nanoTime(), new Inheritance.Untouched(), Map.of(calls, ledger));
        shard.advance(Shard.State.OWNED);
        return shard;
    }

    private static TopicPartition partition(Shard shard) {
        return shard.partitions().iterator().next();
    }

    private static ProducerRecord<byte[], byte[]> message(String topic, String value) {
        return new ProducerRecord<>(topic, "key".getBytes(UTF_8), value.getBytes(UTF_8));
    }

    private long committedOffset() {
        return commit(broker).offset();
    }

    private OffsetAndMetadata commit(ScriptedBroker of) {
        return requireNonNull(of.committed(List.of(calls)).get(calls));
    }

    private static LedgerMetadata metadata(OffsetAndMetadata commit) {
        return requireNonNull(LedgerMetadata.parse(commit.metadata()));
    }

    private static Result result(CommitUnit unit) throws Exception {
        try {
            return unit.result().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw new AssertionError("the unit failed", failed.getCause());
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
