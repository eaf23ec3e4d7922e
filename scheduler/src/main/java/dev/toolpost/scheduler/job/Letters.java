package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.out.Outgoing;
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

/** Makes dead letters of records that came by a stream. Immutable. */
record Letters(DeadLetters letters) {

    /** What a letter's own headers may add without reaching its topic's limit. */
    private static final int MOST_BYTES = TopicPlan.CALL_BYTES - (64 << 10);

    Record<byte[], Outgoing> of(
            Record<byte[], byte[]> record, RecordMetadata place, String cause, String detail, long nowMillis) {
        byte[] value = record.value();
        long bytes = (value == null ? 0 : value.length) + bytes(record.headers());
        boolean fits = bytes <= MOST_BYTES;
        ProducerRecord<byte[], byte[]> letter = letters.of(
                new ConsumerRecord<>(
                        place.topic(),
                        place.partition(),
                        place.offset(),
                        record.timestamp(),
                        TimestampType.CREATE_TIME,
                        ConsumerRecord.NULL_SIZE,
                        ConsumerRecord.NULL_SIZE,
                        record.key(),
                        fits ? value : null,
                        fits ? record.headers() : new RecordHeaders(),
                        Optional.empty()),
                cause,
                fits ? detail : detail + " (its " + bytes + " bytes do not fit here: read them at their place)");
        return new Record<>(letter.key(), Outgoing.to(letter.topic(), letter.value()), nowMillis, letter.headers());
    }

    private static long bytes(Headers headers) {
        long bytes = 0;
        for (Header header : headers) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }
}
