package dev.toolpost.worker.limitnews;

import dev.toolpost.message.LimitEvent;
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
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on {@code limit-events} what other workers have learned about limits that all connections of a vendor share, from the topic's beginning on, so that a worker that
 * starts knows what holds. Records that no worker can have written are told and left out; while the schema registry is away, the reader stays where it is. Thread-safe.
 */
public final class LimitEventReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LimitEventReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FIRST_AGAIN = Duration.ofMillis(200);
    private static final Duration LONGEST_AGAIN = Duration.ofSeconds(5);

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

    // What only the thread touches.
    private Duration again = FIRST_AGAIN;
    private boolean toldTopic;
    private boolean toldRegistry;

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
        try {
            while (stopped.getCount() > 0) {
                try {
                    read();
                } catch (WakeupException asked) {
                    return;
                } catch (RegistryUnavailableException away) {
                    if (!toldRegistry) {
                        toldRegistry = true;
                        log.warn(
                                "The schema registry cannot be asked, so news of limits on {} waits until it can: {}",
                                topic,
                                away.getMessage());
                    }
                } catch (RuntimeException trouble) {
                    log.warn("{} cannot be read now: {}", topic, trouble.toString());
                }
                boolean _ = stopped.await(again.toMillis(), TimeUnit.MILLISECONDS);
                Duration longer = again.multipliedBy(2);
                again = longer.compareTo(LONGEST_AGAIN) > 0 ? LONGEST_AGAIN : longer;
            }
        } catch (InterruptedException asked) {
            log.debug("news of limits is listened for no longer");
        }
    }

    private void read() {
        Consumer<byte[], byte[]> consumer = consumers.get();
        open = consumer;
        try {
            if (assign(consumer)) {
                toldTopic = false;
                listen(consumer);
            } else if (!toldTopic) {
                toldTopic = true;
                log.warn(
                        "Topic {} does not exist, so each worker learns of a vendor's lowered limit by a request of its own."
                                + " Create it: toolpost topics create",
                        topic);
            }
        } finally {
            open = null;
            // A fetch that waits for records is not waited for.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
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
                heard(each, each.offset() >= ends.getOrDefault(partition, 0L));
                next.put(partition, each.offset() + 1);
                toldRegistry = false;
            }
            if (!toldRegistry) {
                again = FIRST_AGAIN;
            }
        }
    }

    /**
     * @param live whether it was written while this worker listened
     * @throws RegistryUnavailableException where nobody can say now what it is: it is to be heard later
     */
    void heard(ConsumerRecord<byte[], byte[]> message, boolean live) {
        String key = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
        LimitNews news;
        Duration age = Duration.ZERO;
        try {
            if (message.value() == null) {
                news = LimitEvents.lifted(key);
            } else {
                LimitEvent event = codec.decode(topic, message.value()).value();
                news = LimitEvents.news(event);
                check(event, key);
                if (worker.equals(event.getWorker())) {
                    return;
                }
                age = age(event, live);
            }
        } catch (RegistryUnavailableException away) {
            throw away;
        } catch (RuntimeException wrong) {
            log.warn(
                    "The record at offset {} of {} is left out: {}. Only workers may write there",
                    message.offset(),
                    topic,
                    wrong.getMessage());
            return;
        }
        try {
            listener.accept(news, age);
        } catch (RuntimeException failure) {
            log.error("The record at offset {} of {} has not reached everybody here", message.offset(), topic, failure);
        }
    }

    private void check(LimitEvent event, String key) {
        if (!key.equals(LimitEvents.key(event))) {
            throw new IllegalArgumentException("key: not that of its limit (expected: vendor/limit/kind)");
        }
        if (clock.millis() - event.getAt() < -CLOCKS_DIFFER.toMillis()) {
            throw new IllegalArgumentException("at: more than a minute from now (expected: a time that has been)");
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
