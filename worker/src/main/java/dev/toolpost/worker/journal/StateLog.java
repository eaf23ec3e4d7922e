package dev.toolpost.worker.journal;

import dev.toolpost.message.StateEntry;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a pool's {@code state} topic: whole partitions when a shard is taken over, single entries when a recorded
 * reply is asked for. Reads {@code read_committed}, to the end as an uncommitted reader sees it, so that a transaction
 * still being decided is waited for. Thread-safe; every call uses a consumer of its own.
 */
public final class StateLog {

    private static final Logger log = LoggerFactory.getLogger(StateLog.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration READ_BACK_BOUND = Duration.ofSeconds(10);

    /** Each has a thread and connections of its own; an agent may repeat thousands of writes at once. */
    private static final int MOST_READERS = 8;

    private final String topic;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Admin admin;
    private final MessageCodec<StateEntry> codec;
    private final Semaphore readers = new Semaphore(MOST_READERS);

    /** @param consumers makes a {@code read_committed} consumer without a group */
    public StateLog(
            String topic, Supplier<Consumer<byte[], byte[]>> consumers, Admin admin, MessageCodec<StateEntry> codec) {
        this.topic = topic;
        this.consumers = consumers;
        this.admin = admin;
        this.codec = codec;
    }

    /**
     * Reads a shard's state to its end.
     *
     * @param goOn asked now and then; false ends the reading early
     * @param entries takes every entry with its offset, in order
     * @return whether the end was reached
     */
    public boolean restore(int shard, BooleanSupplier goOn, ObjLongConsumer<StateEntry> entries)
            throws InterruptedException {
        TopicPartition partition = new TopicPartition(topic, shard);
        long end = endOf(partition);
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                if (!goOn.getAsBoolean()) {
                    return false;
                }
                for (ConsumerRecord<byte[], byte[]> read : consumer.poll(POLL)) {
                    StateEntry entry = decode(read);
                    if (entry != null) {
                        entries.accept(entry, read.offset());
                    }
                }
            }
            return true;
        }
    }

    /**
     * Reads one entry; null where it is gone. May be called on a virtual thread: the reading is done on a platform thread.
     *
     * @throws KafkaException where it cannot be read now
     */
    public @Nullable StateEntry readBack(int shard, long place) throws InterruptedException {
        FutureTask<@Nullable StateEntry> reading =
                new FutureTask<>(() -> read(new TopicPartition(topic, shard), place));
        readers.acquire();
        try {
            Thread.ofPlatform().daemon().name("read-back-" + topic).start(reading);
            return reading.get();
        } catch (ExecutionException failed) {
            throw new KafkaException("cannot read " + topic + "-" + shard + " at offset " + place, failed.getCause());
        } finally {
            readers.release();
        }
    }

    private @Nullable StateEntry read(TopicPartition partition, long place) {
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, place);
            long until = System.nanoTime() + READ_BACK_BOUND.toNanos();
            while (consumer.position(partition) <= place && System.nanoTime() - until < 0) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    return message.offset() == place ? decode(message) : null;
                }
            }
            if (consumer.position(partition) <= place) {
                throw new TimeoutException("nothing to read within " + READ_BACK_BOUND);
            }
            return null;
        }
    }

    private long endOf(TopicPartition partition) throws InterruptedException {
        try {
            return admin.listOffsets(
                            Map.of(partition, OffsetSpec.latest()),
                            new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (ExecutionException failed) {
            throw new KafkaException("cannot read the end of " + partition, failed.getCause());
        }
    }

    private @Nullable StateEntry decode(ConsumerRecord<byte[], byte[]> read) {
        if (read.value() == null) {
            return null;
        }
        try {
            return codec.decode(read.topic(), read.value()).value();
        } catch (DecodeException damaged) {
            log.error(
                    "Entry {}-{} at offset {} cannot be read and is passed over: {}",
                    read.topic(),
                    read.partition(),
                    read.offset(),
                    damaged.getMessage());
            return null;
        }
    }
}
