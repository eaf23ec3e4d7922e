package dev.toolpost.worker.retry;

import dev.toolpost.worker.classify.VendorError;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What happens after an attempt that did not succeed, and why. */
public sealed interface RetryDecision {

    /** For logs and traces: one clause. */
    String reason();

    /**
     * Send it again after a delay.
     *
     * @param next the state with which the next attempt is judged
     */
    record Retry(Duration delay, RetryState next, String reason) implements RetryDecision {}

    /**
     * Fetch the credential anew, refreshed where that is possible, and send once more at once; where it is still the same and
     * cannot be refreshed, answer with {@code error}.
     */
    record Replay(RetryState next, VendorError error, String reason) implements RetryDecision {}

    /**
     * Answer with this error.
     *
     * @param error its code is final
     * @param retryable whether the agent may send the same call again
     * @param retryAt not before this, or null where nothing is known
     */
    record GiveUp(
            VendorError error, boolean retryable, @Nullable Instant retryAt, String reason) implements RetryDecision {}
}
