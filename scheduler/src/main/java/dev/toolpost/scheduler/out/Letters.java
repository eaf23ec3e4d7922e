package dev.toolpost.scheduler.out;

import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.TopicPlan;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Makes dead letters of what a stream cannot use. Immutable. */
public record Letters(DeadLetters letters) {

    /** What a letter's own headers may add without reaching its topic's limit. */
    private static final int MOST_BYTES = TopicPlan.CALL_BYTES - (64 << 10);

    private static final int LONGEST_KEY = 1_000;

    /**
     * A letter of a stream's record.
     *
     * @param place where it was read; null where that is not known any more
     * @param cause a short code
     * @param detail what is wrong and what to do about it
     */
    public Record<byte[], Outgoing> of(
            Record<byte[], byte[]> record,
            @Nullable RecordMetadata place,
            String cause,
            String detail,
            long nowMillis) {
        return of(message(record, place), cause, detail, nowMillis);
    }

    /** A letter of a message; one that does not fit goes without its value and headers, or a long key, and says where to read them. */
    public Record<byte[], Outgoing> of(
            ConsumerRecord<byte[], byte[]> message, String cause, String detail, long nowMillis) {
        long bytes = length(message.key()) + length(message.value()) + bytes(message.headers());
        return bytes <= MOST_BYTES
                ? record(letters.of(message, cause, detail), nowMillis)
                : bare(message, cause, detail, nowMillis);
    }

    /** A letter without value and headers, and without a long key. */
    Record<byte[], Outgoing> bare(ConsumerRecord<byte[], byte[]> message, String cause, String detail, long nowMillis) {
        long bytes = length(message.key()) + length(message.value()) + bytes(message.headers());
        String where = message.offset() < 0 ? ")" : ": read them at their place)";
        return record(
                letters.of(bare(message), cause, detail + " (its " + bytes + " bytes do not fit here" + where),
                nowMillis);
    }

    private static Record<byte[], Outgoing> record(ProducerRecord<byte[], byte[]> letter, long nowMillis) {
        return new Record<>(letter.key(), Outgoing.to(letter.topic(), letter.value()), nowMillis, letter.headers());
    }

    private static ConsumerRecord<byte[], byte[]> message(
            Record<byte[], byte[]> record, @Nullable RecordMetadata place) {
        return new ConsumerRecord<>(
                place == null ? "" : place.topic(),
                place == null ? -1 : place.partition(),
                place == null ? -1 : place.offset(),
                record.timestamp(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> bare(ConsumerRecord<byte[], byte[]> message) {
        return new ConsumerRecord<>(
                message.topic(),
                message.partition(),
                message.offset(),
                message.timestamp(),
                message.timestampType(),
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                length(message.key()) > LONGEST_KEY ? null : message.key(),
                null,
                new RecordHeaders(),
                Optional.empty());
    }

    private static long bytes(Headers headers) {
        long bytes = 0;
        for (Header header : headers) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
