package dev.toolpost.worker;

import dev.toolpost.worker.credentials.CredentialStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on {@code connection-events} that others changed connections, and has the credential store look anew. What is said of a
 * connection does not matter, so any format will do. Whoever does not hear it sees the change when what it remembers ends.
 * Thread-safe.
 */
final class ConnectionChanges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConnectionChanges.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final String topic;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final CredentialStore credentials;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /** @param consumers makes a consumer without a group */
    ConnectionChanges(String topic, Supplier<Consumer<byte[], byte[]>> consumers, CredentialStore credentials) {
        this.topic = topic;
        this.consumers = consumers;
        this.credentials = credentials;
        this.thread = Thread.ofPlatform().daemon().name("connection-changes").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        boolean told = false;
        try {
            while (stopped.getCount() > 0) {
                try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                    if (assign(consumer)) {
                        told = false;
                        listen(consumer);
                    } else if (!told) {
                        told = true;
                        log.warn(
                                "Topic {} does not exist, so changes of connections by others are seen late. Create it: toolpost topics create",
                                topic);
                    }
                } catch (WakeupException asked) {
                    return;
                } catch (KafkaException trouble) {
                    log.warn("{} cannot be read now: {}", topic, trouble.getMessage());
                }
                boolean _ = stopped.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException asked) {
            log.debug("changes of connections are listened for no longer");
        }
    }

    /** From the end on at first, later from where the consumer before this came to. */
    private boolean assign(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return false;
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        for (TopicPartition each : partitions) {
            Long known = next.get(each);
            if (known == null) {
                next.put(each, consumer.position(each));
            } else {
                consumer.seek(each, known);
            }
        }
        return true;
    }

    private void listen(Consumer<byte[], byte[]> consumer) {
        while (stopped.getCount() > 0) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                next.put(new TopicPartition(each.topic(), each.partition()), each.offset() + 1);
                heard(each.key());
            }
        }
    }

    private void heard(byte @Nullable [] key) {
        String id = key == null ? "" : new String(key, StandardCharsets.UTF_8);
        int slash = id.indexOf('/');
        if (slash > 0) {
            credentials.changedElsewhere(id.substring(0, slash), id.substring(slash + 1));
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(3))) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
