package dev.toolpost.sandbox;

import java.util.Arrays;

/** The exact model of a sliding window: the times of the last accepted requests in a ring that grows up to the limit. Not thread-safe. */
final class SlidingWindow {

    private static final int SMALL = 128;

    private final int permits;
    private final long windowNanos;
    private long[] accepted;
    private int oldest;
    private int count;

    SlidingWindow(int permits, long windowNanos) {
        this.permits = permits;
        this.windowNanos = windowNanos;
        this.accepted = new long[Math.min(permits, SMALL)];
    }

    /** Whether a request at this time would be within the limit. */
    boolean hasRoom(long nowNanos) {
        forget(nowNanos);
        return count < permits;
    }

    /** Counts a request for which there is room. */
    void take(long nowNanos) {
        if (count == accepted.length) {
            grow();
        }
        accepted[(oldest + count) % accepted.length] = nowNanos;
        count++;
    }

    int remaining() {
        return permits - count;
    }

    private void grow() {
        long[] larger = Arrays.copyOfRange(accepted, oldest, oldest + Math.min(permits, 2 * count));
        System.arraycopy(accepted, 0, larger, count - oldest, oldest);
        accepted = larger;
        oldest = 0;
    }

    private void forget(long nowNanos) {
        while (count > 0 && nowNanos - accepted[oldest] >= windowNanos) {
            oldest = (oldest + 1) % accepted.length;
            count--;
        }
    }
}
