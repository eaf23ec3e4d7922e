package dev.toolpost.worker.ratelimit.shared;

import io.github.bucket4j.TimeMeter;
import java.util.function.LongSupplier;

/**
 * The clock of the Redis server, so that workers' own clocks need not agree. At first never ahead of it, and behind by no more than an answer takes.
 * Later it follows slowly: a server whose clock is set forward must not make permits come early, nor one whose clock is set back stop them. Thread-safe.
 */
final class ServerClock implements TimeMeter {

    private static final long STALE_NANOS = 5_000_000_000L;

    /** Half of what the derivation leaves for clocks that differ. */
    private static final int FORWARD_PART = 4_096;

    private static final int BACK_PART = 1_000;

    private final LongSupplier nanoTime;
    private volatile long offset;
    private volatile long readAt;
    private volatile boolean wasRead;

    ServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The server has just answered with its time. */
    synchronized void read(long serverNanos) {
        long now = nanoTime.getAsLong();
        long read = serverNanos - now;
        long since = now - readAt;
        offset = wasRead ? Math.clamp(read, offset - since / BACK_PART, offset + since / FORWARD_PART) : read;
        readAt = now;
        wasRead = true;
    }

    /** Whether the two clocks may have drifted apart noticeably since they were compared. */
    boolean isStale() {
        return !wasRead || nanoTime.getAsLong() - readAt >= STALE_NANOS;
    }

    @Override
    public long currentTimeNanos() {
        return nanoTime.getAsLong() + offset;
    }

    @Override
    public boolean isWallClockBased() {
        return true;
    }
}
