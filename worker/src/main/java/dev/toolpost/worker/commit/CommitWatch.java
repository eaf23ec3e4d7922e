package dev.toolpost.worker.commit;

import dev.toolpost.worker.ownership.Shard;
import org.apache.kafka.common.TopicPartition;

/** Told of every commit that succeeded, on the committer's thread; must not block. */
@FunctionalInterface
public interface CommitWatch {

    /**
     * A commit succeeded.
     *
     * @param metadataLength characters of its metadata, of {@link dev.toolpost.worker.ledger.LedgerMetadata#BUDGET}
     */
    void committed(Shard shard, TopicPartition partition, int metadataLength);
}
