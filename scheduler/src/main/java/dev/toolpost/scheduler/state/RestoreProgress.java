package dev.toolpost.scheduler.state;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** How far the stores that are being restored have come. Thread-safe. */
public final class RestoreProgress implements StateRestoreListener {

    /**
     * One partition of one store on its way.
     *
     * @param restored records read so far
     * @param total records of the changelog that were to be read when it began; compacted ones count, so the end may come earlier
     */
    public record Restoring(String store, int partition, long restored, long total) {}

    private record Place(String store, int partition) {}

    private final Map<Place, Restoring> restoring = new ConcurrentHashMap<>();
    private final LongAdder restored = new LongAdder();

    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
        restoring.put(
                new Place(store, changelog.partition()), new Restoring(store, changelog.partition(), 0, to - from));
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long offset, long count) {
        restored.add(count);
        restoring.computeIfPresent(
                new Place(store, changelog.partition()),
                (place, now) -> new Restoring(now.store, now.partition, now.restored + count, now.total));
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long total) {
        restoring.remove(new Place(store, changelog.partition()));
    }

    @Override
    public void onRestoreSuspended(TopicPartition changelog, String store, long total) {
        restoring.remove(new Place(store, changelog.partition()));
    }

    /** What is under way, by store and partition. */
    public List<Restoring> underWay() {
        return restoring.values().stream()
                .sorted(Comparator.comparing(Restoring::store).thenComparingInt(Restoring::partition))
                .toList();
    }

    /** Records that are still to be read, at most. */
    public long left() {
        return restoring.values().stream()
                .mapToLong(each -> Math.max(0, each.total - each.restored))
                .sum();
    }

    /** Records restored since the process began. */
    public long restored() {
        return restored.sum();
    }
}
