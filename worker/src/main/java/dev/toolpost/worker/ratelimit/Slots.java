package dev.toolpost.worker.ratelimit;

import java.util.Arrays;

/**
 * Permits on their way back: how many return when, in order of time. The times are the ends of coarse slots, so the size
 * is bounded by the window and not by the permits. Not thread-safe.
 */
final class Slots {

    private long[] dues = new long[4];
    private int[] counts = new int[4];
    private int first;
    private int end; // exclusive
    private int total;

    int total() {
        return total;
    }

    /** Permits return at the given time. Times mostly ascend; another order is slower, not wrong. */
    void add(long due, int count) {
        total += count;
        int at = end;
        while (at > first && dues[at - 1] > due) {
            at--;
        }
        if (at > first && dues[at - 1] == due) {
            counts[at - 1] += count;
            return;
        }
        int shift = makeRoom();
        at -= shift;
        System.arraycopy(dues, at, dues, at + 1, end - at);
        System.arraycopy(counts, at, counts, at + 1, end - at);
        dues[at] = due;
        counts[at] = count;
        end++;
    }

    /** Takes out what is due. */
    int takeDue(long now) {
        int due = 0;
        while (first < end && dues[first] <= now) {
            due += counts[first++];
        }
        total -= due;
        if (first == end) {
            first = 0;
            end = 0;
        }
        return due;
    }

    /** Takes permits out again that return at the given time; answers how many there were, at most so many as asked. */
    int remove(long due, int count) {
        for (int i = end - 1; i >= first && dues[i] >= due; i--) {
            if (dues[i] == due) {
                int removed = Math.min(counts[i], count);
                counts[i] -= removed;
                total -= removed;
                return removed;
            }
        }
        return 0;
    }

    /** What returns before one time, but after another, returns at that other. */
    void pullForward(long before, long to) {
        int from = first;
        while (from < end && dues[from] <= to) {
            from++;
        }
        int pulled = 0;
        int until = from;
        while (until < end && dues[until] < before) {
            pulled += counts[until++];
        }
        if (pulled == 0) {
            return;
        }
        System.arraycopy(dues, until, dues, from, end - until);
        System.arraycopy(counts, until, counts, from, end - until);
        end -= until - from;
        total -= pulled;
        add(to, pulled);
    }

    /** What returns before a time returns at that time. */
    void pushBack(long to) {
        int early = takeDue(to - 1);
        if (early > 0) {
            add(to, early);
        }
    }

    /** When the n-th of them (from 1, at most {@link #total()}) returns. */
    long dueOf(long n) {
        long left = n;
        int at = first;
        while (left > counts[at]) {
            left -= counts[at++];
        }
        return dues[at];
    }

    /** How many return by the given time. */
    int dueBy(long time) {
        int due = 0;
        for (int i = first; i < end && dues[i] <= time; i++) {
            due += counts[i];
        }
        return due;
    }

    /** Forgets the earliest until at most so many are left. */
    void keepLatest(int limit) {
        while (total > limit) {
            int dropped = Math.min(counts[first], total - limit);
            counts[first] -= dropped;
            total -= dropped;
            if (counts[first] == 0) {
                first++;
            }
        }
    }

    /** The times, each with its permits, as durations from the given time. */
    LimiterSnapshot.Returning[] from(long now) {
        var returning = new LimiterSnapshot.Returning[end - first];
        for (int i = 0; i < returning.length; i++) {
            returning[i] = new LimiterSnapshot.Returning(Math.max(0, dues[first + i] - now), counts[first + i]);
        }
        return returning;
    }

    /** Makes room for one at the end; answers by how much everything moved to the front. */
    private int makeRoom() {
        if (end < dues.length) {
            return 0;
        }
        int shift = first;
        int size = end - first;
        long[] roomyDues = size > dues.length / 2 ? new long[dues.length * 2] : dues;
        int[] roomyCounts = size > dues.length / 2 ? new int[dues.length * 2] : counts;
        System.arraycopy(dues, first, roomyDues, 0, size);
        System.arraycopy(counts, first, roomyCounts, 0, size);
        dues = roomyDues;
        counts = roomyCounts;
        first = 0;
        end = size;
        return shift;
    }

    @Override
    public String toString() {
        return "Slots" + Arrays.toString(from(0));
    }
}
