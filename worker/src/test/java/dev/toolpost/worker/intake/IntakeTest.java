package dev.toolpost.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.commit.CommitUnit;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.commit.Lease;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.ownership.OrphanedTransactions;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.Shard;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The poll thread with Kafka's own mocks: in which order records are begun that come beside a flood. */
@Timeout(60)
class IntakeTest {

    private static final int FLOOD = 5_000;
    private static final int POLLED = Intake.MOST_POLLED;

    /** What stands in the backlog of a flooded partition at most, with a few of others. */
    private static final int ABOUT_A_BACKLOG = 2 * POLLED + 16;

    private final PoolTopics topics = new PoolTopics("hubspot", "calls", "batch", "resume", "state", 2);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Work work = new Work();
    private final Lease lease = new Lease(Duration.ofHours(1), System::nanoTime);
    private final Intake intake = new Intake(
            topics,
            () -> consumer,
            membership -> new Committer(
                    "hubspot",
                    () -> producer,
                    membership,
                    partitions -> Map.of(),
                    lease,
                    Duration.ofMillis(1),
                    System::nanoTime,
                    (shard, partition, length) -> {}),
            lease,
            new OrphanedTransactions(nobody(), "group", "prefix", Duration.ofSeconds(1)),
            work,
            Duration.ofSeconds(1),
            new HeapPart(64 << 20));

    @BeforeEach
    void start() {
        consumer.setMaxPollRecords(POLLED);
        Map<TopicPartition, Long> beginnings = new HashMap<>();
        all().forEach(partition -> beginnings.put(partition, 0L));
        consumer.updateBeginningOffsets(beginnings);
        consumer.schedulePollTask(() -> consumer.rebalance(all()));
        intake.start();
    }

    @AfterEach
    void stop() {
        intake.stop(Duration.ofSeconds(10));
    }

    @Test
    void aCallBesideAFloodOnAnotherPartitionIsBegunWithTheNextLook() throws Exception {
        besideAFloodOn("calls", "calls", 1);
    }

    @Test
    void anInteractiveCallBesideAFloodOfTheBatchLaneIsBegunWithTheNextLook() throws Exception {
        besideAFloodOn("batch", "calls", 0);
    }

    @Test
    void aBatchCallBesideAFloodOfInteractiveOnesIsBegunAllTheSame() throws Exception {
        besideAFloodOn("calls", "batch", 0);
    }

    @Test
    void aCallBehindAFloodOfAnotherConnectionOnItsPartitionIsBegunAsSoonAsItIsRead() throws Exception {
        CompletableFuture<Integer> behind = new CompletableFuture<>();
        work.isFull = () -> consumer.position(new TopicPartition("calls", 0)) <= FLOOD;
        work.onBegun = delivery -> {
            if (delivery.offset() == FLOOD) {
                behind.complete(work.begun.get());
            }
        };
        consumer.schedulePollTask(() -> {
            for (int i = 0; i < FLOOD; i++) {
                consumer.addRecord(record("calls", 0, i));
            }
            consumer.addRecord(new ConsumerRecord<>("calls", 0, FLOOD, new byte[] {1}, new byte[0]));
        });

        assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    }

    private void besideAFloodOn(String flooded, String topic, int shard) throws Exception {
        CompletableFuture<Integer> after = new CompletableFuture<>();
        work.onBegun = delivery -> {
            if (work.begun.get() == 1_000) {
                consumer.addRecord(record(topic, shard, 0));
            } else if (delivery.partition().equals(new TopicPartition(topic, shard))) {
                after.complete(work.begun.get() - 1_000);
            }
        };
        flood(flooded);

        assertThat(after.get(30, TimeUnit.SECONDS)).isLessThan(ABOUT_A_BACKLOG);
        assertThat(intake.pauses()).as("pauses since too much is in flight").isZero();
    }

    @Test
    void whatWasReadAndNotBegunIsLeftForTheNextOwner() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        work.onBegun = delivery -> {
            intake.committer().submit(CommitUnit.done(delivery.shard(), delivery.partition(), delivery.offset()));
            if (work.begun.get() == 700) {
                work.isFull = () -> true;
                enough.countDown();
            }
        };
        flood("calls");
        enough.await();
        consumer.schedulePollTask(() -> consumer.rebalance(List.of()));
        work.lost.get(30, TimeUnit.SECONDS);

        intake.stop(Duration.ofSeconds(10));
        List<OffsetAndMetadata> committed = new ArrayList<>();
        producer.consumerGroupOffsetsHistory()
                .forEach(commit -> commit.values().forEach(offsets -> {
                    OffsetAndMetadata each = offsets.get(new TopicPartition("calls", 0));
                    if (each != null) {
                        committed.add(each);
                    }
                }));
        assertThat(work.begun.get()).isBetween(700, 700 + Work.PORTION);
        assertThat(committed.getLast().offset()).isEqualTo(work.begun.get());
    }

    private void flood(String topic) {
        consumer.schedulePollTask(() -> {
            for (int i = 0; i < FLOOD; i++) {
                consumer.addRecord(record(topic, 0, i));
            }
        });
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, int partition, long offset) {
        return new ConsumerRecord<>(topic, partition, offset, new byte[0], new byte[0]);
    }

    private List<TopicPartition> all() {
        List<TopicPartition> all = new ArrayList<>();
        for (int shard = 0; shard < topics.shards(); shard++) {
            all.addAll(topics.partitions(shard));
        }
        return all;
    }

    /** A broker that nobody reaches: what is asked of it is given up. */
    private static Admin nobody() {
        return (Admin) Proxy.newProxyInstance(
                IntakeTest.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** Begins with records in portions of sixteen, and does nothing with them. */
    private static final class Work implements ShardWork {

        private static final int PORTION = 16;

        private final CompletableFuture<Shard> lost = new CompletableFuture<>();
        private volatile Consumer<Delivery> onBegun = delivery -> {};
        private volatile BooleanSupplier isFull = () -> false;
        private final AtomicInteger begun = new AtomicInteger();

        @Override
        public void assigned(Shard shard) {}

        @Override
        public void start(Delivery delivery) {
            begun.incrementAndGet();
            onBegun.accept(delivery);
        }

        @Override
        public Map<Shard, List<ProducerRecord<byte[], byte[]>>> drain(List<Shard> shards, Duration bound) {
            return Map.of();
        }

        @Override
        public void lost(Shard shard) {
            lost.complete(shard);
        }

        @Override
        public void awaitRoom(Duration bound) {}

        @Override
        public Room room() {
            return isFull.getAsBoolean() ? new Room(0, 0) : new Room(PORTION, PORTION);
        }

        @Override
        public Backpressure backpressure() {
            return Backpressure.NONE;
        }

        @Override
        public boolean blocked(Shard shard, TopicPartition partition) {
            return false;
        }

        @Override
        public void housekeeping() {}
    }
}
