package dev.toolpost.worker.commit;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Reads what a group has committed, transactions under way waited for. */
@FunctionalInterface
public interface CommittedOffsets {

    /**
     * The commits of these partitions; those without one are absent.
     *
     * @throws org.apache.kafka.common.KafkaException where the broker cannot tell now
     */
    Map<TopicPartition, OffsetAndMetadata> read(Collection<TopicPartition> partitions) throws InterruptedException;
}
