package dev.toolpost.worker.credentials;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's plan changes of one of its vendor's limits.
 *
 * @param permits another number, or null to keep the vendor's
 * @param window another window, or null to keep the vendor's
 */
public record LimitOverride(
        @Nullable Integer permits, @Nullable Duration window) {

    public LimitOverride {
        if (permits != null && permits < 1) {
            throw new IllegalArgumentException("permits: " + permits + " (expected: >= 1)");
        }
        if (window != null && (window.isZero() || window.isNegative())) {
            throw new IllegalArgumentException("window: " + window + " (expected: longer than nothing)");
        }
    }
}
