package dev.toolpost.worker.call;

import dev.toolpost.worker.ratelimit.InitialState;
import java.util.Map;

/**
 * The permits of a shard that was lost, kept in memory in case it comes back with no owner between.
 *
 * @param owner token of the ownership that ended
 * @param unusedConnections how the permits of connections begin that it never used
 * @param slots by {@code tenant/connection}
 * @param saved bucket states that it inherited and never used, by {@code tenant/connection}
 */
record KeptBuckets(
        String owner,
        InitialState unusedConnections,
        Map<String, ConnectionSlot> slots,
        Map<String, SavedBucket> saved) {}
