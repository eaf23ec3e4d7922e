package dev.toolpost.scheduler.deferral;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What waits in one partition: by due time, and where each id stands in that order. Confined to its stream thread.
 *
 * <p>What was taken out leaves tombstones in RocksDB until a compaction, and a scan that started at the beginning would walk over all of them
 * every time. So a scan starts at the earliest that may still wait, and never goes back behind what was delivered: what comes in with an
 * earlier due time is due already and takes its place behind that.
 */
final class DeferralStore {

    private static final long NEVER = Long.MAX_VALUE;

    private final KeyValueStore<byte[], byte[]> byTime;
    private final KeyValueStore<byte[], byte[]> byId;

    /** No entry is before it; scans start here. */
    private DueKey start = DueKey.FIRST;

    /** Due time of what was delivered last; nothing is stored before it. */
    private long deliveredDueMillis;

    private long nextDueMillis;
    private long pending;

    DeferralStore(KeyValueStore<byte[], byte[]> byTime, KeyValueStore<byte[], byte[]> byId) {
        this.byTime = byTime;
        this.byId = byId;
        this.nextDueMillis = NEVER;
        try (KeyValueIterator<byte[], byte[]> all = byId.all()) {
            while (all.hasNext()) {
                nextDueMillis =
                        Math.min(nextDueMillis, DueKey.of(all.next().value).dueMillis());
                pending++;
            }
        }
    }

    /** How many wait. */
    long pending() {
        return pending;
    }

    /** Nothing is due before this time of the broker, in epoch milliseconds; {@link Long#MAX_VALUE} where nothing waits. */
    long nextDueMillis() {
        return nextDueMillis;
    }

    /**
     * Takes one in, in place of one with its id.
     *
     * @return whether there was one
     */
    boolean put(StoredDeferral deferral, long dueMillis, long offset) {
        DueKey key = new DueKey(Math.max(dueMillis, deliveredDueMillis), offset);
        byte[] id = id(deferral.id());
        byte[] earlier = byId.get(id);
        if (earlier != null) {
            byTime.delete(earlier);
            pending--;
        }
        byte[] place = key.bytes();
        byTime.put(place, deferral.bytes());
        byId.put(id, place);
        pending++;
        nextDueMillis = Math.min(nextDueMillis, key.dueMillis());
        start = key.compareTo(start) < 0 ? key : start;
        return earlier != null;
    }

    /** Takes one out by its id; null where it is not there. */
    @Nullable
    StoredDeferral take(String deferralId) {
        byte[] id = id(deferralId);
        byte[] place = byId.delete(id);
        byte[] bytes = place == null ? null : byTime.delete(place);
        if (bytes == null) {
            return null;
        }
        pending--;
        return StoredDeferral.of(bytes);
    }

    /** All that waits, earliest first. To be closed. */
    KeyValueIterator<byte[], byte[]> fromEarliest() {
        return byTime.range(start.bytes(), null);
    }

    /** A scan found this to be the earliest. */
    void earliest(DueKey key) {
        start = key;
        nextDueMillis = key.dueMillis();
    }

    /** A scan found nothing. */
    void nothingWaits() {
        nextDueMillis = NEVER;
    }

    /** Takes out what was delivered. */
    void remove(DueKey key, String deferralId) {
        byTime.delete(key.bytes());
        byId.delete(id(deferralId));
        deliveredDueMillis = key.dueMillis();
        pending--;
    }

    private static byte[] id(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }
}
