package dev.toolpost.worker.ratelimit.shared;

import dev.toolpost.connectors.Limit;
import java.time.Duration;
import java.util.Objects;

/**
 * What of a vendor's strict window is counted where workers share it: every grant, from the moment it is made until one window after its request has
 * ended, and where nobody tells that, until one window after the latest time at which it can have arrived. So what counts within any stretch of one window is
 * no less than what arrives in it, and may be all of N at once. Immutable and pure.
 *
 * <p>{@code FIXED} without a known reset is kept alike: what fits every stretch of one window fits the vendor's, however they lie.
 *
 * @param permits what the vendor allows
 * @param window in which it does
 * @param grantToArrival longest time from a grant to the request's arrival
 */
record SharedWindow(int permits, Duration window, Duration grantToArrival) {

    /** After a loss of memory everything counts for a window: longer ones are better off with a bucket that refills meanwhile. */
    static final Duration LONGEST = Duration.ofMinutes(1);

    /** Ends are told so often in a window, even if nobody asks for anything. */
    private static final int NEWS_PER_WINDOW = 512;

    private static final Duration LEAST_NEWS = Duration.ofMillis(5);
    private static final int LOOKS_PER_WINDOW = 16;
    private static final Duration LEAST_LOOK = Duration.ofMillis(20);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

    /** Whether a limit is kept so. */
    static boolean supports(Limit limit) {
        return switch (limit.kind()) {
            case SLIDING -> isShort(limit);
            case FIXED -> limit.resetsAt() == null && isShort(limit);
            case TOKEN, LEAKY, CONCURRENT -> false;
        };
    }

    private static boolean isShort(Limit limit) {
        return Objects.requireNonNull(limit.window()).compareTo(LONGEST) <= 0;
    }

    static SharedWindow of(Limit limit, Duration grantToArrival) {
        return new SharedWindow(limit.permits(), Objects.requireNonNull(limit.window()), grantToArrival);
    }

    /** For so long a grant counts at most. */
    Duration counts() {
        return window.plus(grantToArrival);
    }

    /** How long an end may stay untold where nothing else is to be said. */
    Duration newsWait() {
        return longer(window.dividedBy(NEWS_PER_WINDOW), LEAST_NEWS);
    }

    /** Who waits looks again so often, because permits may come back unused. */
    Duration longestWait() {
        Duration part = longer(window.dividedBy(LOOKS_PER_WINDOW), LEAST_LOOK);
        return part.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : part;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
