package dev.toolpost.benchmarks;

import java.util.ArrayDeque;
import java.util.Deque;
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
