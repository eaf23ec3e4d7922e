package dev.toolpost.worker.ratelimit;

import dev.toolpost.schemas.Lane;
import org.jspecify.annotations.Nullable;

/** A call that asked for permits. Guarded by the limiter's lock, except what is final or volatile. */
final class Waiter {

    final Route route;
    final Lane lane;
    final long deadline;
    final Thread thread;

    /** What came of it; null while it waits. Set once, with the lock held; read by the waiting thread without. */
    volatile @Nullable Acquisition outcome;

    long number;

    @Nullable
    Waiter before;

    @Nullable
    Waiter after;

    private long lacked;
    private int turns;

    Waiter(Route route, Lane lane, long deadline, Thread thread) {
        this.route = route;
        this.lane = lane;
        this.deadline = deadline;
        this.thread = thread;
    }

    /** Remembers which bandwidths of its route it lacked at the front of its line. */
    void lacks(long bandwidths) {
        if (lacked != 0 && (lacked & bandwidths) == 0) {
            turns++;
        }
        lacked = bandwidths;
    }

    /**
     * Whether all it lacked before was there by turns, but never at the same time: others with one bandwidth in common
     * drained each. Without a hand it could wait for ever.
     */
    boolean isStarving() {
        return turns >= 2;
    }
}
