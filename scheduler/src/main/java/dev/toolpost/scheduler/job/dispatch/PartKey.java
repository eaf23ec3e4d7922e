package dev.toolpost.scheduler.job.dispatch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One part of one job. Immutable. */
public record PartKey(String jobId, int part) {

    /** As it stands in stores: job ids hold no zero byte. */
    byte[] bytes() {
        byte[] id = jobId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(id.length + 1 + Integer.BYTES)
                .put(id)
                .put((byte) 0)
                .putInt(part)
                .array();
    }
}
