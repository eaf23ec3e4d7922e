package dev.toolpost.worker.call;

import dev.toolpost.schemas.Format;
import dev.toolpost.worker.ratelimit.TenantWeights;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of the call path.
 *
 * @param defaultTenant the tenant of calls that name none; null where every call must
 * @param maxCallBytes the largest call
 * @param interactiveDeadline when an interactive call ends that names no deadline
 * @param batchDeadline the same for the batch lane
 * @param longestDeadline the latest deadline that counts
 * @param maxInFlight calls in hand, waiting ones included; half of it for the batch lane
 * @param maxInFlightPerConnection the same for one connection
 * @param deferAfter calls whose permits are farther than this leave the line for them
 * @param tenantWeights how tenants share a vendor's allowance
 * @param recordedReplyMaxBytes the largest reply that the journal keeps for a write that comes again
 * @param internalFormat format of Toolpost's own records
 */
public record CallSettings(
        @Nullable String defaultTenant,
        int maxCallBytes,
        Duration interactiveDeadline,
        Duration batchDeadline,
        Duration longestDeadline,
        int maxInFlight,
        int maxInFlightPerConnection,
        Duration deferAfter,
        TenantWeights tenantWeights,
        int recordedReplyMaxBytes,
        Format internalFormat) {

    private static final int MOST_BEGUN_AT_ONCE = 1_000;

    /** How many calls are begun in one go at most, where there is room for one: by so many the bound in flight may be exceeded. */
    public static int mostBegunAtOnce(int maxInFlight) {
        return Math.clamp(maxInFlight / 4, 1, MOST_BEGUN_AT_ONCE);
    }

    int mostBegunAtOnce() {
        return mostBegunAtOnce(maxInFlight);
    }
}
