package dev.toolpost.worker.intake;

import dev.toolpost.worker.memory.HeapPart;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Records that were read and not begun with yet, and which of them is next: mostly interactive calls, now and then one that goes on or one
 * of the batch lane, and always the first of these that there is; within such a lane each partition in turn, and of a partition each key,
 * which is to say each connection. So a flood of one connection holds up nobody on another partition, and on its own partition nobody who
 * was read; and no lane holds up another for good. Reading costs little beside beginning, so an interactive partition is read far ahead.
 * Not thread-safe.
 */
final class Backlog {

    /** Of the other lanes, where nobody waits for an answer at once, so many records are enough to go on with. */
    private static final int MANY = 256;

    /** A partition with so large a part of what may be held is read no further, until it has little. */
    private static final int MANY_PART = 2;

    private static final int LITTLE_PART = 4;

    /** What a record takes beside its key, value and headers, and what a header does beside its own. */
    private static final long RECORD_BYTES = 400;

    private static final long HEADER_BYTES = 100;

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

    private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);

    /** Of one partition. */
    private static final class Records {
        private final Map<ByteBuffer, Deque<Delivery>> byKey = new HashMap<>();
        private final Deque<ByteBuffer> inTurn = new ArrayDeque<>();
        private int size;
        private long bytes;

        void add(Delivery delivery) {
            ByteBuffer key = key(delivery.message());
            Deque<Delivery> ofKey = byKey.get(key);
            if (ofKey == null) {
                ofKey = new ArrayDeque<>(2);
                byKey.put(key, ofKey);
                inTurn.addLast(key);
            }
            ofKey.addLast(delivery);
            size++;
        }

        Delivery next() {
            ByteBuffer key = inTurn.removeFirst();
            Deque<Delivery> ofKey = byKey.getOrDefault(key, new ArrayDeque<>());
            Delivery next = ofKey.removeFirst();
            if (ofKey.isEmpty()) {
                byKey.remove(key);
            } else {
                inTurn.addLast(key);
            }
            size--;
            return next;
        }

        private static ByteBuffer key(ConsumerRecord<byte[], byte[]> message) {
            byte[] key = message.key();
            return key == null ? NO_KEY : ByteBuffer.wrap(key);
        }
    }

    private final Map<TopicPartition, Records> byPartition = new HashMap<>();
    private final HeapPart memory;

    /** Those of each lane's partitions that have records, the next one first. */
    private final Map<Lane, Deque<TopicPartition>> inTurn = new EnumMap<>(Lane.class);

    private int place;
    private int size;

    /** @param memory when it is full, no partition that has records here is read further */
    Backlog(HeapPart memory) {
        this.memory = memory;
        for (Lane lane : Lane.values()) {
            inTurn.put(lane, new ArrayDeque<>());
        }
    }

    void add(Lane lane, Delivery delivery) {
        Records records = byPartition.computeIfAbsent(delivery.partition(), first -> new Records());
        if (records.size == 0) {
            turns(lane).addLast(delivery.partition());
        }
        records.add(delivery);
        size++;
        count(records, bytesOf(delivery));
    }

    private static long bytesOf(Delivery delivery) {
        ConsumerRecord<byte[], byte[]> message = delivery.message();
        long bytes =
                RECORD_BYTES + Math.max(0, message.serializedKeySize()) + Math.max(0, message.serializedValueSize());
        for (Header header : message.headers()) {
            bytes += HEADER_BYTES + header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    private void count(Records records, long change) {
        records.bytes += change;
        memory.hold(change);
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
            Delivery next = records.next();
            if (records.size > 0) {
                turns.addLast(partition);
            }
            size--;
            count(records, -bytesOf(next));
            return next;
        }
        return null;
    }

    /**
     * Whether a partition has so much here that no more of it should be read.
     *
     * @param before whether it was so before: it then has to have little
     */
    boolean isAhead(Lane lane, TopicPartition partition, boolean before) {
        Records records = byPartition.get(partition);
        if (records == null || records.size == 0) {
            return false;
        }
        int part = before ? LITTLE_PART : 1;
        if (lane != Lane.INTERACTIVE && records.size > MANY / part) {
            return true;
        }
        return records.bytes > memory.most() / MANY_PART / part || memory.held() > memory.most() / part;
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
            size -= records.size;
            memory.release(records.bytes);
            inTurn.values().forEach(turns -> turns.remove(partition));
        }
    }

    private Deque<TopicPartition> turns(Lane lane) {
        return inTurn.getOrDefault(lane, new ArrayDeque<>());
    }
}
