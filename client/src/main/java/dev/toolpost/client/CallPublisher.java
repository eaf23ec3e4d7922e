package dev.toolpost.client;

import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes calls, and requests to cancel them, to their topics. Thread-safe. */
final class CallPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallPublisher.class);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

    /** Partitions calls without a tenant, which only a worker of {@code toolpost dev} takes. */
    private static final String DEV_TENANT = "dev";

    private final Producer<byte[], byte[]> producer;
    private final MessageCodec<ToolCall> codec;
    private final String replyTopic;
    private final @Nullable String tenant;
    private final Format format;

    /**
     * @param producer closed with this
     * @param tenant of calls that name none
     * @param format of calls that name none
     */
    CallPublisher(
            Producer<byte[], byte[]> producer,
            MessageCodec<ToolCall> codec,
            String replyTopic,
            @Nullable String tenant,
            Format format) {
        this.producer = producer;
        this.codec = codec;
        this.replyTopic = replyTopic;
        this.tenant = tenant;
        this.format = format;
    }

    /**
     * The call as bytes.
     *
     * @throws PublishException if it cannot be written in its format
     */
    byte[] encode(Outgoing call, Duration timeout) {
        return encode(call, message(call, timeout));
    }

    /** Sends it. A failure is told on a thread that must not be held up. */
    void publish(Outgoing call, byte[] value, Consumer<Exception> onFailure) {
        try {
            Future<RecordMetadata> _ = producer.send(record(call, value), (_, e) -> {
                if (e != null) {
                    onFailure.accept(e);
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            onFailure.accept(e);
        }
    }

    /** Asks for the call to be cancelled. That this could not be published is logged and no more. */
    void cancel(Outgoing call) {
        ToolCall message = message(call, null);
        message.setAction("cancel");
        message.setArguments("{}");
        message.setPaging(null);
        publish(
                call,
                encode(call, message),
                e -> LOG.warn("The request to cancel call {} could not be published", call.callId(), e));
    }

    /** Sends what is under way, within a bound. */
    @Override
    public void close() {
        producer.close(CLOSE_BOUND);
    }

    private ProducerRecord<byte[], byte[]> record(Outgoing call, byte[] value) {
        String of = call.spec().tenant() == null ? tenant : call.spec().tenant();
        String key = Shards.key(of == null ? DEV_TENANT : of, call.spec().connection());
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(call.topic(), key.getBytes(StandardCharsets.UTF_8), value);
        call.spec()
                .headers()
                .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    private ToolCall message(Outgoing call, @Nullable Duration timeout) {
        CallSpec spec = call.spec();
        ToolCall.Builder message = ToolCall.newBuilder()
                .setCallId(call.callId())
                .setTool(spec.tool())
                .setTenant(spec.tenant() == null ? tenant : spec.tenant())
                .setConnection(spec.connection())
                .setArguments(spec.arguments())
                .setReplyTo(replyTopic)
                .setReplyPartition(call.replyPartition())
                .setTimeoutMs(timeout == null ? null : timeout.toMillis())
                .setIdempotencyKey(spec.idempotencyKey())
                .setPaging(spec.paging())
                .setSelect(spec.select())
                .setDryRun(spec.dryRun());
        if (spec.view() != null) {
            message.setView(spec.view());
        }
        return message.build();
    }

    private byte[] encode(Outgoing call, ToolCall message) {
        Format its = call.spec().format() == null ? format : call.spec().format();
        try {
            return codec.encode(call.topic(), message, its);
        } catch (DecodeException | RegistryException e) {
            throw new PublishException("the call cannot be written as Avro: " + e.getMessage(), e);
        }
    }
}
