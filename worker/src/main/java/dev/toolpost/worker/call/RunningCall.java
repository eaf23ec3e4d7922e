package dev.toolpost.worker.call;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.intake.Delivery;
import dev.toolpost.worker.ratelimit.ConnectionLimiter;
import dev.toolpost.worker.ratelimit.Ticket;
import dev.toolpost.worker.reply.ReplyRoute;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A delivered record while its virtual thread runs: where it stands and how others may end its waiting.
 *
 * <p>Signals reach a call only where it waits: a request that was sent runs to its end. Thread-safe; the fields of the
 * second block belong to the call's own thread.
 */
final class RunningCall {

    private final Delivery delivery;
    private final ShardCalls shard;
    private final @Nullable Parked before;
    private final long heldSinceNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread waiter;
    private @Nullable Signal pending;
    private boolean deaf;
    private volatile long atVendorUntilNanos;
    private volatile boolean atVendor;

    private @Nullable Call call;
    private @Nullable ToolRef tool;
    private @Nullable String connectionKey;
    private @Nullable String cancelKey;
    private ReplyRoute.@Nullable Open route;
    private @Nullable StartedWrite write;
    private @Nullable Places places;
    private @Nullable Ticket ticket;
    private int attempts;
    private int attemptsBefore;
    private int tries;
    private int publishedAgain;
    private long waitedNanos;
    private long vendorNanos;
    private long heldBytes;

    RunningCall(Delivery delivery, ShardCalls shard) {
        this.delivery = delivery;
        this.shard = shard;
        this.before = null;
        this.heldSinceNanos = System.nanoTime();
    }

    /** The run that goes on with a call that waited. */
    RunningCall(Parked waited) {
        this.delivery = waited.delivery();
        this.shard = waited.shard();
        this.before = waited;
        this.heldSinceNanos = waited.heldSinceNanos();
        this.places = waited.place();
        this.ticket = waited.ticket();
    }

    Delivery delivery() {
        return delivery;
    }

    ShardCalls shard() {
        return shard;
    }

    /** A blocking step that signals may end. */
    @FunctionalInterface
    interface Wait<T> {
        T run() throws InterruptedException, CallSignalled;
    }

    /** Waits, and counts the time. */
    <T> T waiting(Wait<T> step) throws InterruptedException, CallSignalled {
        long from = System.nanoTime();
        lock.lock();
        try {
            if (pending != null) {
                throw new CallSignalled(pending);
            }
            waiter = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            return step.run();
        } catch (InterruptedException interrupted) {
            Signal why = signalled();
            if (why != null) {
                throw new CallSignalled(why);
            }
            throw interrupted;
        } finally {
            stopWaiting();
            waitedNanos += System.nanoTime() - from;
        }
    }

    /**
     * Ends the call's waiting, now or when it next waits. A stronger signal replaces a weaker one; a record that was not
     * read yet cannot be handed over.
     *
     * @return false where it comes too late: the call, or its turn, has its outcome
     */
    boolean signal(Signal signal) {
        lock.lock();
        try {
            if (deaf) {
                return false;
            }
            if ((pending != null && pending.compareTo(signal) >= 0) || (signal == Signal.HAND_OVER && call == null)) {
                return true;
            }
            pending = signal;
            if (waiter != null) {
                waiter.interrupt();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The signal that waits for the call, or null. */
    @Nullable
    Signal signalled() {
        lock.lock();
        try {
            return pending;
        } finally {
            lock.unlock();
        }
    }

    /**
     * From here on the call has its outcome; signals come too late.
     *
     * @return the signal that came before and that nobody has listened to, or null
     */
    @Nullable
    Signal decided() {
        lock.lock();
        try {
            deaf = true;
            return pending;
        } finally {
            lock.unlock();
        }
    }

    private void stopWaiting() {
        lock.lock();
        try {
            waiter = null;
            Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a request may be under way, or its answer on the way to the agent: a drain waits for it. */
    boolean isAtVendor() {
        return atVendor;
    }

    /** Until when a drain waits for it, on {@link System#nanoTime()}. */
    long atVendorUntilNanos() {
        return atVendorUntilNanos;
    }

    void goesToVendor(long untilNanos) {
        atVendorUntilNanos = untilNanos;
        atVendor = true;
    }

    void backFromVendor() {
        atVendor = false;
    }

    /** The definition that the call begins with, and keeps whatever becomes of the connector meanwhile; null for a tool that is not known. */
    @Nullable
    ToolRef begins(@Nullable ToolRef definition) {
        tool = definition;
        return definition;
    }

    @Nullable
    ToolRef tool() {
        return tool;
    }

    /** The call as its record says, with what it has been through in this worker since. */
    Call goesOn(Call read, long nowMillis) {
        return before == null ? read : read.after(before, nowMillis);
    }

    /** Since when this worker holds the record, on {@link System#nanoTime()}. */
    long heldSinceNanos() {
        return heldSinceNanos;
    }

    Call identify(Call settled) {
        lock.lock();
        try {
            call = settled;
            if (pending == null && before != null && before.leaves()) {
                pending = Signal.HAND_OVER;
            }
        } finally {
            lock.unlock();
        }
        attempts = settled.attempts();
        attemptsBefore = attempts;
        tries = settled.progress().tries();
        return settled;
    }

    /** The call, once it was read. */
    Call settledCall() {
        Call settled = call;
        if (settled == null) {
            throw new IllegalStateException("the record at " + delivery.partition() + " offset " + delivery.offset()
                    + " was not read as a call (expected: identify first)");
        }
        return settled;
    }

    /** {@code tenant/connection} of the call. */
    String connectionKey() {
        String known = connectionKey;
        if (known == null) {
            known = settledCall().connectionKey();
            connectionKey = known;
        }
        return known;
    }

    /** Notes what cancels name to reach it. */
    void isCancelledBy(String key) {
        cancelKey = key;
    }

    /** What cancels name to reach it, or null where none can yet. */
    @Nullable
    String cancelKey() {
        return cancelKey;
    }

    void answerTo(ReplyRoute.Open open) {
        route = open;
    }

    ReplyRoute.Open route() {
        ReplyRoute.Open open = route;
        if (open == null) {
            throw new IllegalStateException("call " + call + " has no reply route (expected: answerTo first)");
        }
        return open;
    }

    void writes(StartedWrite admitted) {
        write = admitted;
    }

    @Nullable
    StartedWrite write() {
        return write;
    }

    /** Whether a failure here leaves open what became of a write. */
    boolean mayHaveWritten() {
        return write != null && write.isOpen();
    }

    /** Notes that the call holds one of its connection's places. */
    void holdsPlace(Places connectionPlaces) {
        places = connectionPlaces;
    }

    /** Failed attempts at the request that an earlier run left; asked once, by the first request of this one. */
    int takeTries() {
        int taken = tries;
        tries = 0;
        return taken;
    }

    /** Whether nothing was sent yet in this run, so that another can begin it anew. */
    boolean mayBeginAnew() {
        return attempts == attemptsBefore && heldBytes == 0;
    }

    /** Whether it was woken with a place in the line for permits, and has not taken it yet. */
    boolean hasTicket() {
        return ticket != null;
    }

    /** Takes the place in the line that it was woken with, where it is one at this limiter for this tool; gives back another. */
    @Nullable
    Ticket takeTicket(ConnectionLimiter limiter, String tool) {
        Ticket held = ticket;
        if (held == null || held.isFor(limiter, tool)) {
            return held;
        }
        leaveTicket();
        return null;
    }

    /** Holds a place in the line until its outcome is dealt with, so that whatever ends the call gives it back. */
    Ticket holds(Ticket taken) {
        ticket = taken;
        return taken;
    }

    /** The outcome of its place in the line is dealt with, or the place goes on without this run. */
    void passesTicket() {
        ticket = null;
    }

    /** Gives back a place in the line that it has not taken. */
    void leaveTicket() {
        if (ticket != null) {
            ticket.leave();
            ticket = null;
        }
    }

    /** Whether it was woken with a place. */
    boolean hasPlace() {
        return places != null;
    }

    void leavePlace() {
        if (places != null) {
            places.leave();
            places = null;
        }
    }

    /** Whether what was refused is to be published once more, as long as that was not done so often already. */
    boolean isPublishedAgain(int most) {
        return publishedAgain++ < most;
    }

    /** The call, or null where none was read. */
    @Nullable
    Call call() {
        return call;
    }

    int attempts() {
        return attempts;
    }

    int nextAttempt() {
        return ++attempts;
    }

    void spentAtVendor(long nanos) {
        vendorNanos += nanos;
    }

    long waitedMillis() {
        return (call == null ? 0 : call.waitedMillis()) + millis(waitedNanos);
    }

    long vendorMillis() {
        return (call == null ? 0 : call.progress().vendorMillis()) + millis(vendorNanos);
    }

    /** Rounded to the nearest, so that over thousands of turns nothing gets lost. */
    private static long millis(long nanos) {
        return (nanos + 500_000) / 1_000_000;
    }

    /** Notes bytes that the call holds until its end. */
    void holds(long bytes) {
        heldBytes += bytes;
    }

    long heldBytes() {
        return heldBytes;
    }
}
