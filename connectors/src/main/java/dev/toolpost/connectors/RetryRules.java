package dev.toolpost.connectors;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What may be tried again, and how long to wait before. Immutable.
 *
 * @param maxAttempts attempts in all, the first included; throttled ones do not count
 * @param minDelay base of the exponential backoff
 * @param maxDelay cap of the backoff; a longer wish of the vendor is respected
 * @param transientStatuses statuses that another attempt may cure
 * @param notProcessedStatuses statuses that prove that the vendor did nothing, so that even a non-idempotent write may be
 *     sent again
 * @param waits where an answer says how long to wait; the first that says something counts
 */
public record RetryRules(
        int maxAttempts,
        Duration minDelay,
        Duration maxDelay,
        Set<Integer> transientStatuses,
        Set<Integer> notProcessedStatuses,
        List<WaitRule> waits) {

    public static final RetryRules DEFAULT = new RetryRules(
            4,
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Set.of(408, 500, 502, 503, 504),
            Set.of(429),
            List.of(WaitRule.of(WaitSource.ofHeader("Retry-After", WaitSource.Form.RETRY_AFTER))));

    public RetryRules {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: >= 1)");
        }
        if (minDelay.compareTo(maxDelay) > 0) {
            throw new IllegalArgumentException(
                    "minDelay: " + minDelay + " (expected: at most maxDelay, " + maxDelay + ")");
        }
        transientStatuses = Immutable.set(transientStatuses);
        notProcessedStatuses = Immutable.set(notProcessedStatuses);
        waits = List.copyOf(waits);
    }
}
