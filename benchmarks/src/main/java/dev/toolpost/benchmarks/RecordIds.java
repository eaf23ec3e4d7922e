package dev.toolpost.benchmarks;

import java.util.BitSet;

/** Which of the records with consecutive ids have come, and how many more than once. Not thread-safe. */
final class RecordIds {

    private static final String ID = "{\"id\":\"";

    private final long first;
    private final BitSet seen = new BitSet();
    private long repeated;
    private long all;

    RecordIds(long first) {
        this.first = first;
    }

    /** Takes all records of a frame: objects that begin with their id. */
    int take(String json) {
        int count = 0;
        int at = json.indexOf(ID);
        while (at >= 0) {
            int from = at + ID.length();
            int end = json.indexOf('"', from);
            int place = Math.toIntExact(Long.parseLong(json, from, end, 10) - first);
            if (seen.get(place)) {
                repeated++;
            }
            seen.set(place);
            count++;
            at = json.indexOf(ID, end);
        }
        all += count;
        return count;
    }

    long all() {
        return all;
    }

    /**
     * Requires that each of so many came exactly once.
     *
     * @throws IllegalStateException with the counts
     */
    void requireEachOnce(long expected) {
        if (seen.cardinality() != expected || repeated > 0) {
            throw new IllegalStateException(seen.cardinality() + " different records and " + repeated
                    + " repeated (expected: " + expected + " once)");
        }
    }
}
