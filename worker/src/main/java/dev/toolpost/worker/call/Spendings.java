package dev.toolpost.worker.call;

import dev.toolpost.message.StateEntry;
import dev.toolpost.worker.ownership.Shard;
import java.util.function.Consumer;

/** Where it is made durable what is about to be spent of long windows. Thread-safe. */
@FunctionalInterface
interface Spendings {

    /** Writes an entry of a shard without blocking; tells once whether it is durable, which it is not where the shard was lost. */
    void write(Shard shard, StateEntry entry, Consumer<Boolean> durable);
}
