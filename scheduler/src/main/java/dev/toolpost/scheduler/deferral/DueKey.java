package dev.toolpost.scheduler.deferral;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The place of a deferral in the store that is ordered by time: due time, then the offset at which it came. As bytes it begins with the
 * version of the form and sorts as it should for due times from 0 on.
 *
 * @param dueMillis epoch milliseconds, from 0 on
 * @param offset on {@code later}, from 0 on; so no two deferrals of a partition have one place
 */
record DueKey(long dueMillis, long offset) implements Comparable<DueKey> {

    static final byte VERSION = 1;
    private static final int LENGTH = 1 + 2 * Long.BYTES;

    /** Before every other. */
    static final DueKey FIRST = new DueKey(0, 0);

    DueKey {
        if (dueMillis < 0 || offset < 0) {
            throw new IllegalArgumentException("due " + dueMillis + ", offset " + offset + " (expected: both >= 0)");
        }
    }

    byte[] bytes() {
        return ByteBuffer.allocate(LENGTH)
                .put(VERSION)
                .putLong(dueMillis)
                .putLong(offset)
                .array();
    }

    /**
     * Reads what {@link #bytes()} wrote.
     *
     * @throws IllegalStateException for another version's
     */
    static DueKey of(byte[] bytes) {
        if (bytes.length != LENGTH || bytes[0] != VERSION) {
            throw new IllegalStateException("a due time of " + bytes.length + " bytes that begin with "
                    + Arrays.toString(Arrays.copyOf(bytes, 1)) + " (expected: " + LENGTH + " bytes that begin with "
                    + VERSION + "): the state is of a newer version, run that");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, LENGTH - 1);
        return new DueKey(buffer.getLong(), buffer.getLong());
    }

    @Override
    public int compareTo(DueKey other) {
        int byTime = Long.compare(dueMillis, other.dueMillis);
        return byTime != 0 ? byTime : Long.compare(offset, other.offset);
    }
}
