package dev.toolpost.worker.limitnews;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.LimitEvent;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.LimitNews.Allowed;
import dev.toolpost.worker.ratelimit.LimitNews.Kind;
import dev.toolpost.worker.ratelimit.LimitNews.Lifted;
import dev.toolpost.worker.ratelimit.LimitNews.Paused;
import dev.toolpost.worker.rig.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** News of limits on their way through the topic. */
class LimitEventsTest {

    private static final String TOPIC = "toolpost.limit-events";
    private static final Instant NOW = Instant.parse("2026-11-02T10:00:00Z");
    private static final Allowed ALLOWED = new Allowed("hubspot", "app", 40, 6L, Duration.ofSeconds(3));
    private static final Paused PAUSED = new Paused("hubspot", "app", Duration.ofSeconds(2));

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final MessageCodec<LimitEvent> codec = MessageCodec.of(LimitEvent.class, registry);
    private final List<LimitNews> heard = new ArrayList<>();
    private final List<Duration> ages = new ArrayList<>();
    private final LimitEventReader reader = new LimitEventReader(
            TOPIC,
            codec,
            () -> {
                throw new AssertionError("nothing is read here");
            },
            "worker-b",
            InstantSource.fixed(NOW),
            (news, age) -> {
                heard.add(news);
                ages.add(age);
            });

    @Test
    void whatOneWorkerWritesAnotherReads() throws Exception {
        for (Format format : Format.values()) {
            var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            try (LimitEventWriter writer =
                    new LimitEventWriter(TOPIC, codec, format, producer, "worker-a", InstantSource.fixed(NOW))) {
                writer.accept(ALLOWED);
                writer.accept(PAUSED);
                Await.until(
                        "two records",
                        Duration.ofSeconds(10),
                        () -> producer.history().size() == 2);
            }
            producer.history().forEach(message -> reader.heard(received(message), true));
        }

        assertThat(heard).containsExactly(ALLOWED, PAUSED, ALLOWED, PAUSED);
    }

    @Test
    void manyChangesOfOneLimitAreFewRecordsAndTheLastIsTheLatest() throws Exception {
        var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (LimitEventWriter writer =
                new LimitEventWriter(TOPIC, codec, Format.JSON, producer, "worker-a", InstantSource.fixed(NOW))) {
            for (int i = 1; i <= 2_000; i++) {
                writer.accept(new Allowed("hubspot", "app", i, null, null));
            }
            Await.until(
                    "the latest is written",
                    Duration.ofSeconds(10),
                    () -> last(producer) instanceof Allowed allowed && allowed.permits() == 2_000);
        }

        assertThat(producer.history().size()).isLessThan(200);
    }

    private LimitNews last(MockProducer<byte[], byte[]> producer) {
        List<ProducerRecord<byte[], byte[]>> history = producer.history();
        return history.isEmpty()
                ? PAUSED
                : LimitEvents.news(
                        codec.decode(TOPIC, history.getLast().value()).value());
    }

    @Test
    void aWorkerThatStartsReadsWhatWasWrittenBefore() throws Exception {
        MockConsumer<byte[], byte[]> consumer =
                reading(at(0, ALLOWED, NOW.minusSeconds(30)), at(1, PAUSED, NOW.minusSeconds(30)));
        List<Duration> told = new CopyOnWriteArrayList<>();
        try (LimitEventReader starting = new LimitEventReader(
                TOPIC, codec, () -> consumer, "worker-b", InstantSource.fixed(NOW), (news, age) -> told.add(age))) {
            starting.start();
            Await.until("both are heard", Duration.ofSeconds(10), () -> told.size() == 2);
        }

        assertThat(told).containsExactly(Duration.ofSeconds(30), Duration.ZERO);
        assertThat(consumer.closed()).isTrue();
    }

    private ConsumerRecord<byte[], byte[]> at(long offset, LimitNews news, Instant when) {
        return at(offset, news, when, Format.JSON);
    }

    private ConsumerRecord<byte[], byte[]> at(long offset, LimitNews news, Instant when, Format format) {
        LimitEvent event = LimitEvents.event(news, when.toEpochMilli(), "worker-a");
        return new ConsumerRecord<>(
                TOPIC,
                0,
                offset,
                LimitEvents.key(event).getBytes(StandardCharsets.UTF_8),
                codec.encode(TOPIC, event, format));
    }

    /** Of a topic in which both are, with one end before the second. */
    private MockConsumer<byte[], byte[]> reading(
            ConsumerRecord<byte[], byte[]> first, ConsumerRecord<byte[], byte[]> second) {
        TopicPartition only = new TopicPartition(TOPIC, 0);
        var consumer = new MockConsumer<byte[], byte[]>("earliest");
        consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(only, 0L));
        consumer.updateEndOffsets(Map.of(only, 1L));
        consumer.schedulePollTask(() -> {
            for (ConsumerRecord<byte[], byte[]> each : List.of(first, second)) {
                if (each.offset() >= consumer.position(only)) {
                    consumer.addRecord(each);
                }
            }
        });
        return consumer;
    }

    @Test
    void newsThatComesWhileTheSchemaRegistryIsAwayIsNotLeftOut() {
        ConsumerRecord<byte[], byte[]> message = at(0, PAUSED, NOW, Format.AVRO);
        registry.away(true);
        assertThat(reader.heard(message, true)).isFalse();
        assertThat(heard).isEmpty();

        registry.away(false);
        assertThat(reader.heard(message, true)).isTrue();
        assertThat(heard).containsExactly(PAUSED);
    }

    @Test
    void aRecordWithoutValueLiftsWhatItsKeySaid() {
        for (String key : List.of(
                "hubspot/app/paused",
                "hubspot/app/second/allowed",
                "hubspot/paused",
                "hubspot//paused",
                "Hub Spot/app/paused",
                "hubspot/app/gone",
                "",
                "/")) {
            reader.heard(new ConsumerRecord<>(TOPIC, 0, 7, key.getBytes(StandardCharsets.UTF_8), null), false);
        }

        assertThat(heard)
                .containsExactly(
                        new Lifted("hubspot", "app", Kind.PAUSED), new Lifted("hubspot", "app/second", Kind.ALLOWED));
        assertThat(ages).containsOnly(Duration.ZERO);
    }

    @Test
    void aWorkerDoesNotHearItself() {
        LimitEvent own = LimitEvents.event(PAUSED, NOW.toEpochMilli(), "worker-b");
        reader.heard(record(LimitEvents.key(own), codec.encode(TOPIC, own, Format.JSON)), true);

        assertThat(heard).isEmpty();
    }

    @Test
    void whatComesWhileItIsWrittenIsNewWhateverTheClocksSay() {
        LimitEvent event = LimitEvents.event(PAUSED, NOW.minusSeconds(30).toEpochMilli(), "worker-a");
        ConsumerRecord<byte[], byte[]> message =
                record(LimitEvents.key(event), codec.encode(TOPIC, event, Format.JSON));
        reader.heard(message, true);
        reader.heard(message, false);

        assertThat(ages).containsExactly(Duration.ZERO, Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            hubspot/app/allowed | {"vendor":"hubspot","limit":"app","kind":"allowed","permits":0,"at":1}
            hubspot/app/allowed | {"vendor":"hubspot","limit":"app","kind":"allowed","permits":-9223372036854775808,"at":1}
            hubspot/app/allowed | {"vendor":"hubspot","limit":"app","kind":"allowed","at":1}
            hubspot/app/allowed | {"vendor":"hubspot","limit":"app","kind":"allowed","permits":5,"remaining":-1,"at":1}
            hubspot/app/paused  | {"vendor":"hubspot","limit":"app","kind":"paused","at":1}
            hubspot/app/paused  | {"vendor":"hubspot","limit":"app","kind":"paused","pause_ms":9223372036854775807,"at":1}
            hubspot/app/paused  | {"vendor":"hubspot","limit":"app","kind":"paused","pause_ms":2000,"at":9223372036854775807}
            jira/app/paused     | {"vendor":"hubspot","limit":"app","kind":"paused","pause_ms":2000,"at":1}
            hubspot/app/gone    | {"vendor":"hubspot","limit":"app","kind":"gone","at":1}
            Hub Spot/app/paused | {"vendor":"Hub Spot","limit":"app","kind":"paused","pause_ms":2000,"at":1}
            hubspot//paused     | {"vendor":"hubspot","limit":"","kind":"paused","pause_ms":2000,"at":1}
            hubspot/app/paused  | {"vendor":"hubspot"
            hubspot/app/paused  | nonsense
            """)
    void recordsThatNoWorkerWritesAreLeftOut(String key, String value) {
        reader.heard(record(key, value.getBytes(StandardCharsets.UTF_8)), true);

        assertThat(heard).isEmpty();
    }

    @Test
    void aRecordWithoutKeyOrValueIsLeftOut() {
        LimitEvent event = LimitEvents.event(PAUSED, NOW.toEpochMilli(), "worker-a");
        reader.heard(new ConsumerRecord<>(TOPIC, 0, 7, null, codec.encode(TOPIC, event, Format.JSON)), true);
        reader.heard(new ConsumerRecord<>(TOPIC, 0, 8, new byte[0], null), true);

        assertThat(heard).isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> message) {
        return new ConsumerRecord<>(TOPIC, 0, 1, message.key(), message.value());
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, byte[] value) {
        return new ConsumerRecord<>(TOPIC, 0, 1, key.getBytes(StandardCharsets.UTF_8), value);
    }
}
