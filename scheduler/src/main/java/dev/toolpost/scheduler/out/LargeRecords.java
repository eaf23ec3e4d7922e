package dev.toolpost.scheduler.out;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last in front of a sink: what its topic does not take becomes a dead letter, and what not even their topic takes is left out and told
 * to the log. Whoever makes records that may grow sees to it before, in words of its own. Confined to its stream thread.
 */
final class LargeRecords implements Processor<byte[], Outgoing, byte[], Outgoing> {

    private static final Logger LOG = LoggerFactory.getLogger(LargeRecords.class);
    private static final String CAUSE = "too-large-for-target";

    private final Room room;
    private final Letters letters;
    private @Nullable ProcessorContext<byte[], Outgoing> context;

    LargeRecords(Room room, Letters letters) {
        this.room = room;
        this.letters = letters;
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], Outgoing> record) {
        ProcessorContext<byte[], Outgoing> out = context;
        if (out == null) {
            throw new IllegalStateException("not opened yet");
        }
        if (isTaken(record)) {
            out.forward(record);
            return;
        }
        String detail = detail(record.value());
        LOG.warn("A record is too large for its topic and becomes a dead letter: {}", detail);
        Record<byte[], Outgoing> letter = letters.of(message(record), CAUSE, detail, record.timestamp());
        if (!isTaken(letter)) {
            letter = letters.bare(message(record), CAUSE, detail, record.timestamp());
        }
        if (isTaken(letter)) {
            out.forward(letter);
        } else {
            LOG.error("A record is left out, since dead letters have no room for it either: {}", detail);
        }
    }

    private boolean isTaken(Record<byte[], Outgoing> record) {
        Outgoing outgoing = record.value();
        return room.takes(outgoing.topic(), record.key(), outgoing.value(), record.headers());
    }

    private String detail(Outgoing outgoing) {
        byte[] value = outgoing.value();
        return outgoing.topic() + " takes at most " + room.most(outgoing.topic())
                + " bytes (max.message.bytes; expected: " + (value == null ? 0 : value.length)
                + " and what is around them): raise it and publish this again";
    }

    private static ConsumerRecord<byte[], byte[]> message(Record<byte[], Outgoing> record) {
        Integer partition = record.value().partition();
        return new ConsumerRecord<>(
                record.value().topic(),
                partition == null ? -1 : partition,
                -1,
                record.timestamp(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                record.key(),
                record.value().value(),
                record.headers(),
                Optional.empty());
    }
}
