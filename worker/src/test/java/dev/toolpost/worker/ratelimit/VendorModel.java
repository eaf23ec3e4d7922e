package dev.toolpost.worker.ratelimit;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a vendor counts, exactly, as requests arrive in order of time. Every arrival counts, the rejected ones too. */
interface VendorModel {

    /** False if the vendor would reject the request. */
    boolean arrives(long nanos);

    /** The request that arrived is done. */
    default void done() {}

    /** At most so many in any stretch of one window, both its ends included. */
    static VendorModel sliding(int permits, long windowNanos) {
        Deque<Long> recent = new ArrayDeque<>();
        return nanos -> {
            while (!recent.isEmpty() && recent.peekFirst() < nanos - windowNanos) {
                recent.removeFirst();
            }
            recent.addLast(nanos);
            return recent.size() <= permits;
        };
    }

    /** Windows that begin every window length, at an offset. */
    static VendorModel fixedToTheClock(int permits, long windowNanos, long offsetNanos) {
        long[] window = {Long.MIN_VALUE};
        int[] count = {0};
        return nanos -> {
            long current = Math.floorDiv(nanos - offsetNanos, windowNanos);
            if (current != window[0]) {
                window[0] = current;
                count[0] = 0;
            }
            return ++count[0] <= permits;
        };
    }

    /** A window begins with the first request after the end of the one before. */
    static VendorModel fixedFromFirstUse(int permits, long windowNanos) {
        long[] begin = {0};
        int[] count = {0};
        return nanos -> {
            if (count[0] == 0 || nanos - begin[0] >= windowNanos) {
                begin[0] = nanos;
                count[0] = 0;
            }
            return ++count[0] <= permits;
        };
    }

    /** A bucket that is full at first and fills evenly, in parts of a nanosecond's refill: exact. */
    static VendorModel tokens(int permits, long windowNanos) {
        long full = Math.multiplyExact(permits, windowNanos);
        long[] level = {full};
        long[] last = {Long.MIN_VALUE};
        return nanos -> {
            if (last[0] != Long.MIN_VALUE) {
                long filling = Math.min(nanos - last[0], windowNanos);
                level[0] = Math.min(full, level[0] + filling * permits);
            }
            last[0] = nanos;
            if (level[0] < windowNanos) {
                return false;
            }
            level[0] -= windowNanos;
            return true;
        };
    }

    /** A meter that each request raises by one and that drains evenly; the same as {@link #tokens} from the other side. */
    static VendorModel leaky(int permits, long windowNanos) {
        long brim = Math.multiplyExact(permits, windowNanos);
        long[] level = {0};
        long[] last = {Long.MIN_VALUE};
        return nanos -> {
            long drained = last[0] == Long.MIN_VALUE ? 0 : permits * Math.min(nanos - last[0], windowNanos);
            level[0] = Math.max(0, level[0] - drained) + windowNanos;
            last[0] = nanos;
            return level[0] <= brim;
        };
    }

    /** At most so many under way at once. */
    static VendorModel concurrent(int permits) {
        return new VendorModel() {
            private int underWay;

            @Override
            public boolean arrives(long nanos) {
                return ++underWay <= permits;
            }

            @Override
            public void done() {
                underWay--;
            }
        };
    }
}
