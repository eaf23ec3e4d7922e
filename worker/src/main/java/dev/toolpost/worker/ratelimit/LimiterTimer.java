package dev.toolpost.worker.ratelimit;

import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wake-ups on one daemon thread, enough for all limiters of a process: a limiter asks for one only while calls wait in
 * it, and for no more than one per permit that matures.
 *
 * <p>Thread-safe. A limiter calls in with its lock held; actions run without the timer's lock.
 */
public final class LimiterTimer implements WakeUps, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LimiterTimer.class);

    private final LongSupplier nanoTime;
    private final long originNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock. Times are nanoseconds since the origin.
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private boolean closed;

    /** A timer on the given clock, which must advance with {@link System#nanoTime()}. */
    public LimiterTimer(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.originNanos = nanoTime.getAsLong();
        Thread.ofPlatform().name("toolpost-permits").daemon().start(this::run);
    }

    /** The timer of the process, started on first use. */
    public static LimiterTimer shared() {
        return Shared.TIMER;
    }

    @Override
    public WakeUp register(Runnable action) {
        return new TimerWakeUp(action);
    }

    /** Stops the thread. Wake-ups that are set are not run. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (TimerWakeUp due = next(); due != null; due = next()) {
            try {
                due.action.run();
            } catch (RuntimeException e) {
                LOG.error("A wake-up of a limiter failed; the other limiters go on", e);
            }
        }
    }

    private @Nullable TimerWakeUp next() {
        lock.lock();
        try {
            while (!closed) {
                Alarm first = alarms.peek();
                if (first == null) {
                    changed.awaitUninterruptibly();
                    continue;
                }
                if (first.at != first.wakeUp.at) {
                    alarms.remove();
                    continue;
                }
                long left = first.at - (nanoTime.getAsLong() - originNanos);
                if (left <= 0) {
                    alarms.remove();
                    first.wakeUp.at = TimerWakeUp.NOT_SET;
                    return first.wakeUp;
                }
                awaitNanos(left);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private void awaitNanos(long nanos) {
        try {
            var _ = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            LOG.debug("The limiters' timer ignores interrupts; close() ends it", e);
        }
    }

    /** A time in the queue; obsolete when its wake-up has been set to another time since. */
    private record Alarm(long at, TimerWakeUp wakeUp) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return Long.compare(at, other.at);
        }
    }

    private final class TimerWakeUp implements WakeUp {
        static final long NOT_SET = Long.MAX_VALUE;

        private final Runnable action;
        private long at = NOT_SET; // guarded by lock

        TimerWakeUp(Runnable action) {
            this.action = action;
        }

        @Override
        public void at(long nanos) {
            long wanted = nanos - originNanos;
            lock.lock();
            try {
                if (at <= wanted) {
                    return;
                }
                at = wanted;
                Alarm first = alarms.peek();
                alarms.add(new Alarm(wanted, this));
                if (first == null || wanted < first.at) {
                    changed.signal();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static final class Shared {
        static final LimiterTimer TIMER = new LimiterTimer(System::nanoTime);
    }
}
