package dev.toolpost.scheduler.deferral;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Records of {@code later} in their order that could not be read when they came, since the registry that knows their schema did not answer.
 * They stand in the store of the deferrals, apart by the first byte of the key, so that what is known is delivered meanwhile. Confined to
 * its stream thread.
 */
final class UnreadRecords {

    /** First byte of a key, and the version of this form. {@link DeferralStore} has those before it. */
    private static final byte UNREAD = 4;

    private static final byte BEHIND_UNREAD = 5;
    private static final int KEY_LENGTH = 1 + 2 * Long.BYTES;

    private final KeyValueStore<byte[], byte[]> store;
    private long count;

    /** Over what is there already, which is counted. */
    UnreadRecords(KeyValueStore<byte[], byte[]> store) {
        this.store = store;
        try (KeyValueIterator<byte[], byte[]> all = all()) {
            while (all.hasNext()) {
                all.next();
                count++;
            }
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    void add(ConsumerRecord<byte[], byte[]> message) {
        List<StoredDeferral.Header> headers = new ArrayList<>();
        message.headers().forEach(header -> {
            if (header.value() != null) {
                headers.add(new StoredDeferral.Header(header.key(), header.value()));
            }
        });
        byte[] key = ByteBuffer.allocate(KEY_LENGTH)
                .put(UNREAD)
                .putLong(message.offset())
                .putLong(message.timestamp())
                .array();
        store.put(
                key,
                new StoredDeferral("", message.topic(), message.partition(), message.key(), message.value(), headers)
                        .bytes());
        count++;
    }

    /** Tries all in their order until one still cannot be read. */
    void drain(Predicate<ConsumerRecord<byte[], byte[]>> read) {
        try (KeyValueIterator<byte[], byte[]> all = all()) {
            while (count > 0) {
                KeyValue<byte[], byte[]> oldest = all.next();
                if (!read.test(message(oldest))) {
                    return;
                }
                store.delete(oldest.key);
                count--;
            }
        }
    }

    private static ConsumerRecord<byte[], byte[]> message(KeyValue<byte[], byte[]> entry) {
        ByteBuffer place = ByteBuffer.wrap(entry.key, 1, KEY_LENGTH - 1);
        StoredDeferral stored = StoredDeferral.of(entry.value);
        Integer partition = stored.partition();
        return new ConsumerRecord<>(
                stored.topic(),
                partition == null ? 0 : partition,
                place.getLong(),
                place.getLong(),
                TimestampType.LOG_APPEND_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                stored.key(),
                stored.value(),
                stored.recordHeaders(),
                Optional.empty());
    }

    private KeyValueIterator<byte[], byte[]> all() {
        return store.range(new byte[] {UNREAD}, new byte[] {BEHIND_UNREAD});
    }
}
