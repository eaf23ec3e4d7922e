package dev.toolpost.worker.intake;

import dev.toolpost.worker.ownership.Shard;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A record that a worker owns for as long as it owns the shard.
 *
 * @param shard the ownership under which it was delivered
 * @param partition where it stands
 * @param message the record as it was read
 */
public record Delivery(Shard shard, TopicPartition partition, ConsumerRecord<byte[], byte[]> message) {

    /** The record's offset. */
    public long offset() {
        return message.offset();
    }
}
