package dev.toolpost.worker.broker;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic without a group, on a thread of its own, for as long as the process lives. Trouble with the brokers is told and passes: it goes on from where it
 * came to, in a moment at first and later every few seconds. Thread-safe.
 */
public final class TopicFollower implements AutoCloseable {

    /** Where to begin. */
    public enum From {
        BEGINNING,
        END
    }

    /** Hears what comes. Called on the follower's thread. */
    public interface Listener {

        /**
         * Takes the next record.
         *
         * @param live whether it was written while this process listened
         * @return whether it was heard; what was not comes again later, before anything behind it
         */
        boolean heard(ConsumerRecord<byte[], byte[]> message, boolean live);
    }

    private static final Logger log = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FIRST_AGAIN = Duration.ofMillis(200);
    private static final Duration LONGEST_AGAIN = Duration.ofSeconds(5);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(3);

    private final String topic;
    private final From from;
    private final String withoutIt;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Listener listener;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Consumer<byte[], byte[]> open;

    // What only the thread touches.
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private Duration again = FIRST_AGAIN;
    private boolean toldMissing;
    private boolean putOff;

    /**
     * @param withoutIt what it means that the topic does not exist; ends a sentence
     * @param consumers makes a consumer without a group
     */
    public TopicFollower(
            String topic,
            From from,
            String threadName,
            String withoutIt,
            Supplier<Consumer<byte[], byte[]>> consumers,
            Listener listener) {
        this.topic = topic;
        this.from = from;
        this.withoutIt = withoutIt;
        this.consumers = consumers;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name(threadName).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (stopped.getCount() > 0) {
                try {
                    read();
                } catch (WakeupException | InterruptException asked) {
                    return;
                } catch (KafkaException trouble) {
                    log.warn("{} cannot be read now: {}", topic, trouble.toString());
                } catch (RuntimeException bug) {
                    log.error("{} is not read for a moment, which is a defect of this program", topic, bug);
                }
                boolean _ = stopped.await(again.toMillis(), TimeUnit.MILLISECONDS);
                Duration longer = again.multipliedBy(2);
                again = longer.compareTo(LONGEST_AGAIN) > 0 ? LONGEST_AGAIN : longer;
            }
        } catch (InterruptedException asked) {
            log.debug("{} is followed no longer", topic);
        }
    }

    private void read() {
        Consumer<byte[], byte[]> consumer = consumers.get();
        open = consumer;
        try {
            if (assign(consumer)) {
                toldMissing = false;
                listen(consumer);
            } else if (!toldMissing) {
                toldMissing = true;
                log.warn("Topic {} does not exist, so {}. Create it: toolpost topics create", topic, withoutIt);
            }
        } finally {
            open = null;
            // A fetch that waits for records is not waited for.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    private boolean assign(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            return false;
        }
        consumer.assign(partitions);
        Map<TopicPartition, Long> now = consumer.endOffsets(partitions);
        ends.putAll(now);
        if (from == From.END) {
            now.forEach(next::putIfAbsent);
        }
        consumer.seekToBeginning(partitions);
        next.forEach(consumer::seek);
        return true;
    }

    private void listen(Consumer<byte[], byte[]> consumer) {
        while (stopped.getCount() > 0) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(each.topic(), each.partition());
                putOff = !heard(each, each.offset() >= ends.getOrDefault(partition, 0L));
                if (putOff) {
                    return;
                }
                next.put(partition, each.offset() + 1);
            }
            if (!putOff) {
                again = FIRST_AGAIN;
            }
        }
    }

    private boolean heard(ConsumerRecord<byte[], byte[]> message, boolean live) {
        try {
            return listener.heard(message, live);
        } catch (RuntimeException failure) {
            log.error("The record at offset {} of {} has not reached everybody here", message.offset(), topic, failure);
            return true;
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        Consumer<byte[], byte[]> listening = open;
        if (listening != null) {
            listening.wakeup();
        }
        try {
            if (thread.isAlive() && !thread.join(CLOSE_BOUND)) {
                thread.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
