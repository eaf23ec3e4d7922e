package dev.toolpost.worker.ratelimit;

import org.jspecify.annotations.Nullable;

/** Waiters of one route and lane, first come first served; leaving from the middle takes constant time. Not thread-safe. */
final class Line {

    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;
    private final long[] costs; // of all who wait, for each bandwidth of the route

    Line(int bandwidths) {
        costs = new long[bandwidths];
    }

    @Nullable
    Waiter first() {
        return first;
    }

    int size() {
        return size;
    }

    void add(Waiter waiter) {
        waiter.before = last;
        if (last == null) {
            first = waiter;
        } else {
            last.after = waiter;
        }
        last = waiter;
        size++;
        count(waiter, 1);
    }

    void remove(Waiter waiter) {
        Waiter before = waiter.before;
        Waiter after = waiter.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        waiter.before = null;
        waiter.after = null;
        size--;
        count(waiter, -1);
    }

    private void count(Waiter waiter, int sign) {
        for (int i = 0; i < costs.length; i++) {
            costs[i] += sign * (long) waiter.costs[i];
        }
    }

    /** Permits of the route's i-th bandwidth that those who wait will take. */
    long cost(int i) {
        return costs[i];
    }
}
