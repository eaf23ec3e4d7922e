package dev.toolpost.worker.commit;

import dev.toolpost.worker.ownership.Shard;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What one finished step changes, whole or not at all: an offset that is done, and records to publish.
 *
 * @param shard the ownership under which the step was made; a unit of a lost one is dropped
 * @param partition the partition whose commit the unit needs
 * @param offset the record of it that is done; {@link #NONE} where the unit finishes none
 * @param records published in the same transaction
 * @param clean the last unit of a shard: its commit says that the shard was handed back in order
 * @param urgent whether it goes at once rather than with the next interval
 * @param result how it ended
 */
public record CommitUnit(
        Shard shard,
        TopicPartition partition,
        long offset,
        List<ProducerRecord<byte[], byte[]>> records,
        boolean clean,
        boolean urgent,
        CompletableFuture<Result> result) {

    /** No offset. */
    public static final long NONE = -1;

    /** How a unit ended; it ends exceptionally with {@link RecordRefusedException} where a record of it cannot be published. */
    public sealed interface Result {

        /**
         * The transaction succeeded.
         *
         * @param firstRecord where the unit's first record stands; null where it has none or that is not known, since
         *     a transaction of unknown outcome turned out to have succeeded
         */
        record Committed(@Nullable RecordMetadata firstRecord) implements Result {}

        /** The shard was lost before; nothing of the unit was published. */
        record NotOwned() implements Result {}
    }

    /** A record that is done with nothing to publish. */
    public static CommitUnit done(Shard shard, TopicPartition partition, long offset) {
        return new CommitUnit(shard, partition, offset, List.of(), false, false, new CompletableFuture<>());
    }

    /** A record that is done together with what it leads to. */
    public static CommitUnit done(
            Shard shard, TopicPartition partition, long offset, List<ProducerRecord<byte[], byte[]>> records) {
        return new CommitUnit(shard, partition, offset, records, false, true, new CompletableFuture<>());
    }

    /** Records that go with a commit of the shard as it stands, such as the journal's. */
    public static CommitUnit publish(
            Shard shard, TopicPartition partition, List<ProducerRecord<byte[], byte[]>> records) {
        return new CommitUnit(shard, partition, NONE, records, false, true, new CompletableFuture<>());
    }

    /** A commit of the partition as it stands, at once: a proof of ownership. */
    public static CommitUnit proof(Shard shard, TopicPartition partition) {
        return new CommitUnit(shard, partition, NONE, List.of(), false, true, new CompletableFuture<>());
    }

    /** A commit of the partition as it stands, with the next interval. */
    public static CommitUnit position(Shard shard, TopicPartition partition) {
        return new CommitUnit(shard, partition, NONE, List.of(), false, false, new CompletableFuture<>());
    }

    /** The last commit of a partition before its shard is handed back. */
    public static CommitUnit handBack(
            Shard shard, TopicPartition partition, List<ProducerRecord<byte[], byte[]>> records) {
        return new CommitUnit(shard, partition, NONE, records, true, true, new CompletableFuture<>());
    }
}
