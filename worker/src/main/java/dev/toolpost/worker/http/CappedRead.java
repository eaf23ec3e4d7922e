package dev.toolpost.worker.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a stream to its end, unless it is longer than a cap. */
final class CappedRead {

    private static final int FIRST_BYTES = 8 << 10;
    private static final int TRUSTED_BYTES = 1 << 20;

    private CappedRead() {}

    /**
     * Reads everything.
     *
     * @param expected the length that the sender states, or negative; memory follows what really came
     * @return null where more than {@code cap} bytes came, the rest unread
     */
    static byte @Nullable [] all(InputStream in, long expected, int cap) throws IOException {
        int first = expected > 0 ? (int) Math.min(expected, TRUSTED_BYTES) : FIRST_BYTES;
        byte[] bytes = new byte[Math.min(first, cap)];
        int length = 0;
        while (true) {
            if (length == bytes.length) {
                int next = in.read();
                if (next < 0) {
                    return bytes;
                }
                if (length == cap) {
                    return null;
                }
                bytes = Arrays.copyOf(bytes, (int) Math.min(cap, Math.max(FIRST_BYTES, bytes.length * 2L)));
                bytes[length++] = (byte) next;
            } else {
                int read = in.read(bytes, length, bytes.length - length);
                if (read < 0) {
                    return Arrays.copyOf(bytes, length);
                }
                length += read;
            }
        }
    }
}
