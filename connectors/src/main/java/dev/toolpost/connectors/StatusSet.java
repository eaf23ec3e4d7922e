package dev.toolpost.connectors;

import java.util.BitSet;

/** A set of HTTP statuses from 100 to 599. Immutable. */
public final class StatusSet {
    static final int LOWEST = 100;
    static final int HIGHEST = 599;

    private final BitSet statuses;

    private StatusSet(BitSet statuses) {
        this.statuses = statuses;
    }

    /** The statuses from the first to the last, both included. */
    public static StatusSet range(int first, int last) {
        if (first < LOWEST || last > HIGHEST || first > last) {
            throw new IllegalArgumentException(
                    "statuses " + first + "-" + last + " (expected: within " + LOWEST + "-" + HIGHEST + ", ascending)");
        }
        BitSet set = new BitSet(HIGHEST + 1);
        set.set(first, last + 1);
        return new StatusSet(set);
    }

    /** These statuses. */
    public static StatusSet of(Iterable<Integer> statuses) {
        BitSet set = new BitSet(HIGHEST + 1);
        for (int status : statuses) {
            set.or(range(status, status).statuses);
        }
        return new StatusSet(set);
    }

    /** Every status that is not in the 2xx class. */
    public static StatusSet notSuccessful() {
        BitSet set = new BitSet(HIGHEST + 1);
        set.set(LOWEST, 200);
        set.set(300, HIGHEST + 1);
        return new StatusSet(set);
    }

    /**
     * Parses one status or class or range: {@code 429}, {@code 4xx}, {@code 500-504}.
     *
     * @throws IllegalArgumentException where the text is none of these
     */
    public static StatusSet parse(String text) {
        try {
            if (text.length() == 3 && text.endsWith("xx")) {
                int first = Integer.parseInt(text.substring(0, 1)) * 100;
                return range(first, first + 99);
            }
            int dash = text.indexOf('-');
            if (dash > 0) {
                return range(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
            }
            int status = Integer.parseInt(text);
            return range(status, status);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "status '" + text + "' (expected: a status like 429, a class like 4xx or a range like 500-504)", e);
        }
    }

    public boolean contains(int status) {
        return status >= 0 && statuses.get(status);
    }

    StatusSet union(StatusSet other) {
        BitSet set = (BitSet) statuses.clone();
        set.or(other.statuses);
        return new StatusSet(set);
    }

    /** What is in this set and not in the other. */
    StatusSet minus(StatusSet other) {
        BitSet set = (BitSet) statuses.clone();
        set.andNot(other.statuses);
        return new StatusSet(set);
    }

    boolean isEmpty() {
        return statuses.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StatusSet set && set.statuses.equals(statuses);
    }

    @Override
    public int hashCode() {
        return statuses.hashCode();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int first = statuses.nextSetBit(0); first >= 0; ) {
            int last = statuses.nextClearBit(first) - 1;
            text.append(text.isEmpty() ? "" : ", ").append(first);
            if (last > first) {
                text.append('-').append(last);
            }
            first = statuses.nextSetBit(last + 1);
        }
        return text.toString();
    }
}
