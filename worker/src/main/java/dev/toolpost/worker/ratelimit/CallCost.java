package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;

/** What one call takes of a limit that counts its tool. */
@FunctionalInterface
public interface CallCost {

    /** Permits, at least one. */
    int of(Limit limit);
}
