package dev.toolpost.benchmarks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads {@code read_committed} what {@link NumberedDeferrals} became, from the beginning, on a thread of its own. Thread-safe.
 */
final class Arrivals implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AtomicIntegerArray times;
    private final LongAdder arrived = new LongAdder();
    private final LongAdder early = new LongAdder();
    private final List<Long> lateness = new ArrayList<>();
    private final List<Long> cameNanos = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean closing;

    /**
     * Of numbers from 0 to below a bound.
     *
     * @param numbers the bound
     */
    Arrivals(DeferralPlace place, int numbers) {
        this.times = new AtomicIntegerArray(numbers);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        place.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        10_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = new ArrayList<>();
        for (int i = 0; i < place.partitions(); i++) {
            all.add(new TopicPartition(place.target(), i));
        }
        consumer.assign(all);
        consumer.seekToBeginning(all);
        Thread.ofPlatform().name("arrivals").daemon().start(this::read);
    }

    private void read() {
        try (consumer) {
            while (!closing) {
                var records = consumer.poll(Duration.ofMillis(100));
                long now = System.currentTimeMillis();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    note(record, now);
                }
            }
            ended.complete(null);
        } catch (WakeupException e) {
            ended.complete(null);
        } catch (RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    private void note(ConsumerRecord<byte[], byte[]> record, long now) {
        ByteBuffer value = ByteBuffer.wrap(record.value());
        int number = value.getInt();
        long due = value.getLong();
        if (times.getAndIncrement(number) == 0) {
            arrived.increment();
        }
        if (record.timestamp() < due) {
            early.increment();
        }
        synchronized (lateness) {
            lateness.add((now - due) * 1_000_000);
            cameNanos.add(System.nanoTime());
        }
    }

    long arrived() {
        return arrived.sum();
    }

    /** How many came before they were due, by the broker's own stamp. */
    long early() {
        return early.sum();
    }

    long doubled() {
        long doubled = 0;
        for (int i = 0; i < times.length(); i++) {
            doubled += times.get(i) > 1 ? 1 : 0;
        }
        return doubled;
    }

    /** Of those below a number, how many never came. */
    long lost(int below) {
        long lost = 0;
        for (int i = 0; i < below; i++) {
            lost += times.get(i) == 0 ? 1 : 0;
        }
        return lost;
    }

    /** From due to read, in nanoseconds, of all that came. */
    List<Long> lateness() {
        synchronized (lateness) {
            return List.copyOf(lateness);
        }
    }

    /** Milliseconds from then to the next that came; NaN where none did. */
    double nextMillis(long afterNanos) {
        synchronized (lateness) {
            return cameNanos.stream()
                    .filter(each -> each >= afterNanos)
                    .findFirst()
                    .map(each -> (each - afterNanos) / 1e6)
                    .orElse(Double.NaN);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        ended.join();
    }
}
