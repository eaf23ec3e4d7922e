package dev.toolpost.scheduler.clock;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns the brokers' time: to every partition that somebody watches it sends a tick, a record which says nothing, and takes the time that
 * the broker stamped on it ({@link PartitionClock}). No clock of this machine but the monotonic one is looked at.
 *
 * <p>Thread-safe. One thread of its own; the producer belongs to it and is closed with it.
 */
public final class BrokerClock implements BrokerTime, AutoCloseable {

    /** What a tick says: a deferral's action that everybody leaves alone. */
    private static final byte[] TICK =
            "{\"deferral_id\":\"tick\",\"action\":\"tick\"}".getBytes(StandardCharsets.UTF_8);

    private static final Logger LOG = LoggerFactory.getLogger(BrokerClock.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(2);

    /** How many ticks make up what is remembered. */
    private static final int MEMORY = 18;

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final Duration every;
    private final ScheduledExecutorService thread;
    private final Map<Integer, PartitionClock> clocks = new ConcurrentHashMap<>();
    private final Set<Integer> watched = ConcurrentHashMap.newKeySet();

    /**
     * Ticks from now on.
     *
     * @param producer not transactional
     * @param topic {@code later}, which must be stamped by its brokers (LogAppendTime)
     */
    @SuppressWarnings("FutureReturnValueIgnored") // tick handles what fails
    public BrokerClock(Producer<byte[], byte[]> producer, String topic, Duration every) {
        this.producer = producer;
        this.topic = topic;
        this.every = every;
        this.thread = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("broker-clock").daemon().factory());
        watch(0);
        thread.scheduleAtFixedRate(this::tickAll, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The first tick goes at once. */
    @Override
    public void watch(int partition) {
        if (watched.add(partition)) {
            thread.execute(() -> tick(partition));
        }
    }

    /** Partition 0 is kept. */
    @Override
    public void unwatch(int partition) {
        if (partition != 0) {
            watched.remove(partition);
            clocks.remove(partition);
        }
    }

    @Override
    public long now(int partition) {
        PartitionClock clock = clocks.get(partition);
        return clock == null ? UNKNOWN : clock.now(System.nanoTime());
    }

    private void tickAll() {
        watched.forEach(this::tick);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told
    private void tick(int partition) {
        long sent = System.nanoTime();
        try {
            producer.send(new ProducerRecord<>(topic, partition, null, TICK), acknowledged(partition, sent));
        } catch (RuntimeException e) {
            again(partition, e);
        }
    }

    private Callback acknowledged(int partition, long sent) {
        return (@Nullable RecordMetadata metadata, @Nullable Exception failure) -> {
            long acknowledged = System.nanoTime();
            if (failure != null || metadata == null) {
                again(partition, failure);
            } else if (watched.contains(partition) && metadata.hasTimestamp()) {
                clocks.computeIfAbsent(partition, each -> new PartitionClock(every.multipliedBy(MEMORY)))
                        .stamped(metadata.timestamp(), sent, acknowledged);
            }
        };
    }

    @SuppressWarnings("FutureReturnValueIgnored") // tick handles what fails
    private void again(int partition, @Nullable Exception failure) {
        LOG.debug("No tick of {}-{}", topic, partition, failure);
        if (!thread.isShutdown() && watched.contains(partition) && !clocks.containsKey(partition)) {
            thread.schedule(() -> tick(partition), RETRY.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(CLOSE_BOUND);
    }
}
