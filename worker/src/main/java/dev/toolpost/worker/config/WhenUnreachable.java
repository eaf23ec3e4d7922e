package dev.toolpost.worker.config;

/** What workers do with limits that they share while they cannot reach what keeps them. */
public enum WhenUnreachable {
    /** Each goes on with a part of its own, by the shards that it owns. */
    SHARE,
    /** Calls wait. */
    CLOSED
}
