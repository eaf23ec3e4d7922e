package dev.toolpost.scheduler.state;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;

/** Stores as the scheduler has them all: RocksDB, changelog, no cache in front, since every record counts by itself. */
public final class Stores {

    /** A value of {@code later} (5 MB) and what is stored around it. */
    private static final int MAX_BYTES = 6 * 1024 * 1024;

    /**
     * What is put is removed soon, so a changelog is mostly tombstones: small segments and early compaction keep a cold restore short.
     */
    private static final Map<String, String> CHANGELOG = Map.of(
            "max.message.bytes",
            Integer.toString(MAX_BYTES),
            "segment.bytes",
            Integer.toString(64 << 20),
            "min.cleanable.dirty.ratio",
            "0.3",
            "delete.retention.ms",
            "3600000");

    private Stores() {}

    /** A new builder: one must never be used for two stores or two topologies (KAFKA-20464). */
    public static StoreBuilder<KeyValueStore<byte[], byte[]>> bytes(String name) {
        return of(name, Serdes.ByteArray(), Serdes.ByteArray());
    }

    /** A new builder of a store that every instance fills from a topic: it has no changelog but that. */
    public static StoreBuilder<TimestampedKeyValueStore<byte[], byte[]>> global(String name) {
        return org.apache.kafka.streams.state.Stores.timestampedKeyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentTimestampedKeyValueStore(name),
                        Serdes.ByteArray(),
                        Serdes.ByteArray())
                .withCachingDisabled()
                .withLoggingDisabled();
    }

    /** A new builder, with keys and values as these say. */
    public static <K, V> StoreBuilder<KeyValueStore<K, V>> of(String name, Serde<K> keys, Serde<V> values) {
        return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name), keys, values)
                .withCachingDisabled()
                .withLoggingEnabled(CHANGELOG);
    }
}
