package dev.toolpost.worker.ratelimit;

import java.util.function.LongSupplier;

/** Nanoseconds since limiters that share a lock began; what is guarded by that lock sees them never go back. */
final class Timeline {

    private final LongSupplier nanoTime;
    private final long originNanos;
    private long latest; // guarded by the limiters' lock

    Timeline(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.originNanos = nanoTime.getAsLong();
    }

    /** Without the lock. */
    long now() {
        return nanoTime.getAsLong() - originNanos;
    }

    /** With the lock: the time, never going back. */
    long advance() {
        latest = Math.max(latest, now());
        return latest;
    }

    /** With the lock: the time, or the given one of the clock where that is later. */
    long advanceTo(long clockNanos) {
        latest = Math.max(advance(), here(clockNanos));
        return latest;
    }

    /** From the clock's time. */
    long here(long clockNanos) {
        return clockNanos == Long.MAX_VALUE ? Long.MAX_VALUE : clockNanos - originNanos;
    }

    /** To the clock's time. */
    long onClock(long time) {
        return time == Long.MAX_VALUE ? Long.MAX_VALUE : originNanos + time;
    }
}
