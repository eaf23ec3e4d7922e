package dev.toolpost.worker.ratelimit;

import java.util.function.Consumer;

/** Where it is made durable what workers spend of windows above ten minutes that all connections of a vendor share, shard by shard. */
@FunctionalInterface
public interface QuotaLog {

    /**
     * Writes, without blocking, what counts as spent of a shard's permits.
     *
     * @param durable told once, on any thread: whether it is durable; it is not where the shard was lost
     */
    void write(int shard, String vendor, byte[] snapshot, Consumer<Boolean> durable);
}
