package dev.toolpost.worker.call;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.oauth.GrantEvents;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes what happens to connections. An event that cannot be written is logged and lost. Thread-safe. */
final class ConnectionEvents implements GrantEvents {

    private static final Logger log = LoggerFactory.getLogger(ConnectionEvents.class);

    private final String topic;
    private final MessageCodec<ConnectionEvent> codec;
    private final Format format;
    private final Producer<byte[], byte[]> producer;
    private final InstantSource clock;

    ConnectionEvents(
            String topic,
            MessageCodec<ConnectionEvent> codec,
            Format format,
            Producer<byte[], byte[]> producer,
            InstantSource clock) {
        this.topic = topic;
        this.codec = codec;
        this.format = format;
        this.producer = producer;
        this.clock = clock;
    }

    @Override
    public void refreshed(ConnectionRecord connection) {
        publish(connection, "refreshed", null, null, null);
    }

    @Override
    public void reauthorizationRequired(ConnectionRecord connection, String message) {
        publish(
                connection,
                "reauthorization_required",
                ErrorCode.REAUTHORIZATION_REQUIRED.name(),
                message,
                Errors.reauthorizationRemedy(connection));
    }

    private void publish(
            ConnectionRecord connection,
            String kind,
            @Nullable String code,
            @Nullable String message,
            @Nullable String remedy) {
        ConnectionEvent event = ConnectionEvent.newBuilder()
                .setTenant(connection.tenant())
                .setConnection(connection.connection())
                .setKind(kind)
                .setVendor(connection.vendor())
                .setAt(clock.millis())
                .setCode(code)
                .setMessage(message)
                .setRemedy(remedy)
                .build();
        // Registry and broker may be slow, and whoever refreshes has calls waiting.
        Thread.ofVirtual().name("event of " + connection.id()).start(() -> send(connection, event));
    }

    /** How the send ended is told to its callback alone. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(ConnectionRecord connection, ConnectionEvent event) {
        try {
            producer.send(
                    new ProducerRecord<>(
                            topic,
                            connection.id().getBytes(StandardCharsets.UTF_8),
                            codec.encode(topic, event, format)),
                    (metadata, failure) -> {
                        if (failure != null) {
                            lost(connection, event, failure);
                        }
                    });
        } catch (RuntimeException failure) {
            lost(connection, event, failure);
        }
    }

    private static void lost(ConnectionRecord connection, ConnectionEvent event, Exception failure) {
        log.warn(
                "The event {} of connection {} is not published: {}",
                event.getKind(),
                connection.id(),
                failure.toString());
    }
}
