package dev.toolpost.worker.ownership;

import dev.toolpost.schemas.Topics;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * The topics of one pool, which share a partition count.
 *
 * @param pool the pool's name
 * @param calls interactive calls; its placement leads the others'
 * @param batch calls of the batch lane
 * @param resume continuations, due deferrals and forwarded calls
 * @param state journal entries and bucket states
 * @param shards the partition count of each
 */
public record PoolTopics(String pool, String calls, String batch, String resume, String state, int shards) {

    public static PoolTopics of(Topics topics, String pool, int shards) {
        return new PoolTopics(
                pool, topics.calls(pool), topics.batch(pool), topics.resume(pool), topics.state(pool), shards);
    }

    /** The topics whose records a worker consumes. */
    public List<String> consumed() {
        return List.of(calls, batch, resume);
    }

    /** The partitions of one shard that a worker consumes. */
    public List<TopicPartition> partitions(int shard) {
        return List.of(
                new TopicPartition(calls, shard), new TopicPartition(batch, shard), new TopicPartition(resume, shard));
    }
}
