package dev.toolpost.scheduler.state;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.TaskId;

/** How near the copies of other instances' stores are to what they copy. Thread-safe. */
public final class StandbyProgress implements StandbyUpdateListener {

    private final Map<TopicPartition, Long> behind = new ConcurrentHashMap<>();
    private final LongAdder copied = new LongAdder();

    /** How far behind a copy is is known with its first batch. */
    @Override
    public void onUpdateStart(TopicPartition changelog, String store, long from) {
        behind.put(changelog, 0L);
    }

    @Override
    public void onBatchLoaded(
            TopicPartition changelog, String store, TaskId task, long lastOffset, long count, long endOffset) {
        copied.add(count);
        // Behind the last record stands the end of its transaction, which is never loaded.
        behind.put(changelog, Math.max(0, endOffset - lastOffset - 2));
    }

    @Override
    public void onUpdateSuspended(
            TopicPartition changelog, String store, long offset, long endOffset, SuspendReason reason) {
        behind.remove(changelog);
    }

    /** Partitions of stores that are copied. */
    public int copies() {
        return behind.size();
    }

    /** Records of changelogs that were there and not copied when the newest ones were, all together. */
    public long behind() {
        return behind.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Records copied since the process began. */
    public long copied() {
        return copied.sum();
    }
}
