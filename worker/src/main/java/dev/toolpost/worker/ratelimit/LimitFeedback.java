package dev.toolpost.worker.ratelimit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one answer says about one limit; null where it says nothing. Immutable.
 *
 * @param limit the limit's name
 * @param cost what the request has cost
 * @param remaining what is left of the window, this request counted
 * @param used what is used up of the window, this request counted
 * @param allowed what the vendor allows in a window
 * @param reset in how long the window ends
 */
public record LimitFeedback(
        String limit,
        @Nullable Long cost,
        @Nullable Long remaining,
        @Nullable Long used,
        @Nullable Long allowed,
        @Nullable Duration reset) {}
