package dev.toolpost.worker.http;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends what is still under way at its deadline. One platform thread sleeps until the earliest deadline that it has seen;
 * starting and ending an exchange cost a set operation each and wake nobody, since a new deadline is rarely the earliest.
 *
 * <p>What a deadline sets off runs on a virtual thread of its own: closing a connection can take long, and the next
 * deadline does not wait for it. Thread-safe.
 */
public final class DeadlineWatch implements AutoCloseable {

    /** Something with an end. */
    public interface Timed {
        /** In nanoseconds of {@link System#nanoTime()}. */
        long deadlineNanos();

        /** The deadline has passed. Called at most once, on another thread. */
        void expire();
    }

    private static final long IDLE_NANOS = 3_600_000_000_000L;

    private final Set<Timed> underWay = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile long wakeAtNanos;
    private volatile boolean closed;

    public DeadlineWatch() {
        wakeAtNanos = System.nanoTime() + IDLE_NANOS;
        thread = Thread.ofPlatform().daemon().name("vendor-deadlines").start(this::run);
    }

    public void start(Timed timed) {
        underWay.add(timed);
        if (timed.deadlineNanos() - wakeAtNanos < 0) {
            LockSupport.unpark(thread);
        }
    }

    public void end(Timed timed) {
        underWay.remove(timed);
    }

    int size() {
        return underWay.size();
    }

    private void run() {
        while (!closed) {
            long now = System.nanoTime();
            // Set before the scan: what starts during it and is not seen by it wakes this thread again.
            wakeAtNanos = now + IDLE_NANOS;
            long earliest = now + IDLE_NANOS;
            for (Iterator<Timed> all = underWay.iterator(); all.hasNext(); ) {
                Timed timed = all.next();
                long deadline = timed.deadlineNanos();
                if (deadline - now <= 0) {
                    all.remove();
                    Thread.ofVirtual().name("vendor-deadline-passed").start(timed::expire);
                } else if (deadline - earliest < 0) {
                    earliest = deadline;
                }
            }
            wakeAtNanos = earliest;
            LockSupport.parkNanos(this, earliest - System.nanoTime());
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
