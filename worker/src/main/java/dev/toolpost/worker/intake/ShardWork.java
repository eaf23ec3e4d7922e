package dev.toolpost.worker.intake;

import dev.toolpost.worker.ownership.Shard;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** What is done with the shards of a pool; all methods are called on the poll thread, of which only {@link #drain} and {@link #awaitRoom} may block. */
public interface ShardWork {

    /** A shard was assigned; its first commit is under way. Must not block. */
    void assigned(Shard shard);

    /** A record was delivered. Must not block. */
    void start(Delivery delivery);

    /**
     * Shards are about to be handed back: waiting calls are dropped, sent requests finish within the bound.
     *
     * @return the records to publish with the last commit of each (bucket states); a shard that is absent was not left in
     *     order
     */
    Map<Shard, List<ProducerRecord<byte[], byte[]>>> drain(List<Shard> shards, Duration bound);

    /** A shard is gone; everything of it ends without effect. */
    void lost(Shard shard);

    /**
     * Waits while {@linkplain #room() nothing may be begun}, at most so long. A worker that is never idle is so most of
     * the time, and the end of a single call is the time to go on: pausing partitions instead would cost more, and waste what
     * ends until the next look.
     */
    void awaitRoom(Duration bound);

    /** How many records may be begun now. */
    Room room();

    /**
     * How many records may be begun.
     *
     * @param all of any lane
     * @param batch of these, of the batch lane
     */
    record Room(int all, int batch) {}

    /** What the poll thread must not fetch now. */
    Backpressure backpressure();

    /** Called about once a second. */
    void housekeeping();

    /**
     * What must not be fetched now.
     *
     * @param everything as many calls are in flight as the worker may hold
     * @param batch as many calls of the batch lane are in flight as the lane may hold
     */
    record Backpressure(boolean everything, boolean batch) {

        public static final Backpressure NONE = new Backpressure(false, false);
    }

    /**
     * Whether a partition must not be fetched now, as the last resort: its finished offsets fill the commit's metadata,
     * or it is {@code resume} and a connection of the shard is full.
     */
    boolean blocked(Shard shard, TopicPartition partition);
}
