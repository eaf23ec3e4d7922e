package dev.toolpost.worker.ratelimit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a vendor counts, exactly, as requests arrive in order of time. Every arrival counts, the rejected ones too. */
public interface VendorModel {

    /** False if the vendor would reject the request, which costs so much. */
    boolean arrives(long nanos, int cost);

    /** What the answer to a request that arrived at this time says, or null for nothing. */
    default @Nullable LimitFeedback says(long nanos) {
        return null;
    }

    /** The request that arrived and cost so much is done. */
    default void done(int cost) {}

    /** At most so many in any stretch of one window, both its ends included. */
    static VendorModel sliding(int permits, long windowNanos) {
        record Arrival(long nanos, int cost) {}
        Deque<Arrival> recent = new ArrayDeque<>();
        long[] sum = {0};
        return (nanos, cost) -> {
            while (!recent.isEmpty() && recent.peekFirst().nanos < nanos - windowNanos) {
                sum[0] -= recent.removeFirst().cost;
            }
            recent.addLast(new Arrival(nanos, cost));
            sum[0] += cost;
            return sum[0] <= permits;
        };
    }

    /** Windows that begin every window length, at an offset. */
    static VendorModel fixedToTheClock(int permits, long windowNanos, long offsetNanos) {
        long[] window = {Long.MIN_VALUE};
        int[] count = {0};
        return (nanos, cost) -> {
            long current = Math.floorDiv(nanos - offsetNanos, windowNanos);
            if (current != window[0]) {
                window[0] = current;
                count[0] = 0;
            }
            count[0] += cost;
            return count[0] <= permits;
        };
    }

    /** As {@link #fixedToTheClock}, telling what is left and in how many whole seconds the window ends. */
    static VendorModel telling(String limit, int permits, long windowNanos, long offsetNanos) {
        return new VendorModel() {
            private long window = Long.MIN_VALUE;
            private int count;

            @Override
            public boolean arrives(long nanos, int cost) {
                long current = Math.floorDiv(nanos - offsetNanos, windowNanos);
                if (current != window) {
                    window = current;
                    count = 0;
                }
                count += cost;
                return count <= permits;
            }

            @Override
            public LimitFeedback says(long nanos) {
                long left = windowNanos - Math.floorMod(nanos - offsetNanos, windowNanos);
                long remaining = Math.max(0, permits - count);
                return new LimitFeedback(limit, null, remaining, null, null, Duration.ofSeconds(left / 1_000_000_000));
            }
        };
    }

    /** As {@link #sliding}, telling what it allows and what is left; it allows fewer from a time on. */
    static VendorModel lowering(String limit, int permits, long windowNanos, int later, AtomicLong fromNanos) {
        return new VendorModel() {
            private final Deque<Long> recent = new ArrayDeque<>();

            private int allowed(long nanos) {
                return nanos < fromNanos.get() ? permits : later;
            }

            @Override
            public boolean arrives(long nanos, int cost) {
                while (!recent.isEmpty() && recent.peekFirst() < nanos - windowNanos) {
                    recent.removeFirst();
                }
                for (int i = 0; i < cost; i++) {
                    recent.addLast(nanos);
                }
                return recent.size() <= allowed(nanos);
            }

            @Override
            public LimitFeedback says(long nanos) {
                long allowed = allowed(nanos);
                return new LimitFeedback(limit, null, Math.max(0, allowed - recent.size()), null, allowed, null);
            }
        };
    }

    /** A window begins with the first request after the end of the one before. */
    static VendorModel fixedFromFirstUse(int permits, long windowNanos) {
        long[] begin = {0};
        int[] count = {0};
        return (nanos, cost) -> {
            if (count[0] == 0 || nanos - begin[0] >= windowNanos) {
                begin[0] = nanos;
                count[0] = 0;
            }
            count[0] += cost;
            return count[0] <= permits;
        };
    }

    /** A bucket that is full at first and fills evenly, in parts of a nanosecond's refill: exact. */
    static VendorModel tokens(int permits, long windowNanos) {
        long full = Math.multiplyExact(permits, windowNanos);
        long[] level = {full};
        long[] last = {Long.MIN_VALUE};
        return (nanos, cost) -> {
            if (last[0] != Long.MIN_VALUE) {
                long filling = Math.min(nanos - last[0], windowNanos);
                level[0] = Math.min(full, level[0] + filling * permits);
            }
            last[0] = nanos;
            if (level[0] < cost * windowNanos) {
                return false;
            }
            level[0] -= cost * windowNanos;
            return true;
        };
    }

    /** A meter that each request raises by its cost and that drains evenly; the same as {@link #tokens} from the other side. */
    static VendorModel leaky(int permits, long windowNanos) {
        long brim = Math.multiplyExact(permits, windowNanos);
        long[] level = {0};
        long[] last = {Long.MIN_VALUE};
        return (nanos, cost) -> {
            long drained = last[0] == Long.MIN_VALUE ? 0 : permits * Math.min(nanos - last[0], windowNanos);
            level[0] = Math.max(0, level[0] - drained) + cost * windowNanos;
            last[0] = nanos;
            return level[0] <= brim;
        };
    }

    /** At most so many under way at once. */
    static VendorModel concurrent(int permits) {
        return new VendorModel() {
            private int underWay;

            @Override
            public boolean arrives(long nanos, int cost) {
                underWay += cost;
                return underWay <= permits;
            }

            @Override
            public void done(int cost) {
                underWay -= cost;
            }
        };
    }
}
