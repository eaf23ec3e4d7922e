package dev.toolpost.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Makes dead letters: the original bytes, the cause in headers, and no header that holds a token. */
public final class DeadLetters {

    private static final int MOST_DETAIL = 1_000;
    private static final Set<String> TOKEN_HEADERS = Set.of("authorization", "toolpost-token");

    private final String topic;

    public DeadLetters(String topic) {
        this.topic = topic;
    }

    public String topic() {
        return topic;
    }

    /**
     * The dead letter of a record.
     *
     * @param cause a short code, for machines
     * @param detail what is wrong and what to do about it
     */
    public ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> message, String cause, String detail) {
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(topic, message.key(), message.value());
        for (Header header : message.headers()) {
            if (!TOKEN_HEADERS.contains(header.key().toLowerCase(Locale.ROOT))) {
                letter.headers().add(header);
            }
        }
        add(letter, HeaderNames.DEAD_CAUSE, cause);
        add(letter, HeaderNames.DEAD_DETAIL, detail.length() > MOST_DETAIL ? detail.substring(0, MOST_DETAIL) : detail);
        add(letter, HeaderNames.DEAD_TOPIC, message.topic());
        add(letter, HeaderNames.DEAD_PARTITION, Integer.toString(message.partition()));
        add(letter, HeaderNames.DEAD_OFFSET, Long.toString(message.offset()));
        add(letter, HeaderNames.DEAD_TIMESTAMP, Long.toString(message.timestamp()));
        return letter;
    }

    private static void add(ProducerRecord<byte[], byte[]> letter, String name, @Nullable String value) {
        letter.headers().remove(name);
        if (value != null) {
            letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
        }
    }
}
