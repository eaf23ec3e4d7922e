package dev.toolpost.worker.ratelimit.shared;

import io.github.bucket4j.TimeMeter;
import java.util.function.LongSupplier;

/**
 * The clock of the Redis server, so that workers' own clocks need not agree. Never ahead of it; behind by no more than an answer takes. Thread-safe.
 */
final class ServerClock implements TimeMeter {

    private static final long STALE_NANOS = 5_000_000_000L;

    private final LongSupplier nanoTime;
    private volatile long offset;
    private volatile long readAt;

    ServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.readAt = nanoTime.getAsLong() - STALE_NANOS;
    }

    /** The server has just answered with its time. */
    void read(long serverNanos) {
        long now = nanoTime.getAsLong();
        offset = serverNanos - now;
        readAt = now;
    }

    /** Whether the two clocks may have drifted apart noticeably since they were compared. */
    boolean isStale() {
        return nanoTime.getAsLong() - readAt >= STALE_NANOS;
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
