package dev.toolpost.connectors.hotupdate;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.signing.PublicKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Keeps a process's connectors up to date: one thread looks at the directories every second and reads the topic of published
 * definitions where keys are trusted. Thread-safe.
 */
public final class HotUpdate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HotUpdate.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration START_BOUND = Duration.ofSeconds(30);

    private final LiveCatalogue live;
    private final DirectoryWatch files;
    private final PublishedConnectors published;
    private final @Nullable ConnectorTopic topic;
    private final Runnable changed;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param directories of connectors, as the catalogue was loaded from
     * @param trusted whose published definitions count; with none the topic is not read
     * @param topic the topic of published definitions
     * @param consumers makes a consumer without a group
     * @param pools asked before a definition takes effect
     * @param changed told, on the thread of the updates, after definitions changed
     */
    public HotUpdate(
            LiveCatalogue live,
            List<Path> directories,
            PublicKeys trusted,
            String topic,
            Supplier<Consumer<byte[], byte[]>> consumers,
            PoolCheck pools,
            Runnable changed) {
        this.live = live;
        this.files = new DirectoryWatch(directories, live, pools, System::nanoTime);
        this.published = new PublishedConnectors(topic, trusted, live, pools, log);
        this.topic = trusted.isEmpty() ? null : new ConnectorTopic(topic, consumers, published);
        this.changed = changed;
        this.thread = Thread.ofPlatform().daemon().name("connectors").unstarted(this::run);
    }

    /**
     * Reads what is published, so that no call meets a catalogue that lacks it.
     *
     * @throws IllegalStateException where it cannot be read
     */
    public void catchUp() throws InterruptedException {
        ConnectorTopic read = topic;
        try {
            if (read != null && !read.readToEnd(START_BOUND)) {
                throw new IllegalStateException("the published connectors cannot be read within "
                        + START_BOUND.toSeconds() + " s (expected: a reachable broker)");
            }
        } catch (KafkaException unreachable) {
            throw new IllegalStateException(
                    "the published connectors cannot be read (expected: a reachable broker, and the right to read the topic): "
                            + unreachable.getMessage(),
                    unreachable);
        }
    }

    /**
     * Reads what is published now into a catalogue, for who wants to know it once. What is refused is not logged: the catalogue
     * {@link LiveCatalogue#refusedPublished has it}.
     *
     * @param consumers makes a consumer without a group
     * @return whether all of it could be read in time
     * @throws IllegalStateException where the topic does not exist
     * @throws KafkaException where it cannot be read
     */
    public static boolean readOnce(
            LiveCatalogue live,
            PublicKeys trusted,
            String topic,
            Supplier<Consumer<byte[], byte[]>> consumers,
            Duration bound)
            throws InterruptedException {
        PublishedConnectors published =
                new PublishedConnectors(topic, trusted, live, pool -> null, NOPLogger.NOP_LOGGER);
        try (ConnectorTopic read = new ConnectorTopic(topic, consumers, published)) {
            return read.readToEnd(bound);
        }
    }

    /** Begins to watch; once. */
    public void start() {
        files.tellRefused();
        thread.start();
    }

    /** How the connectors stand. */
    public ConnectorsStatus status() {
        return live.status();
    }

    private void run() {
        ConnectorTopic read = topic;
        long againAt = System.nanoTime() + DirectoryWatch.AGAIN.toNanos();
        ConnectorCatalogue known = live.current();
        try {
            while (stopped.getCount() > 0) {
                try {
                    files.scan();
                    if (System.nanoTime() - againAt > 0) {
                        againAt = System.nanoTime() + DirectoryWatch.AGAIN.toNanos();
                        published.again();
                    }
                    known = announced(known);
                    if (read == null) {
                        stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                    } else {
                        read.poll(INTERVAL);
                    }
                } catch (RuntimeException | Error bug) {
                    log.error("Connectors could not be brought up to date; what is in force stays", bug);
                    stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException asked) {
            log.debug("connectors are watched no longer");
        } finally {
            if (read != null) {
                read.close();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a change makes another catalogue
    private ConnectorCatalogue announced(ConnectorCatalogue known) {
        ConnectorCatalogue now = live.current();
        if (now != known) {
            changed.run();
        }
        return now;
    }

    @Override
    public void close() {
        stopped.countDown();
        ConnectorTopic read = topic;
        if (read != null && thread.getState() == Thread.State.NEW) {
            read.close();
        }
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(3))) {
                thread.interrupt();
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }
}
