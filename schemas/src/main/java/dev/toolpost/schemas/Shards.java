package dev.toolpost.schemas;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Which shard of a pool owns a connection. */
public final class Shards {
    private Shards() {}

    /** The key of every record about a connection: {@code tenant/connection}. */
    public static String key(String tenant, String connection) {
        return tenant + "/" + connection;
    }

    /**
     * The shard of a connection: murmur2 of the UTF-8 bytes of {@code tenant/connection}, as the default partitioner of
     * Java's Kafka producer places that key.
     */
    public static int of(String tenant, String connection, int shards) {
        return ofKey(key(tenant, connection), shards);
    }

    /** The shard that the default partitioner of Java's Kafka producer gives a key. */
    public static int ofKey(String key, int shards) {
        if (shards < 1) {
            throw new IllegalArgumentException("shards: " + shards + " (expected: >= 1)");
        }
        return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % shards;
    }
}
