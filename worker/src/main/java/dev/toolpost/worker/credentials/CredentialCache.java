package dev.toolpost.worker.credentials;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What was read lately, in memory, for a bounded time and in a bounded number. News never goes back: what was read before a change
 * was heard of does not take its place. Thread-safe.
 */
final class CredentialCache {

    /** That something is not there is believed for a moment only: it may just be being added. */
    private static final Duration ABSENCE = Duration.ofSeconds(1);

    private final Duration life;
    private final int most;
    private final LongSupplier nanoTime;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private volatile long sweptNanos;

    /**
     * What is known.
     *
     * @param stored null where there was none
     * @param asOfNanos when it was certainly so
     * @param heard whether this only says that what was there before has changed
     */
    private record Entry(@Nullable StoredConnection stored, long asOfNanos, boolean heard) {}

    CredentialCache(Duration life, int most, LongSupplier nanoTime) {
        this.life = life;
        this.most = most;
        this.nanoTime = nanoTime;
        this.sweptNanos = nanoTime.getAsLong();
    }

    /** What is remembered of a connection. */
    sealed interface Known {
        record Nothing() implements Known {}

        record Is(@Nullable StoredConnection stored) implements Known {}
    }

    Known find(String id) {
        Entry entry = entries.get(id);
        return entry == null || hasEnded(entry) ? new Known.Nothing() : new Known.Is(entry.stored());
    }

    /**
     * Notes what was read or written.
     *
     * @param asOfNanos when the read began, or when the write was answered
     * @return the connection, the very same object while nothing has changed
     */
    @Nullable
    StoredConnection put(String id, @Nullable StoredConnection stored, long asOfNanos) {
        Entry now = entries.compute(id, (key, known) -> {
            if (known != null && known.asOfNanos() - asOfNanos > 0) {
                return known;
            }
            boolean same = known != null && !known.heard() && stored != null && stored.equals(known.stored());
            return new Entry(same ? known.stored() : stored, asOfNanos, false);
        });
        if (entries.size() > most || nanoTime.getAsLong() - sweptNanos >= life.toNanos()) {
            sweptNanos = nanoTime.getAsLong();
            shrink(id);
        }
        return stored != null && stored.equals(now.stored()) ? now.stored() : stored;
    }

    /**
     * Notes that a connection has changed: what was read until now does not count any more.
     *
     * @param beingRead whether a read is under way, whose news may be older than this
     */
    void forget(String id, boolean beingRead) {
        entries.compute(
                id, (key, known) -> known == null && !beingRead ? null : new Entry(null, nanoTime.getAsLong(), true));
    }

    int size() {
        return entries.size();
    }

    private boolean hasEnded(Entry entry) {
        long age = nanoTime.getAsLong() - entry.asOfNanos();
        Duration good = entry.stored() == null && ABSENCE.compareTo(life) < 0 ? ABSENCE : life;
        return entry.heard() || age >= good.toNanos();
    }

    /** Drops what has ended, and where that is not enough any eighth of the rest. */
    private void shrink(String keep) {
        entries.values().removeIf(this::hasEnded);
        Iterator<String> ids = entries.keySet().iterator();
        int most = this.most - this.most / 8;
        while (entries.size() > most && ids.hasNext()) {
            if (!ids.next().equals(keep)) {
                ids.remove();
            }
        }
    }
}
