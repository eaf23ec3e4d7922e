package dev.toolpost.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.intake.Backlog.Lane;
import dev.toolpost.worker.ledger.OffsetLedger;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.ownership.Inheritance;
import dev.toolpost.worker.ownership.Shard;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which of the records that were read is begun next. */
class BacklogTest {

    private static final TopicPartition CALLS_0 = new TopicPartition("calls", 0);
    private static final TopicPartition CALLS_1 = new TopicPartition("calls", 1);
    private static final TopicPartition RESUME_0 = new TopicPartition("resume", 0);
    private static final TopicPartition BATCH_0 = new TopicPartition("batch", 0);
    private static final TopicPartition BATCH_1 = new TopicPartition("batch", 1);

    private final Backlog backlog = new Backlog(new HeapPart(4 << 20));
    private final RecordHeaders headers = new RecordHeaders();
    private long offset;

    @Test
    void theRecordsOfOnePartitionComeInTheirOrder() {
        add(CALLS_0, 3);

        assertThat(taken(5, true)).containsExactly("calls-0@0", "calls-0@1", "calls-0@2");
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void aFloodOnOnePartitionHoldsUpNobodyOnAnotherForMoreThanARecord() {
        add(CALLS_0, 5_000);
        taken(7, true);
        add(CALLS_1, 1);

        assertThat(taken(2, true)).anyMatch(record -> record.startsWith("calls-1"));
    }

    @Test
    void anInteractiveCallGoesBeforeAFloodOfTheBatchLane() {
        for (int before = 0; before < 20; before++) {
            add(BATCH_0, 100);
            taken(before, true);
            add(CALLS_0, 1);

            assertThat(taken(2, true)).anyMatch(record -> record.startsWith("calls-0"));
        }
    }

    @Test
    void floodsOnAllLanesAreReadSideBySideTheInteractiveOneMost() {
        add(CALLS_0, 1_000);
        add(RESUME_0, 1_000);
        add(BATCH_0, 1_000);

        List<String> taken = taken(80, true);
        assertThat(taken).filteredOn(record -> record.startsWith("calls")).hasSize(60);
        assertThat(taken).filteredOn(record -> record.startsWith("resume")).hasSize(10);
        assertThat(taken).filteredOn(record -> record.startsWith("batch")).hasSize(10);
    }

    @Test
    void partitionsOfOneLaneTakeTurns() {
        add(BATCH_0, 100);
        add(BATCH_1, 2);

        assertThat(taken(5, true)).containsExactly("batch-0@0", "batch-1@100", "batch-0@1", "batch-1@101", "batch-0@2");
    }

    @Test
    void theBatchLaneWaitsWhereItIsNotToBeBegunAndTheOthersDoNot() {
        add(BATCH_0, 2);
        add(RESUME_0, 1);

        assertThat(taken(3, false)).containsExactly("resume-0@2");
        assertThat(taken(3, true)).containsExactly("batch-0@0", "batch-0@1");
    }

    @Test
    void connectionsOfOnePartitionTakeTurnsAndEachHasItsOwnCallsInOrder() {
        add(CALLS_0, 100, 0, "flood/one");
        add(CALLS_0, 2, 0, "calm/one");
        add(CALLS_0, 1, 0, null);

        assertThat(taken(6, true))
                .containsExactly("calls-0@0", "calls-0@100", "calls-0@102", "calls-0@1", "calls-0@101", "calls-0@2");
    }

    @Test
    void aPartitionThatHasHalfOfWhatMayBeHeldIsReadNoFurtherUntilItHasLittle() {
        add(CALLS_0, 6, 300 << 10);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isFalse();
        add(CALLS_0, 1, 300 << 10);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isTrue();
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_1, false)).isFalse();

        taken(5, true);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, true)).isTrue();
        taken(1, true);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, true)).isFalse();
    }

    @Test
    void manySmallRecordsCountWithWhatEachTakesBesideItsBytes() {
        add(CALLS_0, 5_000);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isFalse();
        add(CALLS_0, 1_000);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isTrue();
    }

    @Test
    void aPartitionOfAnotherLaneIsReadAheadByAFewHundredOnly() {
        add(BATCH_0, 256);
        assertThat(backlog.isAhead(Lane.BATCH, BATCH_0, false)).isFalse();
        add(BATCH_0, 1);
        assertThat(backlog.isAhead(Lane.BATCH, BATCH_0, false)).isTrue();
        taken(192, true);
        assertThat(backlog.isAhead(Lane.BATCH, BATCH_0, true)).isTrue();
        taken(1, true);
        assertThat(backlog.isAhead(Lane.BATCH, BATCH_0, true)).isFalse();
    }

    @Test
    void headersCountToo() {
        headers.add("reply-large", new byte[3 << 20]);
        add(CALLS_0, 1);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isTrue();
    }

    @Test
    void aboveTheBytesOfAllNoPartitionThatHasRecordsIsReadFurther() {
        for (int i = 0; i < 6; i++) {
            add(new TopicPartition("batch", i), 1, 800 << 10);
        }
        add(CALLS_0, 1);

        assertThat(backlog.isAhead(Lane.BATCH, BATCH_0, false)).isTrue();
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isTrue();
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_1, false))
                .as("has none")
                .isFalse();
        backlog.forget(BATCH_0);
        assertThat(backlog.isAhead(Lane.INTERACTIVE, CALLS_0, false)).isFalse();
    }

    @Test
    void whatIsForgottenIsNotBegunAndItsPartitionCanComeBack() {
        add(CALLS_0, 3);
        add(CALLS_1, 1);
        backlog.forget(CALLS_0);

        assertThat(backlog.size()).isEqualTo(1);
        add(CALLS_0, 1);
        assertThat(taken(5, true)).containsExactly("calls-1@3", "calls-0@4");
    }

    private void add(TopicPartition partition, int count) {
        add(partition, count, 0);
    }

    private void add(TopicPartition partition, int count, int bytes) {
        add(partition, count, bytes, "tenant/connection");
    }

    private void add(TopicPartition partition, int count, int bytes, @Nullable String key) {
        Lane lane = partition.topic().equals("calls")
                ? Lane.INTERACTIVE
                : partition.topic().equals("batch") ? Lane.BATCH : Lane.RESUME;
        Shard shard = new Shard(
                "hubspot",
                partition.partition(),
                "a",
                new Inheritance.Untouched(),
                Map.of(partition, new OffsetLedger(0, new BitSet())));
        for (int i = 0; i < count; i++) {
            backlog.add(
                    lane,
                    new Delivery(
                            shard,
                            partition,
                            new ConsumerRecord<>(
                                    partition.topic(),
                                    partition.partition(),
                                    offset++,
                                    0,
                                    TimestampType.LOG_APPEND_TIME,
                                    0,
                                    bytes,
                                    key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                                    new byte[0],
                                    headers,
                                    Optional.empty())));
        }
    }

    private List<String> taken(int most, boolean batchToo) {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            Delivery next = backlog.next(batchToo);
            if (next == null) {
                break;
            }
            taken.add(next.partition() + "@" + next.offset());
        }
        return taken;
    }
}
