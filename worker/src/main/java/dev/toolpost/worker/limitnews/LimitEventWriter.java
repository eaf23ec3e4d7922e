package dev.toolpost.worker.limitnews;

import dev.toolpost.message.LimitEvent;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.worker.ratelimit.LimitNews;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what this worker's requests have shown about limits that all connections of a vendor share. The first news of a limit goes out at once, what follows
 * upon it within {@value #GAP_MILLIS} ms as one, the latest. News that cannot be written is lost: the other workers learn by requests of their own. Thread-safe.
 */
public final class LimitEventWriter implements Consumer<LimitNews>, AutoCloseable {

    static final int GAP_MILLIS = 100;

    private static final Logger log = LoggerFactory.getLogger(LimitEventWriter.class);

    /** Who closes the producer behind this does not have it closed under a send. */
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

    private final String topic;
    private final MessageCodec<LimitEvent> codec;
    private final Format format;
    private final Producer<byte[], byte[]> producer;
    private final String worker;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor thread;

    private final Map<String, LimitEvent> waiting = new HashMap<>(); // guarded by itself

    /** Only the thread touches it. */
    private final Map<String, Long> sentAtNanos = new HashMap<>();

    /**
     * @param producer which is not closed with this
     * @param worker names this process in the records
     */
    public LimitEventWriter(
            String topic,
            MessageCodec<LimitEvent> codec,
            Format format,
            Producer<byte[], byte[]> producer,
            String worker,
            InstantSource clock) {
        this.topic = topic;
        this.codec = codec;
        this.format = format;
        this.producer = producer;
        this.worker = worker;
        this.clock = clock;
        this.thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("limit-events-out").daemon().factory());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Has what the first news would wait for ready before: the topic's place and the schema's id. */
    public void start() {
        execute(() -> {
            try {
                var _ = producer.partitionsFor(topic);
                byte[] _ = codec.encode(
                        topic,
                        LimitEvents.event(new LimitNews.Paused("none", "none", Duration.ofMillis(1)), 0, worker),
                        format);
            } catch (KafkaException | RegistryException | RegistryUnavailableException trouble) {
                log.debug("{} is not ready: {}", topic, trouble.toString());
            }
        });
    }

    @Override
    public void accept(LimitNews news) {
        LimitEvent event = LimitEvents.event(news, clock.millis(), worker);
        String key = LimitEvents.key(event);
        synchronized (waiting) {
            if (waiting.put(key, event) != null) {
                return;
            }
        }
        execute(() -> send(key));
    }

    private void execute(Runnable action) {
        try {
            thread.execute(told(action));
        } catch (RejectedExecutionException closed) {
            log.debug("news of a limit after the end");
        }
    }

    /** What an executor would keep to itself is told. */
    private static Runnable told(Runnable action) {
        return () -> {
            try {
                action.run();
            } catch (RuntimeException bug) {
                log.error("News of a limit is not published, so other workers learn it by requests of their own", bug);
            }
        };
    }

    private void send(String key) {
        long now = System.nanoTime();
        Long last = sentAtNanos.get(key);
        long early = last == null ? 0 : last + TimeUnit.MILLISECONDS.toNanos(GAP_MILLIS) - now;
        if (early > 0) {
            var _ = thread.schedule(told(() -> send(key)), early, TimeUnit.NANOSECONDS);
            return;
        }
        LimitEvent event;
        synchronized (waiting) {
            event = waiting.remove(key);
        }
        if (event == null) {
            return;
        }
        sentAtNanos.put(key, now);
        send(key, event);
    }

    /** How the send ended is told to its callback alone. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(String key, LimitEvent event) {
        try {
            producer.send(
                    new ProducerRecord<>(
                            topic, key.getBytes(StandardCharsets.UTF_8), codec.encode(topic, event, format)),
                    (metadata, failure) -> {
                        if (failure != null) {
                            lost(key, failure);
                        }
                    });
        } catch (KafkaException | RegistryException | RegistryUnavailableException failure) {
            lost(key, failure);
        }
    }

    private void lost(String key, Exception failure) {
        log.warn(
                "What was learned about {} is not published, so other workers learn it by requests of their own: {}",
                key,
                failure.toString());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
