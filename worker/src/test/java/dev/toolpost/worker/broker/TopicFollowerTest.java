package dev.toolpost.worker.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.broker.TopicFollower.From;
import dev.toolpost.worker.rig.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TopicFollowerTest {

    private static final String TOPIC = "toolpost.news";
    private static final TopicPartition ONLY = new TopicPartition(TOPIC, 0);

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<MockConsumer<byte[], byte[]>> made = new CopyOnWriteArrayList<>();

    /** Of a topic that begins with these and has its end there, while {@code later} come as soon as somebody listens. */
    private MockConsumer<byte[], byte[]> consumer(List<String> before, List<String> later) {
        var consumer = new MockConsumer<byte[], byte[]>("earliest");
        consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(ONLY, 0L));
        consumer.updateEndOffsets(Map.of(ONLY, (long) before.size()));
        List<String> all = new ArrayList<>(before);
        all.addAll(later);
        consumer.schedulePollTask(() -> {
            for (long at = consumer.position(ONLY); at < all.size(); at++) {
                byte[] value = all.get((int) at).getBytes(StandardCharsets.UTF_8);
                consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, at, new byte[0], value));
            }
        });
        made.add(consumer);
        return consumer;
    }

    private TopicFollower follower(
            From from, Supplier<Consumer<byte[], byte[]>> consumers, TopicFollower.Listener listener) {
        return new TopicFollower(TOPIC, from, "news", "nothing is known here", consumers, listener);
    }

    private boolean hear(ConsumerRecord<byte[], byte[]> message, boolean live) {
        heard.add(new String(message.value(), StandardCharsets.UTF_8) + (live ? " live" : ""));
        return true;
    }

    private void untilHeard(int count) throws Exception {
        Await.until(count + " are heard", Duration.ofSeconds(10), () -> heard.size() >= count);
    }

    @Test
    void fromTheBeginningWhatWasWrittenBeforeIsHeardAndToldFromWhatIsNew() throws Exception {
        try (TopicFollower follower =
                follower(From.BEGINNING, () -> consumer(List.of("a", "b"), List.of("c")), this::hear)) {
            follower.start();
            untilHeard(3);
        }
        assertThat(heard).containsExactly("a", "b", "c live");
        assertThat(made).singleElement().matches(MockConsumer::closed);
    }

    @Test
    void fromTheEndOnlyWhatIsNewIsHeard() throws Exception {
        try (TopicFollower follower = follower(From.END, () -> consumer(List.of("a", "b"), List.of("c")), this::hear)) {
            follower.start();
            untilHeard(1);
        }
        assertThat(heard).containsExactly("c live");
    }

    @Test
    void whatWasNotHeardComesAgainBeforeAnythingBehindIt() throws Exception {
        AtomicInteger refusals = new AtomicInteger(2);
        try (TopicFollower follower = follower(
                From.BEGINNING,
                () -> consumer(List.of("a", "b", "c"), List.of()),
                (message, live) -> (message.offset() != 1 || refusals.getAndDecrement() <= 0) && hear(message, live))) {
            follower.start();
            untilHeard(3);
        }
        assertThat(heard).containsExactly("a", "b", "c");
        assertThat(made).hasSize(3);
    }

    @Test
    void aListenerThatFailsOnceHearsWhatComesNext() throws Exception {
        try (TopicFollower follower =
                follower(From.BEGINNING, () -> consumer(List.of("a", "b"), List.of()), (message, live) -> {
                    if (message.offset() == 0) {
                        throw new IllegalStateException("not now");
                    }
                    return hear(message, live);
                })) {
            follower.start();
            untilHeard(1);
        }
        assertThat(heard).containsExactly("b");
    }

    @Test
    void troubleOfWhateverKindPasses() throws Exception {
        AtomicInteger tried = new AtomicInteger();
        try (TopicFollower follower = follower(
                From.BEGINNING,
                () -> switch (tried.incrementAndGet()) {
                    case 1 -> throw new KafkaException("no broker");
                    case 2 -> throw new IllegalStateException("none now");
                    default -> consumer(List.of("a"), List.of());
                },
                this::hear)) {
            follower.start();
            untilHeard(1);
        }
        assertThat(heard).containsExactly("a");
    }

    @Test
    void aFailureOfTheBrokersCostsNothingThatComesMeanwhile() throws Exception {
        AtomicInteger tried = new AtomicInteger();
        try (TopicFollower follower = follower(
                From.END,
                () -> {
                    if (tried.incrementAndGet() > 1) {
                        return consumer(List.of("a", "b", "c"), List.of());
                    }
                    MockConsumer<byte[], byte[]> failing = consumer(List.of("a", "b"), List.of());
                    failing.setPollException(new KafkaException("gone"));
                    return failing;
                },
                this::hear)) {
            follower.start();
            untilHeard(1);
        }
        assertThat(heard).containsExactly("c");
    }
}
