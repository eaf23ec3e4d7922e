package dev.toolpost.scheduler.job.state;

import dev.toolpost.schemas.ErrorCode;
import java.util.SplittableRandom;

/** Whether a part that failed runs again, and when. Pure: the same question has the same answer. */
final class RetryPolicy {

    /** What is to become of the part. */
    sealed interface Decision {
        /** It runs again from its place. */
        record Again(long atMillis) implements Decision {}

        /** It is given up. */
        record GiveUp(String why) implements Decision {}
    }

    private final JobSettings settings;

    RetryPolicy(JobSettings settings) {
        this.settings = settings;
    }

    /**
     * Decides.
     *
     * @param part after the failure was counted
     * @param seed of the jitter: what names job and part
     */
    Decision decide(PartState part, PartError error, long nowMillis, long jobDeadline, long seed) {
        if (!error.retryable() || error.is(ErrorCode.CANCELLED)) {
            return new Decision.GiveUp("the same call would fail again");
        }
        if (part.isPlaceLost()) {
            return new Decision.GiveUp("it is not known where it had come to");
        }
        if (part.trouble().failures() >= settings.attempts()) {
            return new Decision.GiveUp(part.trouble().failures() + " runs in a row came no further");
        }
        long at = nowMillis + delay(part, seed);
        if (error.retryAt() != null) {
            at = Math.max(at, error.retryAt());
        }
        return at >= jobDeadline
                ? new Decision.GiveUp("the job's deadline leaves no time for another run")
                : new Decision.Again(at);
    }

    /** Between half and all of a wait that doubles: parts that failed together do not come back together. */
    private long delay(PartState part, long seed) {
        int doublings = Math.clamp(part.trouble().failures() - 1L, 0, 30);
        long longest = Math.min(
                settings.longestRetry().toMillis(), settings.retryAfter().toMillis() << doublings);
        return longest / 2 + new SplittableRandom(seed ^ (31L * part.run())).nextLong(longest / 2 + 1);
    }
}
