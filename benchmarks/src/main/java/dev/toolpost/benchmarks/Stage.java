package dev.toolpost.benchmarks;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SandboxProcess;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.sandbox.VendorControl;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.WorkerMain;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.KeySource;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.LocalCredentialStore;
import dev.toolpost.worker.credentials.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Everything around the programs that are measured: a process with broker and registry, one with the simulated vendor, the
 * topics, a credential store. Closes what was started on it, last first. Not thread-safe.
 */
final class Stage implements AutoCloseable {

    static final String TENANT = "acme";
    static final String POOL = "hubspot";

    /** So many that a window never shows. */
    static final LimitOverride UNLIMITED = new LimitOverride(10_000_000, null);

    /** The same for all workers, so that each goes on with what another began. */
    private static final String CURSOR_KEYS =
            "cursor_keys: [{id: bench, key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=}]\n";

    private static final Duration TOPICS_WITHIN = Duration.ofSeconds(30);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);
    private final int shards;
    private final Path directory;
    private final SandboxProcess sandbox;
    private final SandboxProcess vendor;
    private final CredentialStore credentials;
    private final Admin admin;
    private int configs;

    private Stage(int shards, String... vendorOptions) {
        this.shards = shards;
        try {
            this.directory = Files.createTempDirectory("toolpost-benchmark");
            this.sandbox = open(SandboxProcess.start("--contacts=1", "--deals=1"));
            this.vendor = open(SandboxProcess.startVendor(vendorOptions));
            this.admin = open(Admin.create(Map.of("bootstrap.servers", bootstrapServers())));
            this.credentials = LocalCredentialStore.open(
                    directory.resolve("credentials"), new KeySource.KeyFile(directory.resolve("key")));
            new TopicCreator(admin, TOPICS_WITHIN)
                    .create(TopicPlan.of(
                            topics, Set.of(POOL), Set.of(replies()), new TopicPlan.Sizing(shards, shards, (short) 1)));
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts broker, registry and vendor; the options are those of {@link SimulatedVendor#main}. */
    static Stage open(int shards, String... vendorOptions) {
        System.out.println("starting broker, registry and vendor, each measured program in a process of its own");
        return new Stage(shards, vendorOptions);
    }

    /** Has it closed with the stage. */
    <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    String bootstrapServers() {
        return sandbox.bootstrapServers();
    }

    VendorControl vendor() {
        return vendor.vendor();
    }

    CpuTime brokerCpu() {
        return CpuTime.of(sandbox.pid());
    }

    CpuTime vendorCpu() {
        return CpuTime.of(vendor.pid());
    }

    long brokerPid() {
        return sandbox.pid();
    }

    long vendorPid() {
        return vendor.pid();
    }

    Admin admin() {
        return admin;
    }

    Topics topics() {
        return topics;
    }

    /** The topic that agents here are answered on. */
    String replies() {
        return topics.replies("bench");
    }

    int shards() {
        return shards;
    }

    void topic(String name) {
        admin.createTopics(List.of(new NewTopic(name, shards, (short) 1)))
                .all()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    MessageCodec<ToolCall> callCodec() {
        return codec(ToolCall.class);
    }

    MessageCodec<ToolReply> replyCodec() {
        return codec(ToolReply.class);
    }

    <T extends SpecificRecordBase> MessageCodec<T> codec(Class<T> type) {
        return MessageCodec.of(type, new HttpSchemaRegistry(RegistrySettings.at(registry())));
    }

    String registry() {
        return sandbox.registry().toString();
    }

    /** A connection to the vendor with its own token and limit. */
    void connection(String name, String token, LimitOverride limit) {
        credentials.put(
                new ConnectionRecord(
                        TENANT,
                        name,
                        "hubspot",
                        "bearer",
                        Map.of("base_url", vendor().uri().toString()),
                        Map.of("ten_seconds", limit, "daily", UNLIMITED),
                        Set.of(),
                        Map.of()),
                Secret.of("token", token),
                CredentialStore.ANY);
    }

    /** A connection that shares its vendor's one limit with all others. */
    void sharedConnection(String tenant, String name) {
        SharedVendor.connection(this, credentials, tenant, name);
    }

    /** The same number of connections for every shard, all of the vendor's default token. */
    List<String> connections(int perShard, LimitOverride limit) {
        List<String> names = namesByShard(perShard);
        names.forEach(name -> connection(name, SimulatedVendor.DEFAULT_TOKEN, limit));
        return names;
    }

    /** Names of connections, as many for every shard, a shard's together. */
    List<String> namesByShard(int perShard) {
        return namesByShard(TENANT, perShard);
    }

    /** The same for another tenant. */
    List<String> namesByShard(String tenant, int perShard) {
        Map<Integer, List<String>> byShard = new HashMap<>();
        int full = 0;
        for (int i = 0; full < shards; i++) {
            String name = "crm-" + i;
            List<String> names = byShard.computeIfAbsent(Shards.of(tenant, name, shards), shard -> new ArrayList<>());
            if (names.size() < perShard) {
                names.add(name);
                full += names.size() == perShard ? 1 : 0;
            }
        }
        return byShard.values().stream().flatMap(List::stream).toList();
    }

    int shardOf(String connection) {
        return Shards.of(TENANT, connection, shards);
    }

    /** A worker's configuration file, with these settings besides those that it needs here. */
    Path config(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("authorization", "off");
        all.put("kafka.bootstrap.servers", bootstrapServers());
        all.put("schema_registry.url", registry());
        all.put("pools", POOL);
        all.put("default_tenant", TENANT);
        all.put("credentials.file", directory.resolve("credentials").toString());
        all.put("credentials.key_file", directory.resolve("key").toString());
        all.put("http.allow_addresses", "127.0.0.0/8");
        all.putAll(settings);
        StringBuilder yaml = new StringBuilder();
        all.forEach((key, value) -> yaml.append(key + ": '" + value + "'\n"));
        yaml.append(CURSOR_KEYS);
        try {
            return Files.writeString(directory.resolve("worker-" + configs++ + ".yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A worker process. */
    Program worker(List<String> jvm, Map<String, String> settings) {
        return open(Program.start(
                "worker", jvm, WorkerMain.class, "--config", config(settings).toString()));
    }

    /** For files that programs write here. */
    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                System.err.println("could not close: " + e);
            }
        }
    }
}
