package dev.toolpost.worker.ratelimit;

import dev.toolpost.worker.ratelimit.LimiterView.Seen;
import java.time.Duration;

/** What a vendor's answers have done to one limit, counted. Guarded by the limiter's lock; times are nanoseconds since the limiter began. */
final class LimitTally {

    private static final long NEVER = Long.MIN_VALUE;

    private long corrections;
    private long correctedAt = NEVER;
    private long throttles;
    private long throttledAt = NEVER;
    private long pauseNanos;
    private long settled;

    void corrected(long now) {
        corrections++;
        correctedAt = now;
    }

    void throttled(long now, long pause) {
        throttles++;
        throttledAt = now;
        pauseNanos = pause;
    }

    void settled() {
        settled++;
    }

    long corrections() {
        return corrections;
    }

    long costsSettled() {
        return settled;
    }

    Seen corrections(long now) {
        return corrections == 0 ? Seen.NEVER : new Seen(corrections, Duration.ofNanos(now - correctedAt), null);
    }

    Seen throttles(long now) {
        return throttles == 0
                ? Seen.NEVER
                : new Seen(throttles, Duration.ofNanos(now - throttledAt), Duration.ofNanos(pauseNanos));
    }
}
