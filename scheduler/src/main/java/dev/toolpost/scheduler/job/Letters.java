package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.out.Outgoing;
import dev.toolpost.schemas.DeadLetters;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Makes dead letters of records that came by a stream. Immutable. */
record Letters(DeadLetters letters) {

    Record<byte[], Outgoing> of(
            Record<byte[], byte[]> record, RecordMetadata place, String cause, String detail, long nowMillis) {
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
                        record.value(),
                        record.headers(),
                        Optional.empty()),
                cause,
                detail);
        return new Record<>(letter.key(), Outgoing.to(letter.topic(), letter.value()), nowMillis, letter.headers());
    }
}
