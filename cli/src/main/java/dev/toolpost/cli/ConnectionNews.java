package dev.toolpost.cli;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Tells workers and schedulers that a connection has changed. Workers of the local store see that in its file as well. */
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
        try {
            Brokers.requireListening(config);
            publish(config, List.of(event(tenant, connection, kind, vendor)));
        } catch (CliException | KafkaException | ExecutionException | TimeoutException untold) {
            if (vault != null) {
                common.err()
                        .println("Workers could not be told (" + untold.getMessage() + "); they see the change within "
                                + vault.cacheTtl().toSeconds() + " s, or when the vendor rejects the old secret.");
            }
        }
    }

    /**
     * Publishes that connections are there, for jobs over all connections of a vendor.
     *
     * @throws KafkaException where the broker refuses it
     */
    static void announce(ToolpostConfig config, List<ConnectionRecord> connections)
            throws InterruptedException, ExecutionException, TimeoutException {
        publish(
                config,
                connections.stream()
                        .map(each -> event(each.tenant(), each.connection(), "changed", each.vendor()))
                        .toList());
    }

    private static ConnectionEvent event(String tenant, String connection, String kind, @Nullable String vendor) {
        return ConnectionEvent.newBuilder()
                .setTenant(tenant)
                .setConnection(connection)
                .setKind(kind)
                .setVendor(vendor)
                .setAt(InstantSource.system().millis())
                .build();
    }

    private static void publish(ToolpostConfig config, List<ConnectionEvent> events)
            throws InterruptedException, ExecutionException, TimeoutException {
        String topic = new Topics(config.prefix()).connectionEvents();
        MessageCodec<ConnectionEvent> codec = MessageCodec.of(ConnectionEvent.class, null);
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "toolpost-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ConnectionEvent event : events) {
                sent.add(producer.send(new ProducerRecord<>(
                        topic,
                        (event.getTenant() + "/" + event.getConnection()).getBytes(StandardCharsets.UTF_8),
                        codec.encode(topic, event, Format.JSON))));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get(BOUND_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }
}
