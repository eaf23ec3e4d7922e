package dev.toolpost.worker.call;

import dev.toolpost.worker.ratelimit.InitialState;
import java.util.List;
import java.util.Map;

/**
 * The permits of a shard that was lost, kept in memory in case it comes back with no owner between.
 *
 * @param owners tokens of the ownerships of this worker that went on from one another, up to the one that ended; the last
 *     may have ended before its first commit
 * @param unusedConnections how the permits of connections begin that it never used
 * @param slots by {@code tenant/connection}
 * @param saved bucket states that it inherited and never used, by {@code tenant/connection}
 */
record KeptBuckets(
        List<String> owners,
        InitialState unusedConnections,
        Map<String, ConnectionSlot> slots,
        Map<String, SavedBucket> saved) {}
