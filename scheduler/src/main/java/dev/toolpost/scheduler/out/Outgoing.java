package dev.toolpost.scheduler.out;

import org.jspecify.annotations.Nullable;

/**
 * A record on its way to a topic that is known only now. Its key and headers are those of the stream's record around it.
 *
 * @param partition null leaves it to the key, as Kafka's own clients do
 * @param value null for a tombstone
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a record, never compared
public record Outgoing(String topic, @Nullable Integer partition, byte @Nullable [] value) {

    /** To the partition of its key. */
    public static Outgoing to(String topic, byte @Nullable [] value) {
        return new Outgoing(topic, null, value);
    }

    /** Without the value, which is somebody's data. */
    @Override
    public String toString() {
        return "Outgoing[" + topic + (partition == null ? "" : "-" + partition) + ", "
                + (value == null ? "tombstone" : value.length + " bytes") + "]";
    }
}
