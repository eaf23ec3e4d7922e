package dev.toolpost.worker.limitnews;

import dev.toolpost.message.LimitEvent;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.worker.broker.TopicFollower;
import dev.toolpost.worker.ratelimit.LimitNews;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears on {@code limit-events} what other workers have learned about limits that all connections of a vendor share, from the topic's beginning on, so that a worker that
 * starts knows what holds. Records that no worker can have written are told and left out; while the schema registry is away, the reader stays where it is. Thread-safe.
 */
public final class LimitEventReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LimitEventReader.class);
    /** Clocks of machines differ by less: what comes while it is written counts as new. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    private final String topic;
    private final MessageCodec<LimitEvent> codec;
    private final String worker;
    private final InstantSource clock;
    private final BiConsumer<LimitNews, Duration> listener;
    private final TopicFollower follower;

    /** Only the follower's thread touches it. */
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
        this.worker = worker;
        this.clock = clock;
        this.listener = listener;
        this.follower = new TopicFollower(
                topic,
                TopicFollower.From.BEGINNING,
                "limit-events",
                "each worker learns of a vendor's lowered limit by a request of its own",
                consumers,
                this::heard);
    }

    public void start() {
        follower.start();
    }

    /**
     * Tells the listener what a record says.
     *
     * @param live whether it was written while this worker listened
     * @return whether it is done with; not where nobody can say now what it is
     */
    boolean heard(ConsumerRecord<byte[], byte[]> message, boolean live) {
        String key = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
        LimitNews news;
        Duration age = Duration.ZERO;
        try {
            if (message.value() == null) {
                news = LimitEvents.lifted(key);
            } else {
                LimitEvent event = codec.decode(topic, message.value()).value();
                toldRegistry = false;
                news = LimitEvents.news(event);
                check(event, key);
                if (worker.equals(event.getWorker())) {
                    return true;
                }
                age = age(event, live);
            }
        } catch (RegistryUnavailableException away) {
            if (!toldRegistry) {
                toldRegistry = true;
                log.warn(
                        "The schema registry cannot be asked, so news of limits on {} waits until it can: {}",
                        topic,
                        away.getMessage());
            }
            return false;
        } catch (DecodeException | IllegalArgumentException wrong) {
            log.warn(
                    "The record at offset {} of {} is left out: {}. Only workers may write there",
                    message.offset(),
                    topic,
                    wrong.getMessage());
            return true;
        }
        listener.accept(news, age);
        return true;
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
        follower.close();
    }
}
