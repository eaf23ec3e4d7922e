package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Reads what a compacted topic says now, as it is committed. */
final class CompactedTopic {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private CompactedTopic() {}

    /** The last value of every key. */
    static Map<String, byte[]> all(ToolpostConfig config, String topic) {
        return read(config, topic, null);
    }

    /** The last value of a key; null where there is none. */
    static byte @Nullable [] one(ToolpostConfig config, String topic, String key) {
        return read(config, topic, key).get(key);
    }

    /** A consumer in no group, that reads what is committed. */
    static Consumer<byte[], byte[]> consumer(ToolpostConfig config) {
        Brokers.requireListening(config);
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent("client.id", "toolpost-cli");
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "none");
        properties.put("allow.auto.create.topics", false);
        properties.putIfAbsent("default.api.timeout.ms", 10_000);
        properties.remove("group.id");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Without waiting for a fetch that is under way. */
    static void close(Consumer<byte[], byte[]> consumer) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }

    /** All partitions of a topic. */
    static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(each -> new TopicPartition(topic, each.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw CliException.usage("the topic " + topic + " does not exist", "Create it: toolpost topics create");
        }
        return partitions;
    }

    private static Map<String, byte[]> read(ToolpostConfig config, String topic, @Nullable String key) {
        Map<String, byte[]> values = new TreeMap<>();
        Consumer<byte[], byte[]> consumer = consumer(config);
        try {
            List<TopicPartition> partitions = partitions(consumer, topic);
            if (key != null) {
                int of = Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions.size();
                partitions = List.of(new TopicPartition(topic, of));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long untilNanos = System.nanoTime() + BOUND.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    take(values, record);
                }
                if (System.nanoTime() - untilNanos > 0) {
                    throw CliException.unreachable(
                            "the topic " + topic + " could not be read to its end within " + BOUND.toSeconds() + " s",
                            "Check Kafka, and ask again.",
                            null);
                }
            }
            return values;
        } finally {
            close(consumer);
        }
    }

    private static void take(Map<String, byte[]> values, ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            values.remove(key);
        } else {
            values.put(key, record.value());
        }
    }
}
