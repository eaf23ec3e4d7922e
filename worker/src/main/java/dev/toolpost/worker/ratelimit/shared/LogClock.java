package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;

/**
 * What the clock of a shared window can show at most, by the clock of this worker: so that a server whose clock is set forward makes no permits come early.
 * Microseconds there, nanoseconds here. Not thread-safe.
 */
final class LogClock {

    /** Parts by which clocks of machines may differ in speed. */
    private static final int FASTER_PART = 4_096;

    /**
     * With these two and the clocks' difference it may be ahead by less than permits come back late, a 512th of the window, and go faster by less than that
     * part.
     */
    private static final int HOLDS_WINDOWS = 4;

    private static final int SLACK_PART = 2_048;

    /** Longer where answers are so slow that they would make it lag. */
    private static final int HOLDS_AT_MOST = 4;

    private final long holdsNanos;
    private final long slackNanos;
    private long memory;
    private long shown;
    private long at;

    LogClock(Duration window) {
        holdsNanos = window.toNanos() * HOLDS_WINDOWS;
        slackNanos = window.toNanos() / SLACK_PART;
    }

    /**
     * A command found the clock at this, not later than it was answered.
     *
     * @param whichMemory one of those that may follow each other
     */
    void shows(long whichMemory, long micros, long sentAtNanos, long answeredAtNanos) {
        boolean isQuick = answeredAtNanos - sentAtNanos <= slackNanos;
        long holds = isQuick ? holdsNanos : holdsNanos * HOLDS_AT_MOST;
        boolean isNew = whichMemory != memory || answeredAtNanos - at >= holds;
        if (isNew || micros > atMost(sentAtNanos)) {
            memory = whichMemory;
            // Who is shown by another worker that it is later is not ahead of that: else they would drive each other on
            // as far as the server's clock was set.
            shown = isNew ? micros : micros - slackNanos / 1_000;
            at = answeredAtNanos;
        }
    }

    /** When the memory began that is known here; 0 for none. */
    long memory() {
        return memory;
    }

    /** For a command that is sent now. */
    long atMost(long now) {
        long passed = now - at;
        return shown + (passed + passed / FASTER_PART + slackNanos) / 1_000;
    }

    void forget() {
        memory = 0;
    }
}
