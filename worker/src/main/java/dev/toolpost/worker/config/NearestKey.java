package dev.toolpost.worker.config;

import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Finds the known key that a misspelt one was probably meant to be. */
final class NearestKey {
    private NearestKey() {}

    /** The known key with the least edits, or null when none is near. */
    static @Nullable String of(String key, Collection<String> known) {
        String last = lastPart(key);
        return known.stream()
                .filter(candidate -> Math.min(edits(key, candidate), edits(last, lastPart(candidate)))
                        <= Math.max(2, last.length() / 3))
                .min(Comparator.comparingInt(
                                (String candidate) -> edits(key, candidate) + 2 * edits(last, lastPart(candidate)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
    }

    private static String lastPart(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** Levenshtein's distance, one row at a time. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
