package dev.toolpost.scheduler.job.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How much came in the last minute, in slots of five seconds. Immutable.
 *
 * @param slot number of the newest slot, counted from 1970
 * @param counts newest first
 */
public record RateWindow(long slot, List<Long> counts) {

    private static final long SLOT_MILLIS = 5_000;
    private static final int SLOTS = 12;

    static final RateWindow EMPTY = new RateWindow(0, List.of());

    public RateWindow {
        counts = List.copyOf(counts);
    }

    RateWindow plus(long nowMillis, long count) {
        RateWindow current = at(nowMillis);
        List<Long> changed = new ArrayList<>(current.counts);
        changed.set(0, changed.getFirst() + count);
        return new RateWindow(current.slot, changed);
    }

    /** Per second, over the last minute or since the beginning where that was less. */
    double perSecond(long sinceMillis, long nowMillis) {
        long sum = at(nowMillis).counts.stream().mapToLong(Long::longValue).sum();
        long covered = Math.min(
                (SLOTS - 1) * SLOT_MILLIS + Math.floorMod(nowMillis, SLOT_MILLIS),
                Math.max(0, nowMillis - sinceMillis));
        return covered <= 0 ? 0 : sum * 1_000.0 / Math.max(1_000, covered);
    }

    private RateWindow at(long nowMillis) {
        long now = Math.max(slot, nowMillis / SLOT_MILLIS);
        List<Long> moved = new ArrayList<>(Collections.nCopies(SLOTS, 0L));
        for (int i = 0; i < counts.size(); i++) {
            long place = now - slot + i;
            if (place < SLOTS) {
                moved.set((int) place, counts.get(i));
            }
        }
        return new RateWindow(now, moved);
    }
}
