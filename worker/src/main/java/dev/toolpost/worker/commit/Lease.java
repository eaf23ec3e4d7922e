package dev.toolpost.worker.commit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The proof that the group coordinator still counted this worker as a member a short while ago: the start of the last
 * commit that it accepted. No vendor request and no token refresh starts on an older one.
 *
 * <p>It narrows the gap between check and send and does not close it: a process may be stopped between the two.
 * Thread-safe; times are of the monotonic clock given.
 */
public final class Lease {

    private static final long NEVER = Long.MIN_VALUE;

    private final long lengthNanos;
    private final LongSupplier nanoTime;
    private final AtomicLong acceptedAt = new AtomicLong(NEVER);

    /** A lease of a third of the session timeout. */
    public Lease(Duration sessionTimeout, LongSupplier nanoTime) {
        this.lengthNanos = sessionTimeout.toNanos() / 3;
        this.nanoTime = nanoTime;
    }

    /**
     * Tells of a commit that was accepted.
     *
     * @param startedAt when it was asked for, on the lease's clock: the coordinator's answer is not older than that
     */
    public void accepted(long startedAt) {
        acceptedAt.accumulateAndGet(startedAt, (old, fresh) -> old == NEVER || fresh - old > 0 ? fresh : old);
    }

    /** Whether a send may start now. */
    public boolean fresh() {
        long at = acceptedAt.get();
        return at != NEVER && nanoTime.getAsLong() - at < lengthNanos;
    }

    /** Forgets the proof, after the membership was lost. */
    public void end() {
        acceptedAt.set(NEVER);
    }
}
