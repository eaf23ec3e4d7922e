package dev.toolpost.scheduler.job.state;

import java.time.Duration;

/**
 * Bounds and times of jobs. Immutable.
 *
 * @param mostParts a job that would have more is refused
 * @param concurrency parts of a job under way at once, where the job names no number
 * @param mostConcurrency the largest number that a job may name
 * @param partsPerConnection parts of all jobs under way at one connection
 * @param partsPerVendor parts of all jobs under way at one vendor
 * @param attempts runs of a part that come no further, after which it is given up
 * @param retryAfter wait before the second of them; it doubles from one to the next
 * @param longestRetry the longest such wait
 * @param partDeadline of one run of a part
 * @param defaultDeadline of a job that names none
 * @param longestDeadline the farthest that a job may name
 * @param progressEvery how often a job tells of its progress at most
 * @param cancelEvery how often a cancel is repeated while its part is under way
 * @param cancelPatience after which a cancelled job no longer waits for a part
 * @param lostAfter how long after its deadline a part of which nothing is heard counts as lost
 * @param keepFinished how long what is known of the parts of an ended job is kept, so that its failed parts can be retried
 * @param keepStatus how long the status of an ended job is kept
 * @param maxJobBytes a larger job is refused; its status, which holds it, is written again and again
 */
public record JobSettings(
        int mostParts,
        int concurrency,
        int mostConcurrency,
        int partsPerConnection,
        int partsPerVendor,
        int attempts,
        Duration retryAfter,
        Duration longestRetry,
        Duration partDeadline,
        Duration defaultDeadline,
        Duration longestDeadline,
        Duration progressEvery,
        Duration cancelEvery,
        Duration cancelPatience,
        Duration lostAfter,
        Duration keepFinished,
        Duration keepStatus,
        int maxJobBytes) {

    public JobSettings {
        atLeastOne("mostParts", mostParts);
        atLeastOne("concurrency", concurrency);
        atLeastOne("mostConcurrency", mostConcurrency);
        atLeastOne("partsPerConnection", partsPerConnection);
        atLeastOne("partsPerVendor", partsPerVendor);
        atLeastOne("attempts", attempts);
        atLeastOne("maxJobBytes", maxJobBytes);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }

    /** What holds where nothing is configured. */
    public static JobSettings defaults() {
        return new JobSettings(
                100_000,
                8,
                256,
                4,
                64,
                5,
                Duration.ofSeconds(5),
                Duration.ofMinutes(10),
                Duration.ofHours(24),
                Duration.ofDays(7),
                Duration.ofDays(30),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofMinutes(1),
                Duration.ofHours(24),
                Duration.ofDays(30),
                256 * 1024);
    }

    /** The same with other bounds of what is under way. */
    public JobSettings withBounds(int concurrencyOfJobs, int ofConnection, int ofVendor) {
        return new JobSettings(
                mostParts,
                concurrencyOfJobs,
                mostConcurrency,
                ofConnection,
                ofVendor,
                attempts,
                retryAfter,
                longestRetry,
                partDeadline,
                defaultDeadline,
                longestDeadline,
                progressEvery,
                cancelEvery,
                cancelPatience,
                lostAfter,
                keepFinished,
                keepStatus,
                maxJobBytes);
    }
}
