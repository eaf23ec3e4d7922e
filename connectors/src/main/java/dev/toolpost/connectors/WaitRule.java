package dev.toolpost.connectors;

import java.util.List;

/**
 * One way in which a vendor says how long to wait. Of several sources the latest counts, as where two windows are used up at once.
 * Immutable.
 *
 * @param sources at least one; those that say nothing do not count
 */
public record WaitRule(List<WaitSource> sources) {

    public WaitRule {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("sources: none (expected: at least one)");
        }
        sources = List.copyOf(sources);
    }

    /** A single source. */
    public static WaitRule of(WaitSource source) {
        return new WaitRule(List.of(source));
    }
}
