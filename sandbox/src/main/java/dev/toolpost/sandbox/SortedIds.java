package dev.toolpost.sandbox;

import java.util.Arrays;

/** A set of ids in eight bytes each that can count how many of them lie before a place. Not thread-safe. */
final class SortedIds {

    private long[] ids = new long[16];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    boolean contains(long id) {
        return size > 0 && Arrays.binarySearch(ids, 0, size, id) >= 0;
    }

    /** Whether it was new. */
    boolean add(long id) {
        int found = Arrays.binarySearch(ids, 0, size, id);
        if (found >= 0) {
            return false;
        }
        int at = -found - 1;
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        System.arraycopy(ids, at, ids, at + 1, size - at);
        ids[at] = id;
        size++;
        return true;
    }

    void remove(long id) {
        int found = Arrays.binarySearch(ids, 0, size, id);
        if (found >= 0) {
            System.arraycopy(ids, found + 1, ids, found, size - found - 1);
            size--;
        }
    }

    /** Drops everything from an id on. */
    void removeFrom(long id) {
        int found = Arrays.binarySearch(ids, 0, size, id);
        size = found >= 0 ? found : -found - 1;
    }

    /** The id at a place among those from {@code first} on that are not in here, counted from 0. */
    long absent(long first, long place) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ids[middle] - first - middle <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return first + place + low;
    }
}
