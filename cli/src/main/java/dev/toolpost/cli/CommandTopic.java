package dev.toolpost.cli;

import dev.toolpost.worker.config.ToolpostConfig;
import java.nio.charset.StandardCharsets;
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

/** Publishes single records and waits until the brokers have them. */
final class CommandTopic {
    private static final int BOUND_MILLIS = 10_000;

    private CommandTopic() {}

    /**
     * Publishes one record.
     *
     * @param value null for a tombstone
     * @throws CliException where the topic is missing or nobody takes it
     */
    static void publish(ToolpostConfig config, String topic, String key, byte @Nullable [] value)
            throws InterruptedException {
        Brokers.requireListening(config);
        Map<String, Object> properties = new HashMap<>(config.kafka().properties());
        properties.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "toolpost-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, BOUND_MILLIS);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value))
                    .get(BOUND_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw refused(topic, e.getCause() == null ? e : e.getCause());
        } catch (KafkaException | TimeoutException e) {
            throw refused(topic, e);
        }
    }

    private static CliException refused(String topic, Throwable cause) {
        return CliException.unreachable(
                "the topic " + topic + " did not take the command: " + cause.getMessage(),
                "Check that it is there: toolpost topics list",
                cause);
    }
}
