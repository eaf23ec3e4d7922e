package dev.toolpost.scheduler;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.hotupdate.ConnectorsStatus;
import dev.toolpost.connectors.hotupdate.HotUpdate;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.scheduler.deferral.Targets;
import dev.toolpost.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The connectors that jobs and schedules may name. Where this process keeps them up to date, it refuses what workers refuse. Thread-safe.
 */
final class Definitions implements ConnectorSource, AutoCloseable {

    private final ConnectorSource source;
    private final @Nullable HotUpdate updates;

    private Definitions(ConnectorSource source, @Nullable HotUpdate updates) {
        this.source = source;
        this.updates = updates;
    }

    /** Kept up to date by somebody else, or by nobody. */
    static Definitions given(ConnectorSource source) {
        return new Definitions(source, null);
    }

    /**
     * Kept up to date by this process, from {@link #start()} on.
     *
     * @param consumers makes a consumer without a group
     */
    static Definitions followed(
            LiveCatalogue live,
            ConnectorUpdates updates,
            Topics topics,
            Supplier<Consumer<byte[], byte[]>> consumers,
            Targets targets) {
        return new Definitions(
                live,
                new HotUpdate(
                        live,
                        updates.directories(),
                        updates.trusted(),
                        topics.connectors(),
                        consumers,
                        pool -> problem(topics.resume(pool), pool, targets),
                        () -> {}));
    }

    /** A consumer without a group, for {@link #followed}. */
    static Consumer<byte[], byte[]> consumer(SchedulerSettings settings) {
        Map<String, Object> kafka = new HashMap<>(settings.kafka());
        kafka.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.applicationId() + "-connectors");
        kafka.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        kafka.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        kafka.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        kafka.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static @Nullable String problem(String resume, String pool, Targets targets) {
        return switch (targets.of(resume, 0)) {
            case MISSING ->
                "its pool " + pool + " cannot be served: topic " + resume
                        + " does not exist (expected: the topics that this creates: toolpost topics create);"
                        + " a vendor that names no pool is served in " + Topics.COMMON_POOL;
            case UNKNOWN -> "nobody can say now whether topic " + resume + " of its pool " + pool + " exists";
            case THERE -> null;
        };
    }

    /** Begins to follow directories and topic. */
    void start() {
        if (updates != null) {
            updates.start();
        }
    }

    /**
     * Reads what is published, so that no job meets a catalogue that lacks it.
     *
     * @throws SchedulerException where it cannot be read
     */
    void catchUp() {
        try {
            if (updates != null) {
                updates.catchUp();
            }
        } catch (IllegalStateException cannot) {
            throw new SchedulerException(String.valueOf(cannot.getMessage()), cannot);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchedulerException("Interrupted while it started.", e);
        }
    }

    @Override
    public ConnectorCatalogue current() {
        return source.current();
    }

    /** How they stand; null where somebody else keeps them. */
    @Nullable
    ConnectorsStatus status() {
        return updates == null ? null : updates.status();
    }

    @Override
    public void close() {
        if (updates != null) {
            updates.close();
        }
    }
}
