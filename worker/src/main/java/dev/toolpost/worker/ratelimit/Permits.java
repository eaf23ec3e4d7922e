package dev.toolpost.worker.ratelimit;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The permits of every bandwidth that counts a call; good for one attempt.
 *
 * <p>Settled exactly once, by {@link #finished()}, {@link #unanswered()} or {@link #unused()}; what comes after the first
 * of them changes nothing. {@link #close()} settles as finished what is not settled yet. Thread-safe.
 */
public final class Permits implements AutoCloseable {

    /**
     * A permit that was not used for so long is given back and taken anew, so that a call that is held up somewhere does
     * not keep others from the vendor.
     */
    public static final Duration USE_WITHIN = Duration.ofMillis(250);

    private final ConnectionLimiter limiter;
    private final Waiter waiter;
    private volatile long grantedAtNanos;
    private long takenAtNanos; // guarded by the limiter's lock
    private boolean settled; // guarded by the limiter's lock

    Permits(ConnectionLimiter limiter, Waiter waiter, long grantedAtNanos) {
        this.limiter = limiter;
        this.waiter = waiter;
        this.grantedAtNanos = grantedAtNanos;
        this.takenAtNanos = grantedAtNanos;
    }

    /** When they were granted, on the limiter's clock. */
    public long grantedAtNanos() {
        return grantedAtNanos;
    }

    /** Whether they are older than {@link #USE_WITHIN} at the given time of the limiter's clock. */
    public boolean isStale(long nowNanos) {
        return nowNanos - grantedAtNanos > USE_WITHIN.toNanos();
    }

    /**
     * Gives them back and takes them anew at once, before anybody who waits: as if they were granted now. For a call that
     * was held up between grant and send by something that it cannot skip. Those that all workers share are asked for where they are kept, which is waited for.
     *
     * @return false where they cannot be used: the bucket is paused meanwhile, or they were settled, or those that are shared are not there any more. They are then to be
     *     given back, if they are not yet, and others to be waited for
     */
    public boolean renew() {
        return renewing().join();
    }

    /** As {@link #renew}, without waiting. */
    CompletableFuture<Boolean> renewing() {
        return limiter.renewing(this);
    }

    /**
     * The attempt has just ended with an answer. The request reached the vendor somewhere between grant and now, so a
     * window's permit returns one window from now; a concurrency permit returns at once.
     */
    public void finished() {
        finished(List.of());
    }

    /**
     * As {@link #finished()}, with what the answer says about the limits.
     *
     * @return names of the limits that this corrected
     */
    public List<String> finished(List<LimitFeedback> feedback) {
        return limiter.settle(this, Settlement.FINISHED, feedback);
    }

    /**
     * The attempt has just ended without an answer (timeout, reset): the request may still arrive at the vendor, or be at
     * work there. As {@link #finished()}, but {@link ConnectionLimiter#UNANSWERED_GRACE} later.
     */
    public void unanswered() {
        limiter.settle(this, Settlement.UNANSWERED, List.of());
    }

    /** The vendor asked for patience in answer to the request: as {@link ConnectionLimiter#throttled}. */
    public void throttled(Set<String> limits, Duration asked, @Nullable Duration max) {
        limiter.throttled(this, limits, asked, max);
    }

    /** Nothing was sent: given back whole, at once. */
    public void unused() {
        limiter.settle(this, Settlement.UNUSED, List.of());
    }

    /** Settles as {@link #finished()} unless settled already. */
    @Override
    public void close() {
        finished();
    }

    Waiter waiter() {
        return waiter;
    }

    /** Called with the limiter's lock held. */
    void renewedAt(long nowNanos) {
        grantedAtNanos = nowNanos;
    }

    /** When those were taken that all workers share. Called with the limiter's lock held. */
    long takenAtNanos() {
        return takenAtNanos;
    }

    /** Called with the limiter's lock held. */
    void takenAnewAt(long nowNanos) {
        takenAtNanos = nowNanos;
    }

    /** Called with the limiter's lock held. */
    boolean isSettled() {
        return settled;
    }

    /** True for the first caller. Called with the limiter's lock held. */
    boolean markSettled() {
        boolean first = !settled;
        settled = true;
        return first;
    }

    enum Settlement {
        FINISHED,
        UNANSWERED,
        UNUSED,

        /** Not used for longer than {@link #USE_WITHIN}. */
        UNUSED_LATE
    }
}
