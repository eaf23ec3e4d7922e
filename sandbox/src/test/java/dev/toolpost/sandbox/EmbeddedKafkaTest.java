package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedKafkaTest {

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void startBroker() {
        kafka = EmbeddedKafka.start();
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
        assertThat(kafka.dataDirectory()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void recordsTravelUnderBothGroupProtocols(String protocol) throws Exception {
        String topic = "travel-" + protocol;
        create(kafka, topic, 3);
        try (KafkaProducer<String, String> producer = producer(kafka, Map.of("compression.type", "zstd"))) {
            for (int i = 0; i < 100; i++) {
                var _ = producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i));
            }
            producer.flush();
        }
        long begun = System.nanoTime();
        assertThat(read(kafka, topic, 100, Map.of("group.protocol", protocol, "group.id", "g-" + protocol)))
                .hasSize(100);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
    void everyCompressionIsTaken(String compression) throws Exception {
        String topic = "compressed-" + compression;
        create(kafka, topic, 1);
        try (KafkaProducer<String, String> producer = producer(kafka, Map.of("compression.type", compression))) {
            producer.send(new ProducerRecord<>(topic, "k", "v".repeat(1000))).get(10, TimeUnit.SECONDS);
        }
        assertThat(read(kafka, topic, 1, Map.of("group.id", topic))).containsExactly("v".repeat(1000));
    }

    @Test
    void aTransactionOfADeadProducerIsAbortedWithinItsTimeoutAndTwoSeconds() throws Exception {
        create(kafka, "transactions", 1);
        try (KafkaProducer<String, String> dead =
                producer(kafka, Map.of("transactional.id", "dead", "transaction.timeout.ms", "1000"))) {
            dead.initTransactions();
            dead.beginTransaction();
            var _ = dead.send(new ProducerRecord<>("transactions", "lost"));
            dead.flush();
            long begun = System.nanoTime();
            try (KafkaProducer<String, String> alive = producer(kafka, Map.of("transactional.id", "alive"))) {
                alive.initTransactions();
                alive.beginTransaction();
                var _ = alive.send(new ProducerRecord<>("transactions", "kept"));
                alive.commitTransaction();
            }
            assertThat(read(
                            kafka,
                            "transactions",
                            1,
                            Map.of("group.id", "committed", "isolation.level", "read_committed")))
                    .containsExactly("kept");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void classicGroupsMayUseSessionsOfOneSecond() throws Exception {
        create(kafka, "short-classic", 1);
        try (KafkaConsumer<String, String> member = consumer(
                kafka,
                Map.of("group.id", "short-classic", "session.timeout.ms", "1000", "heartbeat.interval.ms", "300"))) {
            member.subscribe(List.of("short-classic"));
            awaitAssignment(member);
        }
    }

    @Test
    void consumerGroupsMayUseSessionsOfOneSecond() throws Exception {
        create(kafka, "short-consumer", 1);
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "short-consumer");
        AlterConfigOp session =
                new AlterConfigOp(new ConfigEntry("consumer.session.timeout.ms", "1000"), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(session))).all().get(10, TimeUnit.SECONDS);
        }
        try (KafkaConsumer<String, String> member =
                consumer(kafka, Map.of("group.id", "short-consumer", "group.protocol", "consumer"))) {
            member.subscribe(List.of("short-consumer"));
            awaitAssignment(member);
        }
    }

    @Test
    void topicsAreNotCreatedByAccident() throws Exception {
        try (KafkaProducer<String, String> producer = producer(kafka, Map.of("max.block.ms", "500"))) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("nobody-made-this", "v"))
                            .get(5, TimeUnit.SECONDS))
                    .hasMessageContaining("nobody-made-this");
        }
    }

    @Test
    void aBusyPortIsSaidClearly() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            EmbeddedKafka.builder().port(taken.getLocalPort()).start())
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("choose another port");
        }
    }

    @Test
    void aGivenDataDirectoryKeepsTopicsRecordsAndOffsets(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("kafka");
        String clusterId;
        int port;
        try (EmbeddedKafka first = EmbeddedKafka.builder().dataDirectory(data).start()) {
            clusterId = first.clusterId();
            port = first.port();
            create(first, "kept", 2);
            try (KafkaProducer<String, String> producer = producer(first, Map.of())) {
                producer.send(new ProducerRecord<>("kept", "k", "one")).get(10, TimeUnit.SECONDS);
            }
            assertThat(read(first, "kept", 1, Map.of("group.id", "reader"))).containsExactly("one");
        }
        assertThat(Files.exists(data)).isTrue();
        try (EmbeddedKafka second =
                EmbeddedKafka.builder().dataDirectory(data).port(port).start()) {
            assertThat(second.clusterId()).isEqualTo(clusterId);
            assertThat(second.port()).isEqualTo(port);
            try (KafkaProducer<String, String> producer = producer(second, Map.of())) {
                producer.send(new ProducerRecord<>("kept", "k", "two")).get(10, TimeUnit.SECONDS);
            }
            assertThat(read(second, "kept", 1, Map.of("group.id", "reader"))).containsExactly("two");
        }
    }

    static void create(EmbeddedKafka kafka, String topic, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    static KafkaProducer<String, String> producer(EmbeddedKafka kafka, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", kafka.bootstrapServers());
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(EmbeddedKafka kafka, Map<String, ?> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", kafka.bootstrapServers());
        config.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    static List<String> read(EmbeddedKafka kafka, String topic, int count, Map<String, ?> more) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(kafka, more)) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
            while (values.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
            }
            consumer.commitSync();
        }
        return values;
    }

    private static void awaitAssignment(KafkaConsumer<String, String> consumer) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (consumer.assignment().isEmpty() && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(50));
        }
        assertThat(consumer.assignment())
                .isEqualTo(Set.of(
                        new TopicPartition(consumer.subscription().iterator().next(), 0)));
    }
}
