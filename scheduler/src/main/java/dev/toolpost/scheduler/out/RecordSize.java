package dev.toolpost.scheduler.out;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** How large a record is for the brokers, which count it compressed and with what is around it. */
public final class RecordSize {

    /** A batch of one record without what is in it, and room for what compression adds to what cannot be compressed. */
    private static final int AROUND = 256;

    private static final int AROUND_HEADER = 10;

    private RecordSize() {}

    /** Whether its topic would take it; compresses it only where it does not fit as it is. */
    public static boolean fits(byte @Nullable [] key, byte @Nullable [] value, Headers headers, long mostBytes) {
        return plain(key, value, headers) <= mostBytes || compressed(key, value, headers) <= mostBytes;
    }

    /** As a producer counts it before it compresses, at most. */
    static long plain(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        long bytes = AROUND + length(key) + length(value);
        for (Header header : headers) {
            bytes += AROUND_HEADER + header.key().getBytes(StandardCharsets.UTF_8).length + length(header.value());
        }
        return bytes + bytes / 200;
    }

    private static long compressed(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        return MemoryRecords.withRecords(Compression.lz4().build(), new SimpleRecord(0L, key, value, headers.toArray()))
                .sizeInBytes();
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
