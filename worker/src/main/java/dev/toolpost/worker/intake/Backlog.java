package dev.toolpost.worker.intake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Records that were read and not begun with yet, by partition, and which of them is next: mostly interactive calls, now and then one that
 * goes on or one of the batch lane, and always the first of these that there is; within such a lane each partition in turn. So a flood on
 * one partition holds up nobody on another, and no lane holds up another for good. Not thread-safe.
 */
final class Backlog {

    /** A partition with so many is read no further, until it has few. */
    private static final int MANY = 256;

    private static final int FEW = MANY / 4;

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

    private final Map<TopicPartition, Deque<Delivery>> byPartition = new HashMap<>();

    /** Those of each lane's partitions that have records, the next one first. */
    private final Map<Lane, Deque<TopicPartition>> inTurn = new EnumMap<>(Lane.class);

    private int place;
    private int size;

    Backlog() {
        for (Lane lane : Lane.values()) {
            inTurn.put(lane, new ArrayDeque<>());
        }
    }

    void add(Lane lane, Delivery delivery) {
        Deque<Delivery> waiting = byPartition.computeIfAbsent(delivery.partition(), first -> new ArrayDeque<>());
        if (waiting.isEmpty()) {
            turns(lane).addLast(delivery.partition());
        }
        waiting.addLast(delivery);
        size++;
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
            Deque<Delivery> waiting = byPartition.getOrDefault(partition, new ArrayDeque<>());
            Delivery next = waiting.removeFirst();
            if (!waiting.isEmpty()) {
                turns.addLast(partition);
            }
            size--;
            return next;
        }
        return null;
    }

    /** Whether a partition has so many records here that no more of it should be read. */
    boolean isAhead(TopicPartition partition, boolean before) {
        Deque<Delivery> waiting = byPartition.get(partition);
        return waiting != null && waiting.size() > (before ? FEW : MANY);
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
        Deque<Delivery> waiting = byPartition.remove(partition);
        if (waiting != null) {
            size -= waiting.size();
            inTurn.values().forEach(turns -> turns.remove(partition));
        }
    }

    private Deque<TopicPartition> turns(Lane lane) {
        return inTurn.getOrDefault(lane, new ArrayDeque<>());
    }
}
