package dev.toolpost.worker.rig;

import dev.toolpost.schemas.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A rig's dead letters, found by the place of the record that became one. Not thread-safe. */
public final class DeadLetterBox implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Letter> letters = new HashMap<>();

    /** Opens the box of a rig. */
    public DeadLetterBox(Rig rig) {
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        Rig.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        50),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(consumer.partitionsFor(rig.topics().deadLetters()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList());
        consumer.seekToBeginning(consumer.assignment());
    }

    /** A dead letter as it stood on the topic. */
    public record Letter(String cause, String detail, ConsumerRecord<byte[], byte[]> message) {}

    /** The dead letter of the record at a place. */
    public Letter of(RecordMetadata place) {
        String wanted = place(place.topic(), Integer.toString(place.partition()), Long.toString(place.offset()));
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!letters.containsKey(wanted)) {
            if (System.nanoTime() > until) {
                throw new AssertionError(wanted + " is no dead letter; those are " + letters.keySet());
            }
            read(Duration.ofMillis(100));
        }
        return letters.get(wanted);
    }

    /** Dead letters so far. */
    public int size() {
        read(Duration.ofMillis(100));
        return letters.size();
    }

    private void read(Duration time) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(time)) {
            Letter letter = new Letter(
                    header(message, HeaderNames.DEAD_CAUSE), header(message, HeaderNames.DEAD_DETAIL), message);
            String place = place(
                    header(message, HeaderNames.DEAD_TOPIC),
                    header(message, HeaderNames.DEAD_PARTITION),
                    header(message, HeaderNames.DEAD_OFFSET));
            if (letters.put(place, letter) != null) {
                throw new AssertionError(place + " became a dead letter twice");
            }
        }
    }

    private static String place(String topic, String partition, String offset) {
        return topic + "-" + partition + "-" + offset;
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        Header header = message.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
