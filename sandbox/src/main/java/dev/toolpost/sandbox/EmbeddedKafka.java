package dev.toolpost.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.FaultHandlerFactory;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.FaultHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * A real Apache Kafka broker (KRaft, broker and controller in one) inside this process.
 *
 * <p>Its settings are Kafka's own, except for what a single node needs (replication factor 1, few internal partitions) and what makes tests of
 * failure quick: groups may use sessions of 1 s, a first join does not wait, transactions of dead producers are swept every second. Topics
 * are not created by accident ({@code auto.create.topics.enable=false}).
 *
 * <p>Without a data directory everything is gone on {@link #close()}; with one, a broker started on it again has its topics, records and
 * groups, also after the process was killed. Kafka logs through SLF4J under {@code kafka}, {@code org.apache.kafka} and {@code
 * state.change.logger}. Thread-safe.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final String BROKER = "PLAINTEXT";
    private static final String CONTROLLER = "CONTROLLER";
    private static final int NODE_ID = 1;
    private static final Duration STOP_BOUND = Duration.ofSeconds(20);

    private final Path directory;
    private final @Nullable ScratchDirectory scratch;
    private final String host;
    private final int port;
    private final String bootstrapServers;
    private final String clusterId;
    private final Metrics metrics;
    private final SharedServer shared;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private final Duration startTook;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private boolean closed;

    private EmbeddedKafka(Builder builder) {
        long startNanos = System.nanoTime();
        this.host = builder.host;
        this.scratch = builder.dataDirectory == null ? ScratchDirectory.create("toolpost-kafka-") : null;
        this.directory = scratch != null ? scratch.path().resolve("data") : Builder.required(builder.dataDirectory);
        Map<String, ServerSocketChannel> listeners = new HashMap<>();
        try {
            listeners.put(BROKER, Listening.open("Kafka broker", host, builder.port));
            listeners.put(CONTROLLER, Listening.open("Kafka controller", Listening.LOOPBACK, 0));
            this.port = Listening.port(listening(listeners, BROKER));
            this.bootstrapServers = builder.advertised() + ":" + port;
            Properties properties = properties(builder, Listening.port(listening(listeners, CONTROLLER)));
            KafkaConfig config = new KafkaConfig(properties, false);
            format(config);
            Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> storage = KafkaRaftServer.initializeLogDirs(
                    config, LoggerFactory.getLogger(KafkaRaftServer.class), "[EmbeddedKafka] ");
            this.clusterId = storage._1().clusterId().orElseThrow();
            this.metrics = Server.initializeMetrics(config, Time.SYSTEM, clusterId);
            ServerSocketFactory sockets = (name, address, backlog, receiveBuffer) -> listening(listeners, name);
            FaultHandlerFactory faults = (name, fatal, action) -> faultHandler(name, fatal, action);
            this.shared = new SharedServer(
                    config,
                    storage._1(),
                    Time.SYSTEM,
                    metrics,
                    CompletableFuture.completedFuture(QuorumConfig.parseVoterConnections(
                            config.quorumConfig().voters())),
                    QuorumConfig.parseBootstrapServers(config.quorumConfig().bootstrapServers()),
                    faults,
                    sockets);
            this.broker = new BrokerServer(shared);
            this.controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
        } catch (Throwable e) {
            listeners.values().forEach(EmbeddedKafka::closeQuietly);
            removeScratch();
            throw e;
        }
        try {
            controller.startup();
            broker.startup();
        } catch (Throwable e) {
            stop();
            listeners.values().forEach(EmbeddedKafka::closeQuietly);
            throw new SandboxException("The Kafka broker did not start in " + directory + ": " + e.getMessage(), e);
        }
        this.startTook = Duration.ofNanos(System.nanoTime() - startNanos);
        LOG.info("Kafka broker at {} after {} ms, data in {}", bootstrapServers, startTook.toMillis(), directory);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A broker on a free port of the loopback address with a temporary data directory. */
    public static EmbeddedKafka start() {
        return builder().start();
    }

    /** What clients take as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    public int port() {
        return port;
    }

    public String clusterId() {
        return clusterId;
    }

    public Path dataDirectory() {
        return directory;
    }

    /** From the call of {@link Builder#start()} until clients were served. */
    public Duration startTook() {
        return startTook;
    }

    /** Why the broker stopped working by itself, or null while it works. */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    /** Stops the broker cleanly; what was acknowledged is on disk. A temporary data directory is removed. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        stop();
    }

    private void stop() {
        attempt("broker", () -> broker.shutdown(STOP_BOUND));
        attempt("controller", controller::shutdown);
        attempt("metrics", metrics::close);
        removeScratch();
    }

    private void removeScratch() {
        if (scratch != null) {
            scratch.close();
        }
    }

    private static void attempt(String what, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn("The Kafka {} did not stop cleanly", what, e);
        }
    }

    private FaultHandler faultHandler(String name, boolean fatal, @Nullable Runnable action) {
        return (message, cause) -> {
            RuntimeException fault = new SandboxException("Kafka " + name + ": " + message, cause);
            if (fatal) {
                failure.compareAndSet(null, fault);
                LOG.error("The Kafka broker in {} failed and no longer works", directory, fault);
            } else {
                LOG.warn("Kafka {}: {}", name, message, cause);
            }
            if (action != null) {
                action.run();
            }
            return fault;
        };
    }

    private Properties properties(Builder builder, int controllerPort) {
        Properties all = new Properties();
        all.put("process.roles", "broker,controller");
        all.put("node.id", Integer.toString(NODE_ID));
        all.put("controller.listener.names", CONTROLLER);
        all.put("controller.quorum.voters", NODE_ID + "@" + Listening.LOOPBACK + ":" + controllerPort);
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("inter.broker.listener.name", BROKER);
        all.put(
                "listeners",
                BROKER + "://" + host + ":" + port + "," + CONTROLLER + "://" + Listening.LOOPBACK + ":"
                        + controllerPort);
        all.put("advertised.listeners", BROKER + "://" + bootstrapServers);
        all.put("log.dirs", directory.toString());
        all.put("auto.create.topics.enable", "false");

        // One node.
        all.put("offsets.topic.replication.factor", "1");
        all.put("offsets.topic.num.partitions", "4");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("transaction.state.log.num.partitions", "4");
        all.put("share.coordinator.state.topic.replication.factor", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        all.put("share.coordinator.state.topic.num.partitions", "2");
        // A node that was killed may register again once its old session is over.
        all.put("broker.session.timeout.ms", "5000");
        all.put("broker.heartbeat.interval.ms", "500");

        // Quick detection of members and producers that died.
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("group.min.session.timeout.ms", "1000");
        all.put("group.consumer.min.session.timeout.ms", "1000");
        all.put("group.consumer.session.timeout.ms", "6000");
        all.put("group.consumer.min.heartbeat.interval.ms", "200");
        all.put("group.consumer.heartbeat.interval.ms", "500");
        all.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");

        // A guest in somebody else's process.
        all.put("num.network.threads", "2");
        all.put("num.io.threads", "4");
        all.put("background.threads", "2");
        all.put("num.recovery.threads.per.data.dir", "2");
        all.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        all.put("metric.reporters", "");

        all.putAll(builder.properties);
        return all;
    }

    private void format(KafkaConfig config) {
        try {
            Files.createDirectories(directory);
            if (Files.exists(directory.resolve("meta.properties"))) {
                return;
            }
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(config.nodeId())
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setControllerListenerName(CONTROLLER)
                    .setDirectories(List.of(directory.toString()))
                    .setMetadataLogDirectory(directory.toString())
                    .run();
        } catch (Exception e) {
            throw new SandboxException(
                    "Cannot prepare the Kafka data directory " + directory + ": " + e.getMessage()
                            + ". Give a directory that this user may write, or none for a temporary one.",
                    e);
        }
    }

    private static ServerSocketChannel listening(Map<String, ServerSocketChannel> listeners, String name) {
        ServerSocketChannel channel = listeners.get(name);
        if (channel == null) {
            throw new SandboxException(
                    "Listener " + name + " (expected: one of " + listeners.keySet() + "): do not set 'listeners'.");
        }
        return channel;
    }

    private static void closeQuietly(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("Closing {}", channel, e);
        }
    }

    /** Settings of a broker to be started. Not thread-safe. */
    public static final class Builder {

        private String host = Listening.LOOPBACK;
        private @Nullable String advertisedHost;
        private int port;
        private @Nullable Path dataDirectory;
        private final Map<String, String> properties = new HashMap<>();

        private Builder() {}

        /** Where to listen; default 127.0.0.1. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** The host that clients are told; default the one listened on, and 127.0.0.1 for 0.0.0.0. */
        public Builder advertisedHost(String advertisedHost) {
            this.advertisedHost = advertisedHost;
            return this;
        }

        /** Default 0: any free port. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** Where topics live and stay after {@link EmbeddedKafka#close()}; default a temporary directory. */
        public Builder dataDirectory(Path dataDirectory) {
            this.dataDirectory = dataDirectory.toAbsolutePath();
            return this;
        }

        /** A broker setting by Kafka's own name, over the defaults here. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        public Builder properties(Map<String, String> more) {
            properties.putAll(more);
            return this;
        }

        /**
         * Starts the broker and returns when clients are served.
         *
         * @throws SandboxException when the port is taken or the data directory cannot be used
         */
        public EmbeddedKafka start() {
            return new EmbeddedKafka(this);
        }

        private String advertised() {
            return advertisedHost != null ? advertisedHost : Listening.reachable(host);
        }

        private static Path required(@Nullable Path path) {
            if (path == null) {
                throw new IllegalStateException("no data directory");
            }
            return path;
        }
    }
}
