package dev.toolpost.worker.call;

import java.util.Map;

/**
 * Work that a vendor has taken on and that a call waits for. Immutable.
 *
 * @param taken what was taken from the answer that began it, by name
 * @param dueAt when the vendor is to be asked next, in epoch milliseconds
 */
record Work(Map<String, String> taken, long dueAt) {

    Work {
        taken = Map.copyOf(taken);
    }

    Work due(long at) {
        return new Work(taken, at);
    }
}
