package dev.toolpost.worker.call;

import dev.toolpost.worker.memory.HeapPart;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of one pool that wait in this worker, by the time at which they go on. One thread starts those whose time has come, as far as
 * the worker has room for them in flight. Thread-safe.
 *
 * <p>What may wait here is bounded in number and bytes, except by what is in flight when the bound is reached: who wants to wait
 * asks {@link #isFull} first.
 */
final class Parking implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Parking.class);

    /** How long at most the thread trusts its reading of a clock that may be set. */
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** While there is no room the end of any call may make some, and says so; this is for where nobody does. */
    private static final long ROOM_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** With less than such a part of the memory a pool is never full, whatever the others have there. */
    private static final int SMALL_PART = 16;

    private static final Comparator<Parked> BY_TIME =
            Comparator.<Parked>comparingLong(call -> call.wakeAtMillis).thenComparingLong(call -> call.sequence);

    private final int most;
    private final HeapPart memory;
    private final InstantSource clock;
    private final Runs runs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private final TreeSet<Parked> byTime = new TreeSet<>(BY_TIME);
    private long sequences;
    private boolean closed;

    private volatile int calls;
    private volatile long bytes;

    /** Starts calls again. */
    interface Runs {
        /** How many may be started now. */
        int roomAgain();

        /** Starts one as a fresh run; must not block. */
        void startAgain(Parked call);
    }

    /**
     * A parking whose thread does not run yet.
     *
     * @param most calls that may wait at once
     * @param memory of their records and what belongs to them
     */
    Parking(int most, HeapPart memory, InstantSource clock, Runs runs) {
        this.most = most;
        this.memory = memory;
        this.clock = clock;
        this.runs = runs;
    }

    /** Starts the thread; once. */
    void start(String pool) {
        Thread.ofPlatform().daemon().name("parked-" + pool).start(this::run);
    }

    /** Whether nothing more should come to wait here. */
    boolean isFull() {
        return calls >= most || (memory.isFull() && bytes > memory.most() / SMALL_PART);
    }

    /** Lets a call wait. */
    void park(Parked call) {
        lock.lock();
        try {
            call.sequence = sequences++;
            call.waits = true;
            add(call);
            count(1, call.weight());
        } finally {
            lock.unlock();
        }
    }

    /** As {@link Parked#wake}. */
    boolean wake(Parked call) {
        return wake(call, () -> {});
    }

    /**
     * As {@link Parked#wake}.
     *
     * @param before is done before it goes on, and only if it does
     */
    boolean wake(Parked call, Runnable before) {
        lock.lock();
        try {
            if (!call.waits || call.wakeAtMillis == Long.MIN_VALUE) {
                return false;
            }
            before.run();
            byTime.remove(call);
            call.wakeAtMillis = Long.MIN_VALUE;
            add(call);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a call away that is not to go on from here; false where it was gone. */
    boolean remove(Parked call) {
        lock.lock();
        try {
            boolean waits = call.waits;
            if (waits) {
                take(call);
            }
            return waits;
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void add(Parked call) {
        byTime.add(call);
        if (byTime.first() == call) {
            changed.signal();
        }
    }

    /** Called with the lock held. */
    private void take(Parked call) {
        byTime.remove(call);
        call.waits = false;
        count(-1, -call.weight());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void count(int change, int weight) {
        calls += change;
        bytes += weight;
        memory.hold(weight);
    }

    /**
     * Starts what is due, as far as there is room.
     *
     * @return how many were started
     */
    int startDue() {
        int room = runs.roomAgain();
        int started = 0;
        while (started < room) {
            Parked due = takeDue();
            if (due == null) {
                break;
            }
            started++;
            runs.startAgain(due);
        }
        return started;
    }

    private @Nullable Parked takeDue() {
        lock.lock();
        try {
            if (byTime.isEmpty() || byTime.first().wakeAtMillis > clock.millis()) {
                return null;
            }
            Parked due = byTime.first();
            take(due);
            return due;
        } finally {
            lock.unlock();
        }
    }

    /** Tells that there is room again. */
    void roomAgain() {
        if (calls > 0) {
            lock.lock();
            try {
                changed.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    private void run() {
        while (awaitDue()) {
            try {
                startDue();
            } catch (RuntimeException bug) {
                log.error("A call that waited cannot go on; it comes again when its shard moves", bug);
            }
        }
    }

    /** Waits until a call is due and there is room for it; false where that is over. */
    private boolean awaitDue() {
        lock.lock();
        try {
            while (!closed) {
                if (byTime.isEmpty()) {
                    changed.awaitUninterruptibly();
                    continue;
                }
                long first = byTime.first().wakeAtMillis;
                long left = first == Long.MIN_VALUE ? 0 : first - clock.millis();
                if (left > 0) {
                    await(Math.min(TimeUnit.MILLISECONDS.toNanos(left), LONGEST_SLEEP_NANOS));
                } else if (runs.roomAgain() > 0) {
                    return true;
                } else {
                    await(ROOM_CHECK_NANOS);
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private void await(long nanos) {
        try {
            var _ = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            log.debug("the thread of parked calls ignores interrupts; close() ends it", e);
        }
    }

    /** Calls that wait. */
    int size() {
        return calls;
    }

    /** What they take, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Ends the thread; what waits is not started any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
