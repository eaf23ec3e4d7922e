package dev.toolpost.worker.call;

import java.nio.ByteBuffer;

/**
 * Bucket state as the state partition keeps it.
 *
 * @param payload a limiter's snapshot, or an age
 * @param atMillis when it was taken, epoch milliseconds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SavedBucket(byte[] payload, long atMillis) {

    static SavedBucket of(ByteBuffer payload, long atMillis) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return new SavedBucket(bytes, atMillis);
    }

    static SavedBucket ofAge(long nanos, long atMillis) {
        return new SavedBucket(ByteBuffer.allocate(Long.BYTES).putLong(nanos).array(), atMillis);
    }

    /** The age that {@link #ofAge} wrote; none where the payload is something else. */
    long ageNanos() {
        return payload.length == Long.BYTES
                ? Math.max(0, ByteBuffer.wrap(payload).getLong())
                : 0;
    }
}
