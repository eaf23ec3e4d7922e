package dev.toolpost.scheduler.deferral;

import java.time.Duration;

/**
 * How deferrals are delivered.
 *
 * @param every how often is looked for what is due
 * @param mostRecords delivered at once by one partition, before anything else is done
 * @param mostBytes the same in bytes of values
 */
public record DeferralSettings(Duration every, int mostRecords, long mostBytes) {

    public DeferralSettings {
        if (every.toMillis() < 1) {
            throw new IllegalArgumentException("every: " + every + " (expected: at least 1 ms)");
        }
        if (mostRecords < 1) {
            throw new IllegalArgumentException("mostRecords: " + mostRecords + " (expected: >= 1)");
        }
        if (mostBytes < 1) {
            throw new IllegalArgumentException("mostBytes: " + mostBytes + " (expected: >= 1)");
        }
    }

    public static DeferralSettings defaults() {
        return new DeferralSettings(Duration.ofMillis(20), 2_000, 8L << 20);
    }
}
