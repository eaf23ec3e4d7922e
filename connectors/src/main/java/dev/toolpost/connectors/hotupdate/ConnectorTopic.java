package dev.toolpost.connectors.hotupdate;

import dev.toolpost.connectors.signing.SignedRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the topic of definitions from its beginning on, and goes on reading. Not thread-safe. */
final class ConnectorTopic implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConnectorTopic.class);
    private static final Pattern VENDOR = Pattern.compile("[a-z0-9_]{1,64}");
    private static final String NO_VENDOR = "(key that is no vendor's id)";
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final PublishedConnectors published;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private @Nullable Consumer<byte[], byte[]> consumer;

    /** @param consumers makes a consumer without a group */
    ConnectorTopic(String topic, Supplier<Consumer<byte[], byte[]>> consumers, PublishedConnectors published) {
        this.topic = topic;
        this.consumers = consumers;
        this.published = published;
    }

    /**
     * Reads what there is.
     *
     * @return whether the end was reached in time
     * @throws IllegalStateException where the topic does not exist
     */
    boolean readToEnd(Duration bound) throws InterruptedException {
        long until = System.nanoTime() + bound.toNanos();
        Consumer<byte[], byte[]> reader = open();
        Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment(), bound);
        while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            poll(reader, POLL);
        }
        return true;
    }

    /** Waits so long for records. Trouble with the broker is told and passes. */
    void poll(Duration wait) throws InterruptedException {
        try {
            poll(open(), wait);
        } catch (KafkaException | IllegalStateException trouble) {
            log.warn("{} cannot be read now: {}", topic, trouble.getMessage());
            close();
            Thread.sleep(wait);
        }
    }

    private void poll(Consumer<byte[], byte[]> reader, Duration wait) throws InterruptedException {
        for (ConsumerRecord<byte[], byte[]> each : reader.poll(wait)) {
            published.accept(read(each));
            next.put(new TopicPartition(each.topic(), each.partition()), each.offset() + 1);
        }
    }

    private Consumer<byte[], byte[]> open() {
        Consumer<byte[], byte[]> open = consumer;
        if (open != null) {
            return open;
        }
        Consumer<byte[], byte[]> fresh = consumers.get();
        try {
            List<TopicPartition> partitions = fresh.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new IllegalStateException(
                        "topic " + topic
                                + " does not exist (expected, with connectors.trusted_keys: the topics that this creates: toolpost topics create)");
            }
            fresh.assign(partitions);
            fresh.seekToBeginning(partitions);
            // A second reading would take every superseded definition for one that somebody brings back.
            next.forEach(fresh::seek);
        } catch (RuntimeException cannot) {
            fresh.close();
            throw cannot;
        }
        consumer = fresh;
        return fresh;
    }

    private static SignedRecord read(ConsumerRecord<byte[], byte[]> message) {
        Map<String, byte[]> headers = new HashMap<>();
        for (Header header : message.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), header.value());
            }
        }
        String key = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
        return new SignedRecord(
                VENDOR.matcher(key).matches() ? key : NO_VENDOR,
                message.value() == null ? new byte[0] : message.value(),
                headers);
    }

    @Override
    public void close() {
        Consumer<byte[], byte[]> open = consumer;
        consumer = null;
        if (open != null) {
            open.close();
        }
    }
}
