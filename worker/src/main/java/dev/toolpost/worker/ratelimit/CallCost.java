package dev.toolpost.worker.ratelimit;

import dev.toolpost.connectors.Limit;

/** What one call takes of a limit that counts its tool. */
@FunctionalInterface
public interface CallCost {

    /** Permits, at least one. */
    int of(Limit limit);

    /** Which of the shares of a limit it is that counts for each value of an argument; empty for the one without. */
    default String share(Limit limit) {
        return "";
    }
}
