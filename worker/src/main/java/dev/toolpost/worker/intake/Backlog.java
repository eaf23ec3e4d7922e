package dev.toolpost.worker.intake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records that were read and not begun with yet, by partition, and which of them is next: mostly interactive calls, now and then one that
 * goes on or one of the batch lane, and always the first of these that there is; within such a lane each partition in turn. So a flood on
 * one partition holds up nobody on another, and no lane holds up another for good. Not thread-safe.
 */
final class Backlog {

    /** A partition with so many is read no further, until it has few. */
    private static final int MANY = Intake.MOST_POLLED;

    private static final long MANY_BYTES = 1 << 20;
    private static final int FEW_PART = 4;

    /** What a record takes beside its key and value. */
    private static final long RECORD_BYTES = 400;

    /** What a partition holds. */
    enum Lane {
        INTERACTIVE,
        RESUME,
        BATCH
    }

    private static final List<Lane> ORDER = List.of(
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.RESUME,
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.INTERACTIVE,
            Lane.BATCH);

    /** Of one partition. */
    private static final class Records {
        private final Deque<Delivery> waiting = new ArrayDeque<>();
        private long bytes;
    }

    private final Map<TopicPartition, Records> byPartition = new HashMap<>();
    private final long mostBytes;

    /** Those of each lane's partitions that have records, the next one first. */
    private final Map<Lane, Deque<TopicPartition>> inTurn = new EnumMap<>(Lane.class);

    private int place;
    private int size;
    private long bytes;

    /** @param mostBytes with more, no partition that has records here is read further */
    Backlog(long mostBytes) {
        this.mostBytes = mostBytes;
        for (Lane lane : Lane.values()) {
            inTurn.put(lane, new ArrayDeque<>());
        }
    }

    void add(Lane lane, Delivery delivery) {
        Records records = byPartition.computeIfAbsent(delivery.partition(), first -> new Records());
        if (records.waiting.isEmpty()) {
            turns(lane).addLast(delivery.partition());
        }
        records.waiting.addLast(delivery);
        size++;
        count(records, bytesOf(delivery));
    }

    private static long bytesOf(Delivery delivery) {
        ConsumerRecord<byte[], byte[]> message = delivery.message();
        return RECORD_BYTES + Math.max(0, message.serializedKeySize()) + Math.max(0, message.serializedValueSize());
    }

    private void count(Records records, long change) {
        records.bytes += change;
        bytes += change;
    }

    /**
     * Takes the next record.
     *
     * @param batchToo whether it may be one of the batch lane
     * @return null where there is none
     */
    @Nullable
    Delivery next(boolean batchToo) {
        for (int i = 0; i < ORDER.size(); i++) {
            Lane lane = ORDER.get(place);
            place = (place + 1) % ORDER.size();
            Deque<TopicPartition> turns = turns(lane);
            if (turns.isEmpty() || (lane == Lane.BATCH && !batchToo)) {
                continue;
            }
            TopicPartition partition = turns.removeFirst();
            Records records = byPartition.getOrDefault(partition, new Records());
            Delivery next = records.waiting.removeFirst();
            if (!records.waiting.isEmpty()) {
                turns.addLast(partition);
            }
            size--;
            count(records, -bytesOf(next));
            return next;
        }
        return null;
    }

    /**
     * Whether a partition has so many records here, or so large ones, that no more of it should be read.
     *
     * @param before whether it was so before: it then has to have few
     */
    boolean isAhead(TopicPartition partition, boolean before) {
        Records records = byPartition.get(partition);
        if (records == null || records.waiting.isEmpty()) {
            return false;
        }
        int part = before ? FEW_PART : 1;
        return records.waiting.size() > MANY / part || records.bytes > MANY_BYTES / part || bytes > mostBytes / part;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Records of all partitions. */
    int size() {
        return size;
    }

    /** Forgets the records of a partition that is this worker's no longer. */
    void forget(TopicPartition partition) {
        Records records = byPartition.remove(partition);
        if (records != null) {
            size -= records.waiting.size();
            bytes -= records.bytes;
            inTurn.values().forEach(turns -> turns.remove(partition));
        }
    }

    private Deque<TopicPartition> turns(Lane lane) {
        return inTurn.getOrDefault(lane, new ArrayDeque<>());
    }
}
