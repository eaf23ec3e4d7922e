package dev.toolpost.sandbox;

import java.util.Arrays;

/** The exact model of a sliding window: the times of the last accepted requests in a ring that grows up to the limit. Not thread-safe. */
final class SlidingWindow implements Window {

    private static final int SMALL = 128;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private int permits;
    private final long windowNanos;
    private long[] accepted;
    private int oldest;
    private int count;

    SlidingWindow(int permits, long windowNanos) {
        this.permits = permits;
        this.windowNanos = windowNanos;
        this.accepted = new long[Math.min(permits, SMALL)];
    }

    @Override
    public boolean hasRoom(Moment now, int cost) {
        forget(now.nanos());
        return count + cost <= permits;
    }

    @Override
    public void take(Moment now, int cost) {
        for (int i = 0; i < cost; i++) {
            if (count == accepted.length) {
                grow();
            }
            accepted[(oldest + count) % accepted.length] = now.nanos();
            count++;
        }
    }

    @Override
    public void allow(int newPermits) {
        permits = newPermits;
    }

    @Override
    public Room room(Moment now, int cost) {
        if (count == 0) {
            return new Room(permits, 0);
        }
        int leaving = Math.clamp(count + cost - permits, 1, count);
        long waitNanos = windowNanos - (now.nanos() - accepted[(oldest + leaving - 1) % accepted.length]);
        return new Room(Math.max(0, permits - count), (waitNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
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
