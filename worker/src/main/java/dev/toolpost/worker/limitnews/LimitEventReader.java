package dev.toolpost.worker.limitnews;

import dev.toolpost.message.LimitEvent;
import dev.toolpost.schemas.InvalidMessageException;
import dev.toolpost.schemas.MalformedMessageException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.ratelimit.LimitNews;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on {@code limit-events} what other workers have learned about limits that all connections of a vendor share, from the topic's beginning on, so that a worker that
 * starts knows what holds. Records that no worker can have written are told and left out. Thread-safe.
 */
public final class LimitEventReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LimitEventReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    /** Clocks of machines differ by less: what comes while it is written counts as new. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    private final String topic;
    private final MessageCodec<LimitEvent> codec;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final String worker;
    private final InstantSource clock;
    private final BiConsumer<LimitNews, Duration> listener;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer<byte[], byte[]> open;

    /**
     * @param consumers makes a consumer without a group
     * @param worker whose records are left out: this process
     * @param listener hears each news with how old it is
     */
    public LimitEventReader(
            String topic,
            MessageCodec<LimitEvent> codec,
            Supplier<Consumer<byte[], byte[]>> consumers,
            String worker,
            InstantSource clock,
            BiConsumer<LimitNews, Duration> listener) {
        this.topic = topic;
        this.codec = codec;
        this.consumers = consumers;
        this.worker = worker;
        this.clock = clock;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name("limit-events").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        boolean told = false;
        try {
            while (stopped.getCount() > 0) {
                Consumer<byte[], byte[]> consumer = consumers.get();
                open = consumer;
                try {
                    if (assign(consumer)) {
                        told = false;
                        listen(consumer);
                    } else if (!told) {
                        told = true;
                        log.warn(
                                "Topic {} does not exist, so each worker learns of a vendor's lowered limit by a request of its own."
                                        + " Create it: toolpost topics create",
                                topic);
                    }
                } catch (WakeupException asked) {
                    return;
                } catch (KafkaException trouble) {
                    log.warn("{} cannot be read now: {}", topic, trouble.getMessage());
                } finally {
                    open = null;
                    // A fetch that waits for records is not waited for.
                    consumer.close(CloseOptions.timeout(Duration.ZERO));
                }
                boolean _ = stopped.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException asked) {
            log.debug("news of limits is listened for no longer");
        }
    }

    /** From the beginning on at first, later from where the consumer before this came to. */
    private boolean assign(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return false;
        }
        consumer.assign(partitions);
        ends.putAll(consumer.endOffsets(partitions));
        consumer.seekToBeginning(partitions);
        next.forEach(consumer::seek);
        return true;
    }

    private void listen(Consumer<byte[], byte[]> consumer) {
        while (stopped.getCount() > 0) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(each.topic(), each.partition());
                next.put(partition, each.offset() + 1);
                heard(each, each.offset() >= ends.getOrDefault(partition, 0L));
            }
        }
    }

    /** @param live whether it was written while this worker listened */
    void heard(ConsumerRecord<byte[], byte[]> message, boolean live) {
        if (message.value() == null) {
            return;
        }
        LimitEvent event;
        LimitNews news;
        try {
            event = codec.decode(topic, message.value()).value();
            news = LimitEvents.news(event);
            String key = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
            if (!key.equals(LimitEvents.key(event))) {
                throw new IllegalArgumentException("key: not that of its limit (expected: vendor/limit/kind)");
            }
            if (clock.millis() - event.getAt() < -CLOCKS_DIFFER.toMillis()) {
                throw new IllegalArgumentException("at: more than a minute from now (expected: a time that has been)");
            }
        } catch (MalformedMessageException
                | InvalidMessageException
                | RegistryUnavailableException
                | IllegalArgumentException wrong) {
            log.warn(
                    "The record at offset {} of {} is left out: {}. Only workers may write there",
                    message.offset(),
                    topic,
                    wrong.getMessage());
            return;
        }
        if (!worker.equals(event.getWorker())) {
            listener.accept(news, age(event, live));
        }
    }

    private Duration age(LimitEvent event, boolean live) {
        Duration age = Duration.ofMillis(Math.max(0, clock.millis() - event.getAt()));
        return live && age.compareTo(CLOCKS_DIFFER) < 0 ? Duration.ZERO : age;
    }

    @Override
    public void close() {
        stopped.countDown();
        Consumer<byte[], byte[]> listening = open;
        if (listening != null) {
            listening.wakeup();
        }
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(3))) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
