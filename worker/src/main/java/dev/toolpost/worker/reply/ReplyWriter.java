package dev.toolpost.worker.reply;

import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Writes frames: encodes them in the call's format and sends those of interactive reads at once. Thread-safe. */
public final class ReplyWriter {

    /** What a record batch and a record add to key, value and headers, generously. */
    private static final int RECORD_OVERHEAD = 128;

    private final MessageCodec<ToolReply> codec;
    private final Producer<byte[], byte[]> producer;

    /** @param producer idempotent, without transactions */
    public ReplyWriter(MessageCodec<ToolReply> codec, Producer<byte[], byte[]> producer) {
        this.codec = codec;
        this.producer = producer;
    }

    /**
     * What every frame says beside its content.
     *
     * @param callId whose reply it is
     * @param frame its number, from 0
     * @param last whether none follows
     * @param format the format of the call
     * @param headers the call's headers that go with its frames
     * @param stats what answering took
     * @param completedAt epoch milliseconds
     */
    public record Envelope(
            String callId,
            int frame,
            boolean last,
            Format format,
            List<Header> headers,
            Stats stats,
            long completedAt) {}

    /** A frame of a result. */
    public byte[] result(
            Envelope envelope, ReplyRoute.Open route, String content, String contentType, @Nullable String nextCursor) {
        ToolReply frame = frame(envelope, "ok");
        frame.setContent(content);
        frame.setContentType(contentType);
        frame.setNextCursor(nextCursor);
        return codec.encode(route.topic(), frame, envelope.format());
    }

    /** The frame of an error. */
    public byte[] error(Envelope envelope, ReplyRoute.Open route, CallError error, @Nullable String nextCursor) {
        ToolReply frame = frame(envelope, "error");
        frame.setError(error.toMessage());
        frame.setNextCursor(nextCursor);
        return codec.encode(route.topic(), frame, envelope.format());
    }

    /** A recorded frame again, for the call that asks for it now. */
    public byte[] readdress(Envelope envelope, ReplyRoute.Open route, byte[] recorded) {
        ToolReply frame = codec.decode(route.topic(), recorded).value();
        frame.setCallId(envelope.callId());
        return codec.encode(route.topic(), frame, envelope.format());
    }

    /** Not by the builder, which looks every default up in the schema, for every frame. */
    private static ToolReply frame(Envelope envelope, String status) {
        ToolReply frame = new ToolReply();
        frame.setCallId(envelope.callId());
        frame.setFrame(envelope.frame());
        frame.setLast(envelope.last());
        frame.setStatus(status);
        frame.setUntrusted(true);
        frame.setStats(envelope.stats());
        frame.setCompletedAt(envelope.completedAt());
        return frame;
    }

    /** Whether the route's topic takes a frame of that size. */
    public static boolean fits(ReplyRoute.Open route, Envelope envelope, byte[] frame) {
        long size = RECORD_OVERHEAD + envelope.callId().length() + (long) frame.length;
        for (Header header : envelope.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length) + 10L;
        }
        return size <= route.maxMessageBytes();
    }

    /** The record of a frame. */
    public static ProducerRecord<byte[], byte[]> message(ReplyRoute.Open route, Envelope envelope, byte[] frame) {
        return new ProducerRecord<>(
                route.topic(),
                route.partition(),
                null,
                envelope.callId().getBytes(StandardCharsets.UTF_8),
                frame,
                envelope.headers());
    }

    /** Sends a frame at once; how that ended is told to the callback alone. */
    @SuppressWarnings("FutureReturnValueIgnored")
    public void send(ProducerRecord<byte[], byte[]> frame, Callback ended) {
        producer.send(frame, ended);
    }
}
