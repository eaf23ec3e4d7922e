package dev.toolpost.scheduler.deferral;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** How large a record is for the brokers, which count it compressed and with what is around it. */
final class RecordSize {

    /** A batch of one record without what is in it, and room for what compression adds to what cannot be compressed. */
    private static final int AROUND = 256;

    private static final int AROUND_HEADER = 10;

    private RecordSize() {}

    /** Whether the target would take it; compresses it only where it does not fit as it is. */
    static boolean fits(StoredDeferral deferral, long mostBytes) {
        return plain(deferral) <= mostBytes || compressed(deferral) <= mostBytes;
    }

    private static long plain(StoredDeferral deferral) {
        long bytes = AROUND + length(deferral.key()) + length(deferral.value());
        for (StoredDeferral.Header header : deferral.headers()) {
            bytes += AROUND_HEADER + header.name().getBytes(StandardCharsets.UTF_8).length + header.value().length;
        }
        return bytes + bytes / 200;
    }

    private static long compressed(StoredDeferral deferral) {
        return MemoryRecords.withRecords(
                        Compression.lz4().build(),
                        new SimpleRecord(
                                0L,
                                deferral.key(),
                                deferral.value(),
                                deferral.recordHeaders().toArray()))
                .sizeInBytes();
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
