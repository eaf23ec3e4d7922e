package dev.toolpost.cli;

import java.util.BitSet;

/** A set of numbers of parts, written as ranges: {@code 0-17,20}. */
final class PartNumbers {
    private final BitSet numbers = new BitSet();

    static PartNumbers of(String ranges) {
        PartNumbers parts = new PartNumbers();
        for (String range : ranges.isEmpty() ? new String[0] : ranges.split(",", -1)) {
            int dash = range.indexOf('-');
            int from = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int to = dash < 0 ? from : Integer.parseInt(range.substring(dash + 1));
            parts.numbers.set(from, to + 1);
        }
        return parts;
    }

    void add(int part) {
        numbers.set(part);
    }

    void remove(int part) {
        numbers.clear(part);
    }

    boolean has(int part) {
        return numbers.get(part);
    }

    int size() {
        return numbers.cardinality();
    }

    @Override
    public String toString() {
        StringBuilder ranges = new StringBuilder();
        for (int from = numbers.nextSetBit(0); from >= 0; ) {
            int end = numbers.nextClearBit(from);
            ranges.append(ranges.isEmpty() ? "" : ",").append(from).append(end - from == 1 ? "" : "-" + (end - 1));
            from = numbers.nextSetBit(end);
        }
        return ranges.toString();
    }
}
