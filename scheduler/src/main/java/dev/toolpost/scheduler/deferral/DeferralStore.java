package dev.toolpost.scheduler.deferral;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What waits in one partition: by due time, and where each id stands in that order. Both are in one store, apart by the first byte of the key:
 * half as many databases, changelogs and partitions in each transaction. Confined to its stream thread.
 *
 * <p>What was taken out leaves tombstones in RocksDB until a compaction, and a scan that started at the beginning would walk over all of them
 * every time. So a scan starts at the earliest that may still wait, and never goes back behind what was delivered: what comes in with an
 * earlier due time is due already and takes its place behind that. And no scan goes on when nothing waits.
 */
final class DeferralStore {

    /** First byte of a key that holds an id, and the version of that form. {@link DueKey#VERSION} is that of one by due time. */
    private static final byte BY_ID = 2;

    private static final byte BEHIND_IDS = 3;
    private static final long NEVER = Long.MAX_VALUE;

    /** In an id, between what a recall names and what makes it one of its own. */
    private static final char SEPARATOR = ' ';

    private static final char BEHIND_SEPARATOR = SEPARATOR + 1;

    private final KeyValueStore<byte[], byte[]> store;

    /** No entry is before it; scans start here. */
    private DueKey start = DueKey.FIRST;

    /** Due time of what was delivered last; nothing is stored before it. */
    private long deliveredDueMillis;

    private long nextDueMillis;
    private long pending;

    /** Over what is there already, which is counted. */
    DeferralStore(KeyValueStore<byte[], byte[]> store) {
        this.store = store;
        this.nextDueMillis = NEVER;
        try (KeyValueIterator<byte[], byte[]> ids = store.range(new byte[] {BY_ID}, new byte[] {BEHIND_IDS})) {
            while (ids.hasNext()) {
                nextDueMillis =
                        Math.min(nextDueMillis, DueKey.of(ids.next().value).dueMillis());
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
        byte[] id = idKey(deferral.id());
        byte[] earlier = store.get(id);
        if (earlier != null) {
            store.delete(earlier);
            pending--;
        }
        byte[] place = key.bytes();
        store.put(place, deferral.bytes());
        store.put(id, place);
        pending++;
        nextDueMillis = Math.min(nextDueMillis, key.dueMillis());
        start = key.compareTo(start) < 0 ? key : start;
        return earlier != null;
    }

    /**
     * Makes due what has this id, and those in whose ids a space and something more follow it.
     *
     * @param offset of the recall; of several the first takes it, and the others keep theirs, so that no two have one place
     * @return how many there were
     */
    int recall(String deferralId, long dueMillis, long offset, UnaryOperator<StoredDeferral> marked) {
        List<String> ids = new ArrayList<>();
        ids.add(deferralId);
        try (KeyValueIterator<byte[], byte[]> longer =
                store.range(idKey(deferralId + SEPARATOR), idKey(deferralId + BEHIND_SEPARATOR))) {
            longer.forEachRemaining(entry -> ids.add(idOf(entry.key)));
        }
        int recalled = 0;
        for (String id : ids) {
            byte[] place = store.delete(idKey(id));
            byte[] bytes = place == null ? null : store.delete(place);
            if (place != null && bytes != null) {
                pending--;
                put(
                        marked.apply(StoredDeferral.of(bytes)),
                        dueMillis,
                        recalled == 0 ? offset : DueKey.of(place).offset());
                recalled++;
            }
        }
        return recalled;
    }

    /**
     * Offers what is due, earliest first, and takes out what is accepted, until one is refused.
     *
     * @param now the broker's time
     */
    void offerDue(long now, BiPredicate<DueKey, StoredDeferral> accept) {
        try (KeyValueIterator<byte[], byte[]> waiting = store.range(start.bytes(), new byte[] {BY_ID})) {
            while (pending > 0) {
                KeyValue<byte[], byte[]> earliest = waiting.next();
                DueKey key = DueKey.of(earliest.key);
                start = key;
                nextDueMillis = key.dueMillis();
                if (nextDueMillis > now) {
                    return;
                }
                StoredDeferral deferral = StoredDeferral.of(earliest.value);
                if (!accept.test(key, deferral)) {
                    return;
                }
                remove(earliest.key, deferral.id());
            }
            nextDueMillis = NEVER;
        }
    }

    private void remove(byte[] place, String deferralId) {
        store.delete(place);
        store.delete(idKey(deferralId));
        deliveredDueMillis = nextDueMillis;
        pending--;
    }

    /** Where the ids that begin like this are found. */
    static byte[] idKey(String idOrItsBeginning) {
        byte[] text = idOrItsBeginning.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + text.length).put(BY_ID).put(text).array();
    }

    /** What {@link #idKey} was made of. */
    static String idOf(byte[] key) {
        return new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
    }
}
