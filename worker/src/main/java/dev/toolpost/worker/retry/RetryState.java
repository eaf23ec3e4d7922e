package dev.toolpost.worker.retry;

/**
 * What one call (or one page of a traversal) has been through. Immutable.
 *
 * @param attempt the number of the attempt under way, counted from 1; throttled ones and the replay after a refresh do not
 *     advance it
 * @param throttles how often in a row the vendor asked for patience
 * @param replayed whether the credential was fetched anew already
 */
public record RetryState(int attempt, int throttles, boolean replayed) {

    public static final RetryState FIRST = new RetryState(1, 0, false);

    public RetryState {
        if (attempt < 1 || throttles < 0) {
            throw new IllegalArgumentException(
                    "attempt, throttles: " + attempt + ", " + throttles + " (expected: >= 1, >= 0)");
        }
    }

    RetryState afterFailure() {
        return new RetryState(attempt + 1, 0, replayed);
    }

    RetryState afterThrottle() {
        return new RetryState(attempt, throttles + 1, replayed);
    }

    RetryState afterReplay() {
        return new RetryState(attempt, throttles, true);
    }
}
