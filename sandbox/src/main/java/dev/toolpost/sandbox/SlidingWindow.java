package dev.toolpost.sandbox;

/** The exact model of a sliding window: the times of the last accepted requests in a ring. Not thread-safe. */
final class SlidingWindow {

    private final long windowNanos;
    private final long[] accepted;
    private int oldest;
    private int count;

    SlidingWindow(int permits, long windowNanos) {
        this.accepted = new long[permits];
        this.windowNanos = windowNanos;
    }

    /** Whether a request at this time would be within the limit. */
    boolean hasRoom(long nowNanos) {
        forget(nowNanos);
        return count < accepted.length;
    }

    /** Counts a request for which there is room. */
    void take(long nowNanos) {
        accepted[(oldest + count) % accepted.length] = nowNanos;
        count++;
    }

    int remaining() {
        return accepted.length - count;
    }

    private void forget(long nowNanos) {
        while (count > 0 && nowNanos - accepted[oldest] >= windowNanos) {
            oldest = (oldest + 1) % accepted.length;
            count--;
        }
    }
}
