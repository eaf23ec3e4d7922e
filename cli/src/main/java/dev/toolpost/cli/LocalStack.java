package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.sandbox.Sandbox;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.scheduler.Scheduler;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.worker.Worker;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.CredentialStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/**
 * What {@code dev} and {@code demo} run on, in this process: broker, registry, simulated vendors, topics, connections and
 * a worker; in {@code dev} a scheduler too. Closed in the reverse order: what hands over does so while the broker is still there. Thread-safe.
 */
final class LocalStack implements AutoCloseable {
    private static final Duration TOPICS_BOUND = Duration.ofSeconds(30);

    private final Sandbox sandbox;
    private final ToolpostConfig config;
    private final LiveCatalogue connectors;
    private final CredentialStore credentials;
    private final Opened opened = new Opened();

    /** Set once, at the end of the start. */
    private volatile @Nullable Worker worker;

    private volatile @Nullable Scheduler scheduler;

    private LocalStack(Sandbox sandbox, ToolpostConfig config, LiveCatalogue connectors, CredentialStore credentials) {
        this.sandbox = sandbox;
        this.config = config;
        this.connectors = connectors;
        this.credentials = credentials;
        opened.add(sandbox);
    }

    /**
     * What to start.
     *
     * @param home where state is kept, and the configuration file is written
     * @param vendors HubSpot first
     * @param base a configuration to build on, or null
     * @param environment variables that count as configuration
     * @param settings further settings by key, over all others
     */
    record Plan(
            DevHome home,
            EmbeddedKafka.Builder kafka,
            EmbeddedRegistry.Builder registry,
            List<SimulatedVendor.Builder> vendors,
            @Nullable Path base,
            Map<String, String> environment,
            Map<String, String> settings) {}

    /** Starts all but the worker; topics are there, the configuration file is written. */
    static LocalStack start(Plan plan) throws InterruptedException {
        DevHome home = plan.home();
        prepare(home);
        ToolpostConfig early = configuration(plan, Map.of());
        CompletableFuture<LiveCatalogue> catalogue = new CompletableFuture<>();
        // Beside the broker's start, of which much is waiting.
        Thread.ofPlatform().daemon().name("catalogue").start(() -> {
            try {
                catalogue.complete(WorkerMain.connectors(early));
            } catch (RuntimeException wrong) {
                catalogue.completeExceptionally(wrong);
            }
        });
        Sandbox sandbox =
                Sandbox.start(plan.kafka(), plan.registry(), plan.vendors().toArray(new SimulatedVendor.Builder[0]));
        try {
            ToolpostConfig config = configuration(
                    plan,
                    Map.of(
                            "kafka.bootstrap.servers",
                            sandbox.kafka().bootstrapServers(),
                            "schema_registry.url",
                            sandbox.registry().uri().toString()));
            LiveCatalogue known = joined(catalogue);
            createTopics(config, known.current());
            CredentialStore credentials = WorkerMain.credentials(config);
            DevConfigFile.write(home, config);
            return new LocalStack(sandbox, config, known, credentials);
        } catch (RuntimeException | InterruptedException e) {
            sandbox.close();
            throw e;
        }
    }

    private static ToolpostConfig configuration(Plan plan, Map<String, String> addresses) {
        Map<String, String> options = new TreeMap<>(Map.of(
                "credentials.file", plan.home().credentials().toString(),
                "credentials.key_file", plan.home().credentialsKey().toString(),
                "cursor_key_file", plan.home().cursorKeys().toString(),
                "scheduler.state_directory", plan.home().scheduler().toString()));
        options.putAll(addresses);
        options.putAll(plan.settings());
        return ToolpostConfig.dev(plan.base(), plan.environment(), options);
    }

    private static LiveCatalogue joined(CompletableFuture<LiveCatalogue> catalogue) throws InterruptedException {
        try {
            return catalogue.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException wrong ? wrong : new IllegalStateException(e.getCause());
        }
    }

    private static void createTopics(ToolpostConfig config, ConnectorCatalogue catalogue) throws InterruptedException {
        try (Admin admin = Setup.admin(config)) {
            new TopicCreator(admin, TOPICS_BOUND)
                    .create(TopicsCommand.plan(config, Setup.pools(config, catalogue), List.of()));
        }
    }

    /** The directory, for its owner alone, and a key for cursors that outlives this process. */
    private static void prepare(DevHome home) {
        try {
            Files.createDirectories(home.directory());
            boolean posix = Files.getFileStore(home.directory()).supportsFileAttributeView("posix");
            if (posix) {
                Files.setPosixFilePermissions(home.directory(), PosixFilePermissions.fromString("rwx------"));
            }
            if (!Files.exists(home.cursorKeys())) {
                byte[] key = new byte[32];
                new SecureRandom().nextBytes(key);
                Files.writeString(
                        home.cursorKeys(), "local:" + Base64.getEncoder().encodeToString(key) + "\n");
                if (posix) {
                    Files.setPosixFilePermissions(home.cursorKeys(), PosixFilePermissions.fromString("rw-------"));
                }
            }
        } catch (IOException e) {
            throw CliException.usage(
                    "the directory " + home.directory() + " cannot be used: " + e,
                    "Choose another that this user may write: --data DIRECTORY",
                    e);
        }
    }

    /** Starts the worker; it joins its groups in the background. */
    Worker startWorker() {
        Worker started = Worker.start(config, connectors, credentials, WorkerMain.registry(config));
        worker = started;
        opened.add(started);
        return started;
    }

    /** Starts the scheduler; it takes its work up in the background. */
    Scheduler startScheduler() {
        Scheduler started = Scheduler.start(SchedulerSetup.settings(config), connectors, WorkerMain.registry(config));
        scheduler = started;
        opened.add(started);
        return started;
    }

    EmbeddedKafka kafka() {
        return sandbox.kafka();
    }

    EmbeddedRegistry registry() {
        return sandbox.registry();
    }

    /** The first vendor, which is HubSpot. */
    SimulatedVendor vendor() {
        return sandbox.vendor();
    }

    /** A vendor by its name. */
    SimulatedVendor vendor(String name) {
        return sandbox.vendor(name);
    }

    ToolpostConfig config() {
        return config;
    }

    ConnectorCatalogue catalogue() {
        return connectors.current();
    }

    CredentialStore credentials() {
        return credentials;
    }

    /** Why something in here no longer works; null while all is well. */
    @Nullable
    String failure() {
        Throwable broker = sandbox.kafka().failure();
        if (broker != null) {
            return "the Kafka broker failed: " + broker.getMessage();
        }
        Worker running = worker;
        if (running != null) {
            for (var pool : running.status()) {
                if (pool.failure() != null) {
                    return "the worker of pool " + pool.pool() + " failed: " + pool.failure();
                }
            }
        }
        Scheduler scheduling = scheduler;
        Throwable ended = scheduling == null ? null : scheduling.failure();
        return ended == null ? null : "the scheduler failed: " + ended.getMessage();
    }

    @Override
    public void close() {
        opened.close();
    }
}
