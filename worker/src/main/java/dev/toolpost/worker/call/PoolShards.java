package dev.toolpost.worker.call;

import dev.toolpost.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** How many shards each pool has, read once from the broker: the counts are fixed at creation. Thread-safe. */
public final class PoolShards {

    private final Admin admin;
    private final Topics topics;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    public PoolShards(Admin admin, Topics topics) {
        this.admin = admin;
        this.topics = topics;
    }

    /**
     * The pool's shard count, or null where its topics do not exist.
     *
     * @throws KafkaException where the broker cannot be asked now
     */
    public @Nullable Integer count(String pool) throws InterruptedException {
        Integer known = counts.get(pool);
        if (known != null) {
            return known;
        }
        String topic = topics.resume(pool);
        try {
            int count = Objects.requireNonNull(admin.describeTopics(List.of(topic))
                            .topicNameValues()
                            .get(topic))
                    .get()
                    .partitions()
                    .size();
            counts.put(pool, count);
            return count;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw new KafkaException("cannot read the partition count of " + topic, failed.getCause());
        }
    }
}
