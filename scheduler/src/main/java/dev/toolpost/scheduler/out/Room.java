package dev.toolpost.scheduler.out;

import java.util.function.ToLongFunction;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Which records their topics take. One that is sent although it is too large fails its stream thread, and every one that takes its place.
 * Thread-safe.
 *
 * @param mostBytes of a record, by topic, as the brokers count it; may block for a short bounded time
 * @param mostOfRequest what the producer sends at most, counted before it is compressed
 */
public record Room(ToLongFunction<String> mostBytes, long mostOfRequest) {

    /** Where nobody says how large records may be. */
    public static Room unbounded() {
        return new Room(_ -> Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** How large a record may be, for people. */
    public long most(String topic) {
        return Math.min(mostBytes.applyAsLong(topic), mostOfRequest);
    }

    public boolean takes(String topic, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        return RecordSize.plain(key, value, headers) <= mostOfRequest
                && RecordSize.fits(key, value, headers, mostBytes.applyAsLong(topic));
    }

    /** The same for a record without headers. */
    public boolean takes(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return takes(topic, key, value, new RecordHeaders());
    }
}
