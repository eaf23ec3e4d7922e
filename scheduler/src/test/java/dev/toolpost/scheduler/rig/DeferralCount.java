package dev.toolpost.scheduler.rig;

import dev.toolpost.message.Deferral;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes numbered deferrals and reads {@code read_committed} what comes of them. The target topic must be stamped by its broker
 * (LogAppendTime), so that what is early is seen by the same clock that decides what is due. Confined to one thread.
 */
public final class DeferralCount implements AutoCloseable {

    private static final MessageCodec<Deferral> CODEC = MessageCodec.of(Deferral.class, null);
    private static final Duration POLL = Duration.ofMillis(50);

    private final String later;
    private final String target;
    private final int partitions;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> reader;
    private final Map<Integer, Long> delays = new HashMap<>();
    private final Map<Integer, Future<RecordMetadata>> sent = new HashMap<>();
    private final Map<Integer, List<ConsumerRecord<byte[], byte[]>>> seen = new HashMap<>();

    /** Reads the target from its beginning. */
    public DeferralCount(String bootstrapServers, Topics topics, String pool, int partitions) {
        this.later = topics.later();
        this.target = topics.resume(pool);
        this.partitions = partitions;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", 5),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.reader = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            all.add(new TopicPartition(target, i));
        }
        reader.assign(all);
        reader.seekToBeginning(all);
    }

    private static String connection(int number) {
        return "crm-" + number % 50;
    }

    private static String id(int number) {
        return "acme/" + connection(number) + "/crm_get/call-" + number;
    }

    /** Defers a number; one that was deferred before is replaced. */
    public void defer(int number, long delayMillis) {
        delays.put(number, delayMillis);
        Deferral deferral = Deferral.newBuilder()
                .setDeferralId(id(number))
                .setTenant("acme")
                .setConnection(connection(number))
                .setDelayMs(delayMillis)
                .setTopic(target)
                .setPartition(Shards.of("acme", connection(number), partitions))
                .setKey(Shards.key("acme", connection(number)))
                .setValue(ByteBuffer.wrap((number + "@" + delayMillis).getBytes(StandardCharsets.UTF_8)))
                .build();
        sent.put(number, send(number, deferral));
    }

    public void recall(int number) {
        send(
                number,
                Deferral.newBuilder()
                        .setDeferralId(id(number))
                        .setAction("recall")
                        .build());
    }

    private Future<RecordMetadata> send(int number, Deferral deferral) {
        return producer.send(new ProducerRecord<>(
                later,
                Shards.key("acme", connection(number)).getBytes(StandardCharsets.UTF_8),
                CODEC.encode(later, deferral, Format.JSON)));
    }

    /** Returns when the broker has all that was published. */
    public void flush() {
        producer.flush();
    }

    /** Reads what is there. */
    public void read() {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
            seen.computeIfAbsent(number(record), number -> new ArrayList<>()).add(record);
        }
    }

    private static int number(ConsumerRecord<byte[], byte[]> record) {
        String value = new String(record.value(), StandardCharsets.UTF_8);
        return Integer.parseInt(value.substring(0, value.indexOf('@')));
    }

    /** Numbers that came at least once. */
    public int arrived() {
        return seen.size();
    }

    /** Numbers that were deferred and never came. */
    public List<Integer> lost() {
        return delays.keySet().stream()
                .filter(number -> !seen.containsKey(number))
                .sorted()
                .toList();
    }

    /** Numbers that came more than once. */
    public List<Integer> doubled() {
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Numbers that came before their time and were not recalled, or whose last deferral is not what came. */
    public List<Integer> early() throws InterruptedException, ExecutionException {
        List<Integer> early = new ArrayList<>();
        for (Map.Entry<Integer, List<ConsumerRecord<byte[], byte[]>>> entry : seen.entrySet()) {
            int number = entry.getKey();
            long delay = delays.getOrDefault(number, 0L);
            long due = sent.get(number).get().timestamp() + delay;
            for (ConsumerRecord<byte[], byte[]> record : entry.getValue()) {
                boolean recalled = record.headers().lastHeader(HeaderNames.RECALLED) != null;
                boolean newest = new String(record.value(), StandardCharsets.UTF_8).equals(number + "@" + delay);
                if (!newest || (!recalled && record.timestamp() < due)) {
                    early.add(number);
                }
            }
        }
        return early;
    }

    /** Numbers that came because they were recalled. */
    public List<Integer> recalled() {
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue().stream()
                        .anyMatch(record -> record.headers().lastHeader(HeaderNames.RECALLED) != null))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        reader.close();
        producer.close();
    }
}
