package dev.toolpost.client;

import java.time.Duration;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * A consumer that is closed at once. It is in no group, so nobody has to be told; Kafka's own way would wait until the broker
 * answers the fetch that is under way, which takes half a second where nothing comes.
 */
record UngroupedConsumer(Consumer<byte[], byte[]> consumer) implements AutoCloseable {
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
