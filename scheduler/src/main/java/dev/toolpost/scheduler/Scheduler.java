package dev.toolpost.scheduler;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.connectors.hotupdate.LiveCatalogue;
import dev.toolpost.message.Deferral;
import dev.toolpost.scheduler.clock.BrokerClock;
import dev.toolpost.scheduler.deferral.AdminTargets;
import dev.toolpost.scheduler.deferral.Deferrals;
import dev.toolpost.scheduler.deferral.Targets;
import dev.toolpost.scheduler.feature.Feature;
import dev.toolpost.scheduler.feature.Surroundings;
import dev.toolpost.scheduler.fencing.DeadTransactions;
import dev.toolpost.scheduler.http.Peers;
import dev.toolpost.scheduler.http.Router;
import dev.toolpost.scheduler.http.StatusServer;
import dev.toolpost.scheduler.job.Jobs;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.scheduler.schedule.Schedules;
import dev.toolpost.scheduler.state.InstanceId;
import dev.toolpost.scheduler.state.RestoreProgress;
import dev.toolpost.scheduler.state.StandbyProgress;
import dev.toolpost.scheduler.state.StateOnDisk;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One scheduler process: deferrals, jobs and schedules as one Kafka Streams application with exactly-once transactions, and an HTTP server
 * that says how they stand. Any number of them share the work. Thread-safe.
 */
public final class Scheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(20);
    private static final long CHECK_SECONDS = 20;

    /** Only what a change of the group's members did not show: they are looked for then, too. */
    private static final Duration LOOK_FOR_DEAD = Duration.ofSeconds(5);

    private final StreamsFailures failures;
    private final HealthPages health;
    private final StatusServer server;
    private final Deque<AutoCloseable> opened;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean closed;

    private Scheduler(StreamsFailures failures, HealthPages health, StatusServer server, Deque<AutoCloseable> opened) {
        this.failures = failures;
        this.health = health;
        this.server = server;
        this.opened = opened;
    }

    /** {@link #start(SchedulerSettings, ConnectorSource, SchemaRegistry)} with connectors that never change. */
    public static Scheduler start(
            SchedulerSettings settings, ConnectorCatalogue catalogue, @Nullable SchemaRegistry registry) {
        return start(settings, ConnectorSource.fixed(catalogue), registry);
    }

    /**
     * Starts and returns while the state is being restored; {@link #ready()} tells when that is over.
     *
     * @param connectors those that jobs and schedules may name
     * @param registry null where messages are JSON only
     * @throws SchedulerException where it cannot work as it is configured
     */
    public static Scheduler start(
            SchedulerSettings settings, ConnectorSource connectors, @Nullable SchemaRegistry registry) {
        return start(settings, _ -> Definitions.given(connectors), registry);
    }

    /**
     * The same, and keeps the connectors up to date.
     *
     * @param updates where definitions come from while it runs
     * @throws SchedulerException also where published definitions count and cannot be read
     */
    public static Scheduler start(
            SchedulerSettings settings,
            LiveCatalogue connectors,
            ConnectorUpdates updates,
            @Nullable SchemaRegistry registry) {
        return start(
                settings,
                targets -> Definitions.followed(
                        connectors, updates, settings.topics(), () -> Definitions.consumer(settings), targets),
                registry);
    }

    private static Scheduler start(
            SchedulerSettings settings, Function<Targets, Definitions> definitions, @Nullable SchemaRegistry registry) {
        try {
            return startOnce(settings, definitions, registry);
        } catch (ProcessorStateException e) {
            // Such as what a process left that was killed while it deleted its state.
            LOG.warn("The state on disk cannot be read; it is thrown away and restored: {}", StreamsFailures.root(e));
            discard(settings);
            return startOnce(settings, definitions, registry);
        }
    }

    private static void discard(SchedulerSettings settings) {
        try {
            StateOnDisk.discard(settings.stateDirectory().resolve(settings.applicationId()));
        } catch (IOException e) {
            throw new SchedulerException(
                    "The state in " + settings.stateDirectory() + " cannot be read nor deleted: " + e
                            + ". Delete it; it is restored.",
                    e);
        }
    }

    private static Scheduler startOnce(
            SchedulerSettings settings, Function<Targets, Definitions> definitions, @Nullable SchemaRegistry registry) {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            return start(settings, definitions, registry, opened);
        } catch (RuntimeException e) {
            closeAll(opened);
            throw e;
        }
    }

    private static Scheduler start(
            SchedulerSettings settings,
            Function<Targets, Definitions> definitions,
            @Nullable SchemaRegistry registry,
            Deque<AutoCloseable> opened) {
        Admin admin = open(opened, Admin.create(settings.kafka()));
        requireAppendTime(admin, settings.topics().later());
        requireEqualPartitions(
                admin, settings.topics().jobs(), settings.topics().jobParts());
        AdminTargets targets = new AdminTargets(admin, System::nanoTime);
        Definitions connectors = open(opened, definitions.apply(targets));
        connectors.catchUp();
        connectors.start();
        BrokerClock clock = open(
                opened,
                new BrokerClock(
                        tickProducer(settings),
                        settings.topics().later(),
                        settings.pace().tick()));

        Router router = new Router();
        StatusServer server = open(opened, bind(settings.listen(), router));
        String applicationServer = applicationServer(settings, server.address());

        Room room = new Room(targets::bound, StreamsConfiguration.mostOfRequest(settings));
        List<Feature> features = features(settings, connectors, registry, clock, targets, room);
        features.forEach(opened::push);

        RestoreProgress restore = new RestoreProgress();
        StandbyProgress standby = new StandbyProgress();
        StreamsFailures failures = new StreamsFailures(System::nanoTime, LockSupport::parkNanos);
        Topology topology = SchedulerTopology.of(features);
        String instance = instanceId(settings.stateDirectory(), applicationServer, topology);
        KafkaStreams streams =
                new KafkaStreams(topology, StreamsConfiguration.of(settings, applicationServer, instance));
        opened.push(() ->
                streams.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(CLOSE_BOUND)));
        DeadTransactions dead = open(opened, DeadTransactions.of(admin, settings.applicationId(), threadName(streams)));
        HealthPages health = new HealthPages(streams, failures, restore, connectors);
        Scheduler scheduler = new Scheduler(failures, health, server, opened);
        streams.setUncaughtExceptionHandler(failure -> {
            // It may be that a topic takes less than it did.
            targets.forget();
            return failures.handle(failure);
        });
        streams.setGlobalStateRestoreListener(restore);
        streams.setStandbyUpdateListener(standby);
        streams.setStateListener((now, before) -> {
            scheduler.changed(now, before);
            dead.lookSoon();
        });

        SchedulerMetrics metrics = open(opened, new SchedulerMetrics(streams, restore, standby, dead));
        Peers peers = new Peers(
                () -> others(streams, applicationServer), settings.pace().peer());
        health.addTo(router);
        metrics.addTo(router);
        Surroundings surroundings = new Surroundings(streams, router, peers, metrics.registry());
        features.forEach(feature -> feature.attach(surroundings));

        server.start();
        dead.endEarlierLife();
        streams.start();
        dead.watch(LOOK_FOR_DEAD);
        LOG.info("Scheduler {} at http://{}", settings.applicationId(), applicationServer);
        return scheduler;
    }

    /** In the order in which they came to be: {@link SchedulerTopology} says why. */
    private static List<Feature> features(
            SchedulerSettings settings,
            ConnectorSource connectors,
            @Nullable SchemaRegistry registry,
            BrokerClock clock,
            Targets targets,
            Room room) {
        List<Feature> features = new ArrayList<>();
        features.add(new Deferrals(
                settings.topics(),
                settings.deferrals(),
                MessageCodec.of(Deferral.class, registry),
                clock,
                targets,
                room));
        Jobs jobs = new Jobs(
                settings.topics(),
                settings.jobs(),
                connectors::current,
                registry,
                clock,
                topic -> targets.of(topic, 0) != Targets.Standing.MISSING,
                room);
        features.add(
                new Schedules(settings.topics(), registry, clock, room, context -> id -> jobs.stateOf(context, id)));
        features.add(jobs);
        return features;
    }

    private static <T extends AutoCloseable> T open(Deque<AutoCloseable> opened, T resource) {
        opened.push(resource);
        return resource;
    }

    private static void requireAppendTime(Admin admin, String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String type;
        try {
            type = Objects.requireNonNull(
                            admin.describeConfigs(List.of(resource)).values().get(resource), "an answer to come")
                    .get(CHECK_SECONDS, TimeUnit.SECONDS)
                    .get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)
                    .value();
        } catch (ExecutionException e) {
            throw new SchedulerException(
                    "Cannot read the settings of topic " + topic + ": " + StreamsFailures.root(e)
                            + ". Create the topics (toolpost topics create) and let the scheduler describe them.",
                    e);
        } catch (TimeoutException e) {
            throw new SchedulerException(
                    "No answer from Kafka within " + CHECK_SECONDS + " s: check kafka.bootstrap.servers.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchedulerException("Interrupted while it started.", e);
        }
        if (!"LogAppendTime".equals(type)) {
            throw new SchedulerException(
                    topic + ": " + TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG + " is " + type
                            + " (expected: LogAppendTime): deferrals would follow the clocks of whoever sends them."
                            + " Set it on the topic.",
                    null);
        }
    }

    /** What is told of a job's parts must come where its commands come. */
    private static void requireEqualPartitions(Admin admin, String one, String other) {
        try {
            Map<String, TopicDescription> topics =
                    admin.describeTopics(List.of(one, other)).allTopicNames().get(CHECK_SECONDS, TimeUnit.SECONDS);
            int ofOne =
                    Objects.requireNonNull(topics.get(one), one).partitions().size();
            int ofOther = Objects.requireNonNull(topics.get(other), other)
                    .partitions()
                    .size();
            if (ofOne != ofOther) {
                throw new SchedulerException(
                        one + " has " + ofOne + " partitions and " + other + " " + ofOther
                                + " (expected: equally many). Create the topics anew: toolpost topics create.",
                        null);
            }
        } catch (ExecutionException e) {
            throw new SchedulerException(
                    "Cannot read the partitions of " + one + " and " + other + ": " + StreamsFailures.root(e)
                            + ". Create the topics (toolpost topics create) and let the scheduler describe them.",
                    e);
        } catch (TimeoutException e) {
            throw new SchedulerException(
                    "No answer from Kafka within " + CHECK_SECONDS + " s: check kafka.bootstrap.servers.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchedulerException("Interrupted while it started.", e);
        }
    }

    private static KafkaProducer<byte[], byte[]> tickProducer(SchedulerSettings settings) {
        Map<String, Object> kafka = new HashMap<>(settings.kafka());
        kafka.put("client.id", settings.applicationId() + "-clock");
        kafka.put("acks", "all");
        kafka.put("linger.ms", 0);
        return new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static StatusServer bind(InetSocketAddress address, Router router) {
        try {
            return StatusServer.bind(address, router);
        } catch (IOException e) {
            throw new SchedulerException(
                    "Cannot listen on " + address + ": " + e.getMessage() + ". Free the port or set another.", e);
        }
    }

    private static String instanceId(Path stateDirectory, String applicationServer, Topology topology) {
        try {
            return InstanceId.of(stateDirectory, applicationServer, SchedulerTopology.outline(topology));
        } catch (IOException e) {
            throw new SchedulerException(
                    "Cannot use the state directory " + stateDirectory + ": " + e
                            + ". Name one that this user may write (scheduler.state_directory).",
                    e);
        }
    }

    private static String applicationServer(SchedulerSettings settings, InetSocketAddress bound) {
        String advertised = settings.advertised();
        if (advertised != null) {
            return advertised;
        }
        try {
            // Whoever listens on all addresses is reached by that of the machine, not by 0.0.0.0.
            InetAddress reached =
                    bound.getAddress().isAnyLocalAddress() ? InetAddress.getLocalHost() : bound.getAddress();
            return reached.getHostAddress() + ":" + bound.getPort();
        } catch (UnknownHostException unnamed) {
            throw new SchedulerException(
                    "This machine has no address of its own by which other schedulers could reach it ("
                            + unnamed.getMessage() + "). Set scheduler.advertised_address.",
                    unnamed);
        }
    }

    private static String threadName(KafkaStreams streams) {
        return streams.metadataForLocalThreads().iterator().next().threadName();
    }

    private static Collection<HostInfo> others(KafkaStreams streams, String applicationServer) {
        HostInfo self = HostInfo.buildFromEndpoint(applicationServer);
        return streams.metadataForAllStreamsClients().stream()
                .map(StreamsMetadata::hostInfo)
                .filter(host -> !host.equals(self) && !host.equals(HostInfo.unavailable()))
                .distinct()
                .toList();
    }

    private void changed(KafkaStreams.State now, KafkaStreams.State before) {
        LOG.info("Scheduler {} -> {}", before, now);
        if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
            ended.countDown();
        }
    }

    /** Whether all that this instance owns is restored and at work. */
    public boolean ready() {
        return health.ready();
    }

    /** Where HTTP is answered. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Why it stopped by itself, or null. */
    public @Nullable Throwable failure() {
        return failures.lasting();
    }

    /**
     * Waits until it ends, by {@link #close()} or by itself.
     *
     * @throws SchedulerException where it ended by itself, with the reason
     */
    public void awaitEnd() throws InterruptedException {
        ended.await();
        Throwable failure = failure();
        if (failure != null) {
            throw new SchedulerException("The scheduler stopped: " + StreamsFailures.root(failure), failure);
        }
    }

    /** Ends what is under way, commits and leaves the group, so that others take over at once. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        closeAll(opened);
        ended.countDown();
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.warn("A part of the scheduler did not close", e);
            }
        }
    }
}
