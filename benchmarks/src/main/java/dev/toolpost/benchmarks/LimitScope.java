package dev.toolpost.benchmarks;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Connections whose calls wait for limits of one scope.
 *
 * @param name as it is shown
 * @param tool that is called
 * @param tokens by connection; the vendor counts each token's requests
 */
record LimitScope(String name, String tool, Map<String, String> tokens) {

    /** One token for all connections of the {@link SharedVendor}, one on each shard; none of them is one of {@code namesByShard(1)}. */
    static LimitScope shared(Stage stage, String name) {
        Map<String, String> tokens = new LinkedHashMap<>();
        List<String> names = stage.namesByShard(2);
        for (int i = 1; i < names.size(); i += 2) {
            tokens.put(names.get(i), SharedVendor.TOKEN);
            stage.sharedConnection(Stage.TENANT, names.get(i));
        }
        return new LimitScope(name, SharedVendor.TOOL, tokens);
    }

    List<String> connections() {
        return List.copyOf(tokens.keySet());
    }

    Set<String> limits() {
        return Set.copyOf(tokens.values());
    }

    /** How many calls of a connection a window lets through where all of them ask for as much. */
    int perWindow(int permits) {
        return Math.ceilDiv(permits * limits().size(), tokens.size());
    }

    /** The connections once round for each call of one. */
    Deque<String> rounds(int each) {
        Deque<String> rounds = new ArrayDeque<>();
        for (int i = 0; i < each; i++) {
            rounds.addAll(tokens.keySet());
        }
        return rounds;
    }
}
