package dev.toolpost.worker.ratelimit;

import dev.toolpost.schemas.Lane;
import org.jspecify.annotations.Nullable;

/** A call that asked for permits. Guarded by the limiter's lock, except what is final or volatile. */
final class Waiter {

    final Route route;

    /** What it takes of each bandwidth of its route; may be shared, never changed. */
    final int[] costs;

    final Lane lane;
    final long deadline;
    final Thread thread;

    /** What came of it; null while it waits. Set once, with the lock held; read by the waiting thread without. */
    volatile @Nullable Acquisition outcome;

    long number;

    /** When it came. */
    long since;

    @Nullable
    Waiter before;

    @Nullable
    Waiter after;

    private long couldHave;

    Waiter(Route route, int[] costs, Lane lane, long deadline, Thread thread) {
        this.route = route;
        this.costs = costs;
        this.lane = lane;
        this.deadline = deadline;
        this.thread = thread;
    }

    /**
     * Remembers what it lacks at the front of its line, as bits of its route's bandwidths.
     *
     * @return whether it starves: all that it lacks now it could have had before, only never all at the same time, because
     *     others that need less took it. Without a hand it could wait for ever.
     */
    boolean starvesWithout(long lacking) {
        boolean starves = (lacking & ~couldHave) == 0;
        couldHave |= ~lacking;
        return starves;
    }
}
