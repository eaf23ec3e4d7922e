package dev.toolpost.worker.ratelimit;

import dev.toolpost.schemas.Lane;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A call that asked for permits. Guarded by the limiter's lock, except what is final or volatile. */
final class Waiter {

    private static final int[] NO_COSTS = {};

    final Route route;

    /** What it takes of each bandwidth of its route; may be shared, never changed. */
    final int[] costs;

    /** The bandwidths that count it over all connections of its vendor; null where none does. */
    final @Nullable Route shared;

    /** What it takes of each of those; may be shared, never changed. */
    final int[] sharedCosts;

    final Lane lane;
    final long deadline;

    /** What came of it; null while it waits. Set once, with the lock held; read by the waiting thread without. */
    volatile @Nullable Acquisition outcome;

    /** When it came. */
    long since;

    /** The estimate of when it will have its permits, made when it came. */
    long estimate;

    /** How many stood in its lane when it came. */
    int ahead;

    /** Of its connection's limiter and of the allowance: what {@link SlowRestart#granted} said. */
    int restart;

    int sharedRestart;

    /** Whether whoever asked has gone away. */
    boolean gone;

    long number;

    @Nullable
    Waiter before;

    @Nullable
    Waiter after;

    private volatile @Nullable Thread thread;
    private volatile @Nullable Runnable decided;
    private long couldHave;

    Waiter(Route route, int[] costs, @Nullable Route shared, int[] sharedCosts, Lane lane, long deadline) {
        this.route = route;
        this.costs = costs;
        this.shared = shared;
        this.sharedCosts = shared == null ? NO_COSTS : sharedCosts;
        this.lane = lane;
        this.deadline = deadline;
    }

    /** The current thread waits for the outcome from here on. */
    void waits() {
        thread = Thread.currentThread();
    }

    /** With the limiter's lock held, while it has no outcome: runs the action once it has one, without the lock. */
    void whenDecided(Runnable action) {
        decided = action;
    }

    /** Without the lock, once, after it got its outcome: tells whoever waits. */
    void wake() {
        Runnable action = decided;
        if (action != null) {
            action.run();
        }
        Thread waiting = thread;
        if (waiting != null && !waiting.equals(Thread.currentThread())) {
            LockSupport.unpark(waiting);
        }
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
