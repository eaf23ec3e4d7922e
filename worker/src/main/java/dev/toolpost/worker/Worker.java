package dev.toolpost.worker;

import dev.toolpost.connectors.hotupdate.ConnectorsStatus;
import dev.toolpost.connectors.hotupdate.HotUpdate;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.message.LimitEvent;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.broker.KafkaClients;
import dev.toolpost.worker.broker.SchedulerPresence;
import dev.toolpost.worker.call.CallSettings;
import dev.toolpost.worker.call.PoolShards;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.config.GroupProtocol;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.config.WhenUnreachable;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.health.HealthServer;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import dev.toolpost.worker.intake.Intake;
import dev.toolpost.worker.limitnews.LimitEventReader;
import dev.toolpost.worker.limitnews.LimitEventWriter;
import dev.toolpost.worker.memory.HeapParts;
import dev.toolpost.worker.metrics.LimitGauges;
import dev.toolpost.worker.metrics.WorkerMetrics;
import dev.toolpost.worker.oauth.IdleGrants;
import dev.toolpost.worker.oauth.RefreshBounds;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.paging.CursorKey;
import dev.toolpost.worker.paging.CursorSeal;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.shared.RedisPermitsSource;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import dev.toolpost.worker.reply.ReplyRoutes;
import dev.toolpost.worker.sql.VendorSql;
import dev.toolpost.worker.sql.VendorSqlSettings;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker process: executes the calls of its pools until it is closed. Thread-safe.
 *
 * <p>{@link #close()} hands everything over in order: no new calls, requests at the vendors finish within the drain
 * time-out, shards are handed back.
 */
public final class Worker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration STOP_BOUND = Duration.ofSeconds(45);

    private final String instance;
    private final Admin admin;
    private final Producer<byte[], byte[]> replyProducer;
    private final VendorHttp http;
    private final VendorSql sql;
    private final @Nullable RedisPermitsSource redis;
    private final ToolpostConfig config;
    private final WorkerMetrics metrics;
    private final Topics topics;
    private final LiveCatalogue connectors;
    private final PoolWorker.Shared shared;
    private final HotUpdate hotUpdate;
    private final @Nullable ConnectionChanges connectionChanges;
    private final LimitEventWriter limitEventsOut;
    private final LimitEventReader limitEvents;
    private final List<PoolWorker> pools = new CopyOnWriteArrayList<>();
    private final @Nullable HealthServer health;

    private Worker(
            ToolpostConfig config,
            LiveCatalogue connectors,
            CredentialStore credentials,
            @Nullable SchemaRegistry registry) {
        this.config = config;
        this.topics = new Topics(config.prefix());
        this.connectors = connectors;
        ToolpostConfig.Worker settings = config.worker();
        this.instance = settings.clientIdPrefix() + "-" + suffix();
        int mostBegun = CallSettings.mostBegunAtOnce(settings.maxInFlight());
        this.metrics = settings.healthPort() == null ? WorkerMetrics.off() : WorkerMetrics.scraped();
        KafkaClients clients = new KafkaClients(
                config.kafka().properties(),
                settings.groupProtocol() == GroupProtocol.CONSUMER,
                settings.sessionTimeout(),
                settings.transactionTimeout(),
                Intake.MOST_POLLED,
                metrics.kafka());
        this.admin = clients.admin(instance + "-admin");
        this.hotUpdate = new HotUpdate(
                connectors,
                config.connectors().directories(),
                config.connectors().trustedKeys(),
                topics.connectors(),
                () -> clients.reader(instance + "-connectors"),
                this::poolProblem,
                this::servePools);
        Map<String, Integer> shards;
        try {
            hotUpdate.catchUp();
            shards = shardsOf(poolsWanted());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            hotUpdate.close();
            admin.close(Duration.ZERO);
            throw new IllegalStateException("interrupted while starting", interrupted);
        } catch (RuntimeException refused) {
            hotUpdate.close();
            admin.close(Duration.ZERO);
            throw refused;
        }
        this.replyProducer = clients.plain(instance + "-replies");
        this.http = new VendorHttp(VendorHttpSettings.DEFAULTS
                .withConnectionsPerHost(settings.maxInFlight() + mostBegun)
                .withConnectTimeout(config.http().connectTimeout())
                .withMaxBodyBytes(
                        Math.toIntExact(config.http().maxResponseSize().bytes()))
                .withAddresses(AddressPolicy.allowing(config.http().allowAddresses())));
        this.sql = new VendorSql(VendorSqlSettings.DEFAULTS
                .withConnectTimeout(config.http().connectTimeout())
                .withMaxBodyBytes(
                        Math.toIntExact(config.http().maxResponseSize().bytes()))
                .withAddresses(AddressPolicy.allowing(config.http().allowAddresses())));
        this.redis = config.limits().redis() == null
                ? null
                : new RedisPermitsSource(
                        config.limits().redis(),
                        config.limits().whenUnreachable() == WhenUnreachable.SHARE,
                        up -> pools.forEach(pool -> pool.reach(up)));
        MessageCodec<LimitEvent> limitEventCodec = MessageCodec.of(LimitEvent.class, registry);
        this.limitEventsOut = new LimitEventWriter(
                topics.limitEvents(),
                limitEventCodec,
                registry == null ? Format.JSON : Format.AVRO,
                replyProducer,
                instance,
                InstantSource.system());
        this.limitEvents = new LimitEventReader(
                topics.limitEvents(),
                limitEventCodec,
                () -> clients.listener(instance + "-limits"),
                instance,
                InstantSource.system(),
                (news, age) -> pools.forEach(pool -> pool.hear(news, age)));
        this.shared = new PoolWorker.Shared(
                topics,
                clients,
                admin,
                registry,
                connectors,
                credentials,
                http,
                sql,
                new CursorSeal(cursorKeys(config), new SecureRandom()),
                new ReplyRoutes(admin, config.topics().replyPattern(), topics.replies(), System::nanoTime),
                new SchedulerPresence(admin, config.scheduler().applicationId(), System::nanoTime),
                replyProducer,
                new PoolShards(admin, topics),
                callSettings(config, registry),
                redis == null ? SharedPermitsSource.NONE : redis,
                limitEventsOut,
                HeapParts.ofHeap(),
                new RefreshBounds(config.credentials().refreshTimeout()),
                new IdleGrants(
                        config.credentials().idleCheck(), config.credentials().refreshIdleAfter()),
                metrics,
                InstantSource.system(),
                new PerThreadRandom());
        this.connectionChanges = credentials.wantsToHearOfChanges()
                ? new ConnectionChanges(
                        topics.connectionEvents(), () -> clients.listener(instance + "-changes"), credentials)
                : null;
        shards.forEach((pool, count) -> pools.add(poolWorker(pool, count)));
        showLimitsAndBreakers();
        this.health = settings.healthPort() == null ? null : healthServer(settings.healthBind(), settings.healthPort());
    }

    /**
     * Starts a worker.
     *
     * @param credentials stays open when the worker is closed
     * @param registry null where all messages are plain JSON
     * @throws IllegalStateException where it cannot work like this: Java too old, topics missing or of unequal partition
     *     counts; the message says what to do
     */
    public static Worker start(
            ToolpostConfig config,
            LiveCatalogue connectors,
            CredentialStore credentials,
            @Nullable SchemaRegistry registry) {
        JdkCheck.require();
        config.requireWorkable();
        Worker worker = new Worker(config, connectors, credentials, registry);
        worker.limitEventsOut.start();
        worker.limitEvents.start();
        worker.pools.forEach(PoolWorker::start);
        worker.hotUpdate.start();
        ConnectionChanges changes = worker.connectionChanges;
        if (changes != null) {
            changes.start();
        }
        log.info(
                "Worker {} serves {}",
                worker.instance,
                worker.pools.stream().map(PoolWorker::pool).toList());
        return worker;
    }

    /** Names the process in client ids and transactional ids. */
    public String instance() {
        return instance;
    }

    /** How each pool stands. */
    public List<PoolWorker.Status> status() {
        return pools.stream().map(PoolWorker::status).toList();
    }

    /** How the limits of the connections stand that it owns and has used. */
    public List<ConnectionLimits> limits() {
        return pools.stream().flatMap(pool -> pool.limits().stream()).toList();
    }

    private void showLimitsAndBreakers() {
        LimitGauges gauges = new LimitGauges(metrics.registry());
        MultiGauge breakers = MultiGauge.builder("toolpost.breaker.servers")
                .description("Servers of vendors by the position of their circuit breaker")
                .register(metrics.registry());
        metrics.beforeScrape(() -> {
            gauges.show(limits());
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            for (PoolWorker pool : pools) {
                pool.breakers()
                        .forEach((vendor, positions) ->
                                positions.forEach((position, servers) -> rows.add(MultiGauge.Row.of(
                                        Tags.of(
                                                "pool",
                                                pool.pool(),
                                                "vendor",
                                                vendor,
                                                "position",
                                                position.toLowerCase(Locale.ROOT)),
                                        servers))));
            }
            breakers.register(rows, true);
        });
    }

    /** How its connectors stand. */
    public ConnectorsStatus connectors() {
        return hotUpdate.status();
    }

    /** Where the health endpoint listens; null without one. */
    public @Nullable InetSocketAddress healthAddress() {
        return health == null ? null : health.address();
    }

    @Override
    public void close() {
        hotUpdate.close();
        ConnectionChanges changes = connectionChanges;
        if (changes != null) {
            changes.close();
        }
        List<Thread> stopping = pools.stream()
                .map(pool -> Thread.ofVirtual().start(() -> pool.stop(STOP_BOUND)))
                .toList();
        for (Thread each : stopping) {
            try {
                each.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        limitEvents.close();
        limitEventsOut.close();
        replyProducer.close(Duration.ofSeconds(5));
        admin.close(Duration.ofSeconds(1));
        if (redis != null) {
            redis.close();
        }
        http.close();
        sql.close();
        if (health != null) {
            health.close();
        }
        metrics.close();
    }

    private HealthServer healthServer(String bind, int port) {
        try {
            return HealthServer.start(
                    new InetSocketAddress(bind, port),
                    new HealthServer.Sources(instance, this::status, this::connectors, this::limits, metrics::scrape));
        } catch (IOException taken) {
            throw new UncheckedIOException(
                    "worker.health_port: " + port + " at " + bind
                            + " cannot be used (expected: a free port; 0 takes any)",
                    taken);
        }
    }

    private PoolWorker poolWorker(String pool, int shards) {
        ToolpostConfig.Worker settings = config.worker();
        return new PoolWorker(
                shared,
                PoolTopics.of(topics, pool, shards),
                instance + "-" + pool,
                settings.sessionTimeout(),
                settings.offsetCommitInterval(),
                settings.drainTimeout());
    }

    private Set<String> poolsWanted() {
        if (!config.pools().isEmpty()) {
            return new TreeSet<>(config.pools());
        }
        Set<String> all = new TreeSet<>(connectors.current().pools());
        all.add(Topics.COMMON_POOL);
        return all;
    }

    private boolean serves(String pool) {
        return pools.stream().anyMatch(each -> each.pool().equals(pool));
    }

    /** Why no worker could serve vendors of a pool; null where this one does, or others can. */
    private @Nullable String poolProblem(String pool) {
        if (serves(pool)) {
            return null;
        }
        try {
            shardsOf(Set.of(pool));
            return null;
        } catch (IllegalStateException cannot) {
            return "its pool " + pool + " cannot be served: " + cannot.getMessage()
                    + "; a vendor that names no pool is served in " + Topics.COMMON_POOL;
        }
    }

    /** Begins with the pools that new connectors belong to, where this worker is for all pools. */
    private void servePools() {
        for (String pool : poolsWanted()) {
            if (!serves(pool)) {
                try {
                    shardsOf(Set.of(pool)).forEach((name, count) -> {
                        PoolWorker begun = poolWorker(name, count);
                        pools.add(begun);
                        begun.start();
                        log.info("Worker {} serves {} too", instance, name);
                    });
                } catch (IllegalStateException cannot) {
                    log.error("Pool {} cannot be served: {}", pool, cannot.getMessage());
                }
            }
        }
    }

    /** The shard count of each pool, whose topics must exist and be alike. */
    private Map<String, Integer> shardsOf(Set<String> poolNames) {
        List<String> problems = new ArrayList<>();
        Map<String, Integer> shards = new LinkedHashMap<>();
        for (String pool : poolNames) {
            List<String> names =
                    List.of(topics.calls(pool), topics.batch(pool), topics.resume(pool), topics.state(pool));
            Map<String, Integer> counts = partitionCounts(names, problems);
            if (new TreeSet<>(counts.values()).size() > 1) {
                problems.add("the topics of pool " + pool + " have unequal partition counts " + counts);
            }
            counts.values().stream().findFirst().ifPresent(count -> shards.put(pool, count));
        }
        // Every call that needs one of them would wait for it in vain, and hold up what shares its transaction.
        partitionCounts(List.of(topics.deadLetters(), topics.later(), topics.jobParts()), problems);
        if (!problems.isEmpty()) {
            throw new IllegalStateException(
                    String.join("; ", problems) + " (expected: the topics that this creates: toolpost topics create)");
        }
        return shards;
    }

    /** The partition count of each topic that exists. */
    private Map<String, Integer> partitionCounts(List<String> names, List<String> problems) {
        Map<String, KafkaFuture<TopicDescription>> described =
                admin.describeTopics(names).topicNameValues();
        Map<String, Integer> counts = new LinkedHashMap<>();
        described.forEach((name, description) -> {
            try {
                counts.put(name, description.get().partitions().size());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw new IllegalStateException(
                            "the Kafka cluster cannot be asked for topic " + name
                                    + " (expected: a reachable broker at" + " kafka.bootstrap.servers): "
                                    + failed.getMessage(),
                            failed.getCause());
                }
                problems.add("topic " + name + " does not exist");
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while starting", interrupted);
            }
        });
        return counts;
    }

    private static CallSettings callSettings(ToolpostConfig config, @Nullable SchemaRegistry registry) {
        ToolpostConfig.Worker settings = config.worker();
        return new CallSettings(
                config.defaultTenant(),
                Math.toIntExact(settings.maxCallSize().bytes()),
                settings.deadlineInteractive(),
                settings.deadlineBatch(),
                settings.deadlineMax(),
                settings.maxInFlight(),
                settings.maxInFlightPerConnection(),
                config.limits().deferAfter(),
                config.limits().tenantWeights(),
                Math.toIntExact(settings.recordedReplyMax().bytes()),
                registry == null ? Format.JSON : Format.AVRO);
    }

    private static List<CursorKey> cursorKeys(ToolpostConfig config) {
        if (config.cursorKeys().isEmpty()) {
            log.warn(
                    "No cursor_keys are configured: cursors sealed here open at no other worker and not after a restart");
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            return List.of(new CursorKey("process", key));
        }
        return config.cursorKeys();
    }

    private static String suffix() {
        byte[] bits = new byte[4];
        new SecureRandom().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    /** Jitter without contention. */
    private static final class PerThreadRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }
    }
}
