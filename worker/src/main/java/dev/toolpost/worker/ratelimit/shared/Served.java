package dev.toolpost.worker.ratelimit.shared;

import java.time.Duration;

/**
 * What came of a question.
 *
 * @param granted no fewer than its least, or 0
 * @param next the earliest estimate for the least where nothing was granted
 * @param again when to ask again at the latest
 */
record Served(int granted, Duration next, Duration again) {

    static final Duration LEAST_WAIT = Duration.ofMillis(1);

    static Served granted(int count) {
        return new Served(count, Duration.ZERO, Duration.ZERO);
    }

    static Served none(Duration next, Duration again) {
        return new Served(0, atLeast(next), atLeast(again));
    }

    private static Duration atLeast(Duration wait) {
        return wait.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : wait;
    }

    void tell(SharedPermits.Answer answer) {
        if (granted > 0) {
            answer.granted(granted);
        } else {
            answer.none(next, again);
        }
    }
}
