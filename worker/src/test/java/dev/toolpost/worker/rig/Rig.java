package dev.toolpost.worker.rig;

import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.sandbox.EmbeddedRegistry;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.Worker;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.oauth.OAuthVendor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Everything around workers for a test: the JVM's one broker and registry, a vendor and a credential store of the test's
 * own, topics under a prefix of its own, workers in this process or in processes of their own.
 */
public final class Rig implements AutoCloseable {

    public static final String TENANT = "acme";
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static volatile String otherBroker;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final String prefix;
    private final Topics topics;
    private final Path directory;
    private final SimulatedVendor vendor;
    private final CredentialStore credentials;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Admin admin;
    private final int partitions;
    private final Set<String> pools = new LinkedHashSet<>(List.of("hubspot", Topics.COMMON_POOL));

    private Rig(int partitions, SimulatedVendor vendor) {
        this.prefix = (otherBroker == null ? "t" : "t" + ProcessHandle.current().pid() + "-")
                + PREFIXES.incrementAndGet() + ".";
        this.topics = new Topics(prefix);
        this.partitions = partitions;
        this.vendor = vendor;
        opened.push(vendor);
        try {
            this.directory = Files.createTempDirectory("toolpost-rig");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.credentials = LocalCredentialStore.open(
                directory.resolve("credentials"), new KeySource.KeyFile(directory.resolve("key")));
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
        opened.push(admin);
        settings.put("prefix", prefix);
        settings.put("authorization", "off");
        settings.put("kafka.bootstrap.servers", bootstrapServers());
        settings.put("schema_registry.url", registryUrl());
        settings.put("pools", String.join(",", pools));
        settings.put("credentials.file", directory.resolve("credentials").toString());
        settings.put("credentials.key_file", directory.resolve("key").toString());
        settings.put("topics.reply_pattern", prefix.replace(".", "\\.") + "replies(\\..+)?");
        settings.put("http.allow_addresses", "127.0.0.0/8");
        settings.put("cursor_keys", "[{id: test, key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=}]");
        createTopics();
    }

    private void createTopics() {
        try {
            new TopicCreator(admin, Duration.ofSeconds(20))
                    .create(TopicPlan.of(
                            topics, pools, Set.of(topics.replies("agent")), new TopicPlan.Sizing(partitions, 1, (short)
                                    1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** With 3 shards and a vendor without latency. */
    public static Rig start() {
        return start(3, SimulatedVendor.start());
    }

    /** With that many shards; the vendor is closed with the rig. */
    public static Rig start(int partitions, SimulatedVendor vendor) {
        return new Rig(partitions, vendor);
    }

    public static String bootstrapServers() {
        String other = otherBroker;
        return other == null ? Shared.KAFKA.bootstrapServers() : other;
    }

    /** Has the rigs that start from here on use another broker than the embedded one; null goes back to it. */
    static void useBroker(String bootstrapServers) {
        otherBroker = bootstrapServers;
    }

    public static String registryUrl() {
        return SharedRegistry.REGISTRY.uri().toString();
    }

    public Topics topics() {
        return topics;
    }

    public SimulatedVendor vendor() {
        return vendor;
    }

    public CredentialStore credentials() {
        return credentials;
    }

    /** Where the rig keeps its files. */
    public Path directory() {
        return directory;
    }

    public Admin admin() {
        return admin;
    }

    /** Changes a setting of workers that start from here on. */
    public Rig with(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /** Adds a HubSpot connection of {@link #TENANT}, with the limits of its vendor. */
    public Rig connection(String connection) {
        return connection(TENANT, connection, Map.of());
    }

    /** Adds a HubSpot connection whose limits hardly bind. */
    public Rig fastConnection(String connection) {
        return connection(
                TENANT,
                connection,
                Map.of(
                        "ten_seconds", new LimitOverride(100_000, null),
                        "search", new LimitOverride(100_000, null)));
    }

    /** Has the rig's topics and workers that start from here on serve the pools of further vendors. */
    public Rig withPools(String... more) {
        pools.addAll(List.of(more));
        createTopics();
        return with("pools", String.join(",", pools));
    }

    /** Has workers that start from here on know a connector of one's own. */
    public Rig withConnector(String name, String yaml) {
        try {
            Files.writeString(connectors().resolve(name + ".yaml"), yaml);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has workers know the made-up vendors whose connections authenticate by OAuth 2.0. */
    public Rig withOAuthVendors() {
        try {
            OAuthVendor.writeTo(connectors());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path connectors() throws IOException {
        Path connectors = Files.createDirectories(directory.resolve("connectors"));
        with("connectors.directories", "[\"" + connectors + "\"]");
        return connectors;
    }

    /** Stores a connection of any vendor. */
    public Rig connection(ConnectionRecord connection, Secret secret) {
        credentials.put(connection, secret, CredentialStore.ANY);
        return this;
    }

    /** Closes something with the rig. */
    public <T extends AutoCloseable> T owns(T resource) {
        opened.push(resource);
        return resource;
    }

    /**
     * Stores a grant that the vendor gave as a connection of {@link #TENANT}.
     *
     * @param vendorId {@link OAuthVendor#STRICT} or {@link OAuthVendor#LENIENT}
     * @param obtainedAt when its access token was fetched, in epoch milliseconds
     * @param expiresAt when it ends, as the store knows it
     */
    public Rig grant(String vendorId, String connection, OAuthGrant grant, long obtainedAt, long expiresAt) {
        credentials.put(
                OAuthVendor.connection(vendorId, TENANT, connection, vendor.uri()),
                OAuthVendor.secret(grant, expiresAt),
                new GrantState(null, null, obtainedAt),
                CredentialStore.ANY);
        return this;
    }

    public Rig connection(String tenant, String connection, Map<String, LimitOverride> limits) {
        return connection(tenant, connection, limits, vendor.uri());
    }

    /** Adds a HubSpot connection whose API is elsewhere. */
    public Rig connection(String tenant, String connection, Map<String, LimitOverride> limits, URI api) {
        credentials.put(
                new ConnectionRecord(
                        tenant,
                        connection,
                        "hubspot",
                        "bearer",
                        Map.of("base_url", api.toString()),
                        limits,
                        Set.of(),
                        Map.of()),
                Secret.of("token", SimulatedVendor.DEFAULT_TOKEN),
                CredentialStore.ANY);
        return this;
    }

    public ToolpostConfig config() {
        return ToolpostConfig.load(configFile(), Map.of());
    }

    /** The settings as a file, for processes. */
    public Path configFile() {
        StringBuilder yaml = new StringBuilder();
        settings.forEach((key, value) -> yaml.append(line(key, value)));
        try {
            Path file = Files.createTempFile(directory, "worker", ".yaml");
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(String key, String value) {
        boolean plain = value.startsWith("[");
        return key + ": " + (plain ? value : "'" + value.replace("'", "''") + "'") + "\n";
    }

    /** A worker in this process, closed with the rig. */
    public Worker worker() {
        return worker(credentials);
    }

    /** A worker in this process with a credential store of the test's own. */
    public Worker worker(CredentialStore store) {
        ToolpostConfig config = config();
        Worker worker = Worker.start(
                config,
                WorkerMain.connectors(config),
                store,
                new HttpSchemaRegistry(RegistrySettings.at(registryUrl())));
        opened.push(worker);
        return worker;
    }

    /** A worker in a process of its own, killed with the rig. */
    public WorkerProcess workerProcess() {
        WorkerProcess process = WorkerProcess.start(configFile());
        opened.push(process);
        return process;
    }

    /** An agent that replies come to at its own topic. */
    public Agent agent() {
        Agent agent = new Agent(bootstrapServers(), topics, pools, topics.replies("agent"));
        opened.push(agent);
        return agent;
    }

    /** An agent of another name, with a reply topic to itself. */
    public Agent agent(String name) {
        String topic = topics.replies(name);
        try {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        Agent agent = new Agent(bootstrapServers(), topics, pools, topic);
        opened.push(agent);
        return agent;
    }

    @Override
    public void close() {
        Map<AutoCloseable, Exception> failed = new HashMap<>();
        while (!opened.isEmpty()) {
            AutoCloseable each = opened.pop();
            try {
                each.close();
            } catch (Exception e) {
                failed.put(each, e);
            }
        }
        if (!failed.isEmpty()) {
            throw new IllegalStateException("could not close " + failed);
        }
    }

    /** One broker for all tests of the JVM. */
    private static final class Shared {
        static final EmbeddedKafka KAFKA = EmbeddedKafka.start();
    }

    /** One registry for all tests of the JVM. */
    private static final class SharedRegistry {
        static final EmbeddedRegistry REGISTRY = EmbeddedRegistry.start();
    }
}
