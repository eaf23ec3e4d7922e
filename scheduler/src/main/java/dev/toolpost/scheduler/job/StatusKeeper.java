package dev.toolpost.scheduler.job;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/** Keeps the status of every job, on every instance, and the index of them. Confined to the thread of the global stores. */
final class StatusKeeper implements Processor<byte[], byte[], Void, Void> {

    private final JobMessages messages;
    private final String topic;
    private final JobIndex index;
    private @Nullable TimestampedKeyValueStore<byte[], byte[]> store;

    StatusKeeper(JobMessages messages, String topic, JobIndex index) {
        this.messages = messages;
        this.topic = topic;
        this.index = index;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        TimestampedKeyValueStore<byte[], byte[]> kept = context.getStateStore(Jobs.STATUSES);
        store = kept;
        index.clear();
        try (KeyValueIterator<byte[], ValueAndTimestamp<byte[]>> all = kept.all()) {
            while (all.hasNext()) {
                KeyValue<byte[], ValueAndTimestamp<byte[]>> entry = all.next();
                show(entry.key, entry.value.value());
            }
        }
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        TimestampedKeyValueStore<byte[], byte[]> kept = store;
        if (kept == null) {
            throw new IllegalStateException("not opened yet");
        }
        byte[] key = record.key();
        if (key == null) {
            return;
        }
        if (record.value() == null) {
            kept.delete(key);
            index.remove(id(key));
        } else {
            kept.put(key, ValueAndTimestamp.make(record.value(), record.timestamp()));
            show(key, record.value());
        }
    }

    private void show(byte[] key, byte[] value) {
        index.put(id(key), messages.status(topic, value));
    }

    private static String id(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }
}
