package dev.toolpost.cli;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Tells workers that a connection in Vault has changed. Those of the local store see it in its file. */
final class ConnectionNews {
    private static final int BOUND_MILLIS = 3_000;

    private ConnectionNews() {}

    /** Publishes it; where that cannot be, says when workers will see the change all the same. */
    static void tell(
            CommonOptions common,
            ToolpostConfig config,
            String tenant,
            String connection,
            String kind,
            @Nullable String vendor)
            throws InterruptedException {
        ToolpostConfig.Vault vault = config.credentials().vault();
        if (vault == null) {
            return;
        }
        try {
            Brokers.requireListening(config);
            publish(config, tenant, connection, kind, vendor);
        } catch (CliException | KafkaException | ExecutionException | TimeoutException untold) {
            common.err()
                    .println("Workers could not be told (" + untold.getMessage() + "); they see the change within "
                            + vault.cacheTtl().toSeconds() + " s, or when the vendor rejects the old secret.");
        }
    }

    private static void publish(
            ToolpostConfig config, String tenant, String connection, String kind, @Nullable String vendor)
            throws InterruptedException, ExecutionException, TimeoutException {
        String topic = new Topics(config.prefix()).connectionEvents();
        ConnectionEvent event = ConnectionEvent.newBuilder()
                .setTenant(tenant)
                .setConnection(connection)
                .setKind(kind)
                .setVendor(vendor)
                .setAt(InstantSource.system().millis())
                .build();
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "toolpost-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            topic,
                            (tenant + "/" + connection).getBytes(StandardCharsets.UTF_8),
                            MessageCodec.of(ConnectionEvent.class, null).encode(topic, event, Format.JSON)))
                    .get(BOUND_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
