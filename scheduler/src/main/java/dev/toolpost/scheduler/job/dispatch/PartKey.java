package dev.toolpost.scheduler.job.dispatch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One part of one job. Immutable. */
public record PartKey(String jobId, int part) {

    /** As it stands in stores behind a byte that says what is kept of it: job ids hold no zero byte. */
    byte[] bytes(byte kind) {
        byte[] id = jobId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + id.length + 1 + Integer.BYTES)
                .put(kind)
                .put(id)
                .put((byte) 0)
                .putInt(part)
                .array();
    }
}
