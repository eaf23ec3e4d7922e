package dev.toolpost.worker.ratelimit;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A place in the line for permits. Whoever has one waits for its outcome on a thread ({@link #await}), or goes away and is called
 * back ({@link #whenDecided}), or gives it back ({@link #leave}). Thread-safe. One may wait on a thread after he asked to be called back: he gets both.
 */
public final class Ticket {

    private final ConnectionLimiter limiter;
    private final String tool;
    private final Waiter waiter;

    Ticket(ConnectionLimiter limiter, String tool, Waiter waiter) {
        this.limiter = limiter;
        this.tool = tool;
        this.waiter = waiter;
    }

    /** What came of it; null while it waits. */
    public @Nullable Acquisition outcome() {
        return waiter.outcome;
    }

    /** The estimate, made when it came, of when it will have its permits, on the limiter's clock. */
    public long estimateNanos() {
        return limiter.onClock(waiter.estimate);
    }

    /** How many stood in its lane before it when it came. */
    public int ahead() {
        return waiter.ahead;
    }

    /** Whether it is one for calls of this tool at this limiter. */
    public boolean isFor(ConnectionLimiter other, String otherTool) {
        return limiter.equals(other) && tool.equals(otherTool);
    }

    /**
     * Waits for the outcome, until its deadline at the longest.
     *
     * @throws InterruptedException if the thread is interrupted before or while it waits; it then holds nothing
     */
    public Acquisition await() throws InterruptedException {
        waiter.waits();
        Acquisition outcome = waiter.outcome;
        while (outcome == null) {
            if (waiter.deadline == Long.MAX_VALUE) {
                LockSupport.park(limiter);
            } else {
                LockSupport.parkNanos(limiter, waiter.deadline - limiter.now());
            }
            if (Thread.interrupted()) {
                limiter.withdraw(waiter);
                throw new InterruptedException();
            }
            outcome = waiter.outcome;
            if (outcome == null && waiter.deadline <= limiter.now()) {
                outcome = limiter.expire(waiter);
            }
        }
        return outcome;
    }

    /**
     * Runs the action once when the outcome is there, at once where it is. It runs on the thread that decided, so it has to be quick and may
     * not block. The deadline is not watched: who goes away comes back by then himself.
     */
    public void whenDecided(Runnable action) {
        limiter.whenDecided(waiter, action);
    }

    /** Out of the line, or the permits given back unused. */
    public void leave() {
        limiter.withdraw(waiter);
    }
}
