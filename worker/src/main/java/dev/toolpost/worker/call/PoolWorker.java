package dev.toolpost.worker.call;

import dev.toolpost.connectors.ConnectorSource;
import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.StateEntry;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DeadLetters;
import dev.toolpost.schemas.Lane;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.RegistryUnavailableException;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import dev.toolpost.worker.broker.KafkaClients;
import dev.toolpost.worker.commit.CommittedOffsets;
import dev.toolpost.worker.commit.Committer;
import dev.toolpost.worker.commit.Lease;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.intake.Intake;
import dev.toolpost.worker.journal.StateLog;
import dev.toolpost.worker.journal.WriteIdentity;
import dev.toolpost.worker.memory.HeapParts;
import dev.toolpost.worker.metrics.WorkerMetrics;
import dev.toolpost.worker.oauth.AccessTokens;
import dev.toolpost.worker.oauth.IdleConnections;
import dev.toolpost.worker.oauth.IdleGrants;
import dev.toolpost.worker.oauth.RefreshBounds;
import dev.toolpost.worker.oauth.TokenCounts;
import dev.toolpost.worker.ownership.OrphanedTransactions;
import dev.toolpost.worker.ownership.PoolTopics;
import dev.toolpost.worker.ownership.Shard;
import dev.toolpost.worker.paging.CursorSeal;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.LimitNews;
import dev.toolpost.worker.ratelimit.shared.SharedPermitsSource;
import dev.toolpost.worker.reply.ReplyRoutes;
import dev.toolpost.worker.reply.ReplyWriter;
import dev.toolpost.worker.sql.VendorSql;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool in one worker process: its consumer, committer and calls, put together. Thread-safe. */
public final class PoolWorker {

    private static final Logger log = LoggerFactory.getLogger(PoolWorker.class);
    private static final Duration FENCE_BOUND = Duration.ofSeconds(2);

    private final PoolTopics topics;
    private final Intake intake;
    private final PoolCalls calls;
    private final Placement placement;
    private final VendorHealth health;
    private final WriteGate writes;
    private final AccessTokens tokens;
    private final IdleRefresh idle;

    /**
     * What all pools of a worker share.
     *
     * @param registry null where messages are plain JSON only
     * @param schedulerIsThere whether somebody delivers what is to go on later
     * @param limitNews hears what calls here have shown of limits over all connections; must not block
     * @param random for jitter
     */
    public record Shared(
            Topics topics,
            KafkaClients clients,
            Admin admin,
            @Nullable SchemaRegistry registry,
            ConnectorSource connectors,
            CredentialStore credentials,
            VendorHttp http,
            VendorSql sql,
            CursorSeal cursorSeal,
            ReplyRoutes routes,
            BooleanSupplier schedulerIsThere,
            Producer<byte[], byte[]> replyProducer,
            PoolShards poolShards,
            CallSettings settings,
            SharedPermitsSource permits,
            Consumer<LimitNews> limitNews,
            HeapParts memory,
            RefreshBounds refreshBounds,
            IdleGrants idleGrants,
            WorkerMetrics metrics,
            InstantSource clock,
            RandomGenerator random) {}

    /**
     * @param clientId of this process in this pool; names its transactional id too
     * @param sessionTimeout of the group, of which the lease is a third
     */
    public PoolWorker(
            Shared shared,
            PoolTopics topics,
            String clientId,
            Duration sessionTimeout,
            Duration commitInterval,
            Duration drainTimeout) {
        this.topics = topics;
        String group = shared.topics().group(topics.pool());
        String transactionalPrefix = group + ".";
        MessageCodec<StateEntry> stateCodec = MessageCodec.of(StateEntry.class, shared.registry());
        MessageCodec<Resumption> resumptions = MessageCodec.of(Resumption.class, shared.registry());
        Function<StateEntry, ProducerRecord<byte[], byte[]>> encodeState = entry -> new ProducerRecord<>(
                topics.state(),
                entry.getShard(),
                stateKey(entry).getBytes(StandardCharsets.UTF_8),
                stateCodec.encode(topics.state(), entry, shared.settings().internalFormat()));
        StateLog state = new StateLog(
                topics.state(), () -> shared.clients().reader(clientId + "-state"), shared.admin(), stateCodec);

        Lease lease = new Lease(sessionTimeout, System::nanoTime);
        this.calls = new PoolCalls(
                topics,
                state,
                encodeState,
                shared.connectors(),
                shared.permits(),
                shared.limitNews(),
                shared.settings(),
                shared.memory(),
                shared.clock(),
                System::nanoTime);
        this.intake = new Intake(
                topics,
                () -> shared.clients().poolConsumer(group, clientId, topics),
                membership -> new Committer(
                        topics.pool(),
                        () -> shared.clients().transactional(transactionalPrefix + clientId, topics.pool()),
                        membership,
                        committedOffsets(shared.admin(), group),
                        lease,
                        commitInterval,
                        System::nanoTime,
                        calls::committed),
                lease,
                new OrphanedTransactions(shared.admin(), group, transactionalPrefix, FENCE_BOUND),
                calls,
                drainTimeout,
                shared.memory().read());
        this.placement = new Placement(
                topics,
                shared.topics(),
                shared.poolShards(),
                calls.parking(),
                shared.settings().deferAfter(),
                shared.schedulerIsThere(),
                System::nanoTime);
        this.health = new VendorHealth(System::nanoTime);
        Committer committer = intake.committer();
        this.writes = new WriteGate(committer, state, encodeState);
        KnownConnections connections = new KnownConnections(shared.credentials());
        this.tokens = new AccessTokens(
                clientId,
                shared.credentials(),
                shared.http(),
                new ConnectionEvents(
                        shared.topics().connectionEvents(),
                        MessageCodec.of(ConnectionEvent.class, shared.registry()),
                        shared.settings().internalFormat(),
                        shared.replyProducer(),
                        shared.clock()),
                shared.refreshBounds(),
                shared.clock(),
                System::nanoTime,
                shared.random());
        this.idle = new IdleRefresh(
                topics,
                intake::owned,
                shared.connectors(),
                new IdleConnections(
                        topics.pool(), shared.credentials(), connections::keys, shared.idleGrants(), shared.clock()),
                tokens,
                committer,
                shared.idleGrants(),
                shared.random());
        PageCursors cursors = new PageCursors(shared.cursorSeal());
        ResultViews views = new ResultViews();
        VendorCall vendor = new VendorCall(
                new Exchanges(shared.http(), shared.sql(), shared.clock()),
                health,
                new ConnectionTokens(
                        connections, tokens, committer, new RejectedSecrets(System::nanoTime), shared.clock()),
                committer,
                placement,
                cursors,
                views,
                shared.metrics(),
                shared.clock(),
                shared.random());
        ReplyWriter replies =
                new ReplyWriter(MessageCodec.of(ToolReply.class, shared.registry()), shared.replyProducer());
        Onward onward =
                new Onward(shared.topics(), shared.registry(), shared.settings().internalFormat(), shared.clock());
        calls.carriedBy(
                new CallRunner(
                        topics,
                        new CallReader(
                                MessageCodec.of(ToolCall.class, shared.registry()),
                                resumptions,
                                shared.settings(),
                                shared.clock()),
                        shared.connectors(),
                        placement,
                        shared.routes(),
                        connections,
                        new ArgumentReader(cursors, views),
                        writes,
                        vendor,
                        new Traversal(
                                vendor,
                                cursors,
                                views,
                                TurnBounds.STANDARD,
                                shared.memory().turns(),
                                shared.clock(),
                                System::nanoTime),
                        new LongWork(
                                vendor,
                                placement,
                                views,
                                LongWork.LONGEST_WAIT,
                                shared.settings().longestDeadline(),
                                shared.clock(),
                                System::nanoTime),
                        new CallEnd(
                                committer,
                                replies,
                                shared.routes(),
                                new DeadLetters(shared.topics().deadLetters()),
                                new CallFrames(replies, onward, placement, shared.clock()),
                                onward,
                                shared.settings(),
                                shared.metrics().pool(topics.pool()),
                                calls,
                                shared.clock()),
                        shared.clock()),
                committer);
        new PoolGauges(shared.metrics().registry(), topics.pool()).bind(intake, calls, placement, tokens);
    }

    private static String stateKey(StateEntry entry) {
        return entry.getKind().equals(ShardCalls.BUCKET)
                ? ShardCalls.BUCKET + "/" + entry.getTenant() + "/" + entry.getConnection()
                : new WriteIdentity(entry.getTenant(), entry.getConnection(), String.valueOf(entry.getId())).key();
    }

    private static CommittedOffsets committedOffsets(Admin admin, String group) {
        return partitions -> {
            try {
                Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>(admin.listConsumerGroupOffsets(
                                Map.of(
                                        group,
                                        new ListConsumerGroupOffsetsSpec().topicPartitions(List.copyOf(partitions))),
                                new ListConsumerGroupOffsetsOptions().requireStable(true))
                        .partitionsToOffsetAndMetadata(group)
                        .get());
                committed.values().removeIf(commit -> commit == null);
                return committed;
            } catch (ExecutionException failed) {
                throw new KafkaException("cannot read the committed offsets of " + group, failed.getCause());
            }
        };
    }

    public void start() {
        Thread.ofVirtual().name("schemas-" + topics.pool()).start(this::fetchSchemas);
        intake.start();
        idle.start();
    }

    /** Has the ids of Toolpost's own schemas ready before the first call needs them. */
    private void fetchSchemas() {
        try {
            writes.ready();
        } catch (RegistryUnavailableException unreachable) {
            log.warn("The schema registry cannot be reached; calls wait for it: {}", unreachable.getMessage());
        }
    }

    /** What all workers share of vendors' limits is within reach, or no longer. */
    public void reach(boolean isUp) {
        calls.reach(isUp);
    }

    /**
     * What another worker has learned of a limit over all connections of a vendor.
     *
     * @param age how long ago that was, as far as is known
     */
    public void hear(LimitNews news, Duration age) {
        calls.hear(news, age);
    }

    /** Finishes what is at the vendors, hands the shards back and leaves the group. */
    public void stop(Duration bound) {
        idle.close();
        intake.stop(bound);
        calls.close();
        tokens.close();
    }

    public String pool() {
        return topics.pool();
    }

    /** How the limits of the connections stand that this worker owns and has used. */
    public List<ConnectionLimits> limits() {
        return calls.limits();
    }

    /** How many servers have their circuit breaker in which position, by vendor. */
    public Map<String, Map<String, Integer>> breakers() {
        return health.positionsByVendor();
    }

    /** How the pool stands. */
    public Status status() {
        return new Status(
                topics.pool(),
                topics.shards(),
                intake.owned().stream()
                        .filter(Shard::mayStart)
                        .map(Shard::number)
                        .sorted()
                        .toList(),
                intake.misaligned().stream().sorted().toList(),
                intake.isMember(),
                intake.failure() == null ? null : String.valueOf(intake.failure()),
                calls.inFlight(),
                calls.parking().size(),
                calls.waiting(Lane.INTERACTIVE),
                calls.waiting(Lane.BATCH),
                calls.started(),
                placement.forwarded(),
                placement.requeued(),
                intake.pauses(),
                intake.committer().transactions(),
                intake.committer().rejections(),
                intake.committer().reopened(),
                health.positionNames(),
                tokens.counts());
    }

    /**
     * How a pool stands in this worker; counters count from the start of the process.
     *
     * @param shards of the pool in all
     * @param owned shards whose work runs here
     * @param misaligned shards of which this worker has only some partitions
     * @param member whether it is a member of the group
     * @param failure why the intake ended, or null
     * @param inFlight calls in hand, those included that wait for permits
     * @param parked calls that wait for a time or a place, of which only the record is held
     * @param waitingInteractive calls that wait for permits
     * @param forwarded calls that arrived in another place and were sent on
     * @param requeued calls that went to the resume topic
     * @param pauses times that a partition was paused
     * @param breakers the vendors' circuit breakers
     * @param tokens what happened to access tokens
     */
    public record Status(
            String pool,
            int shards,
            List<Integer> owned,
            List<Integer> misaligned,
            boolean member,
            @Nullable String failure,
            int inFlight,
            int parked,
            int waitingInteractive,
            int waitingBatch,
            long started,
            long forwarded,
            long requeued,
            long pauses,
            long transactions,
            long rejectedCommits,
            long reopenedProducers,
            Map<String, String> breakers,
            TokenCounts tokens) {}
}
