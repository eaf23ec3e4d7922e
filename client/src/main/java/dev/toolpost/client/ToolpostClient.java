package dev.toolpost.client;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.DecodeException;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes tool calls and awaits their replies. One client serves a whole process: it has one producer, and one consumer
 * that reads its reply topic {@code read_committed}, in no group, from where the topic ended (its last stable offset) when the
 * client was built.
 *
 * <pre>{@code
 * try (ToolpostClient client = ToolpostClient.builder(Map.of("bootstrap.servers", "localhost:9092"))
 *         .tenant("acme").build()) {
 *     Reply reply = client.call(CallSpec.of("hubspot_list_contacts", "sales", "{\"limit\": 10}")).await();
 * }
 * }</pre>
 *
 * <p>Every call ends: with what a worker answered, or, a grace period after its timeout, with a {@link NoReplyException} that
 * says what is missing. Thread-safe.
 */
public final class ToolpostClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ToolpostClient.class);
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

    /** Partitions calls without a tenant, which only a worker of {@code toolpost dev} takes. */
    private static final String DEV_TENANT = "dev";

    private final Builder settings;
    private final String replyTopic;
    private final MessageCodec<ToolCall> calls;
    private final Producer<byte[], byte[]> producer;
    private final ReplyReader reader;
    private final Thread readerThread;
    private final Diagnostician diagnostician;
    private final ScheduledThreadPoolExecutor deadlines;

    /** Runs what callers hang on to replies, so that it never holds up the reader. */
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();

    private final ConcurrentHashMap<String, Waiting> waiting = new ConcurrentHashMap<>();
    private volatile @Nullable ClientException ended;

    private record Waiting(PendingCall call, ScheduledFuture<?> deadline) {}

    private ToolpostClient(Builder settings) {
        this.settings = settings;
        this.replyTopic = settings.replyTopic == null ? settings.topics.replies() : settings.replyTopic;
        this.calls = MessageCodec.of(ToolCall.class, settings.registry);
        ClientConfig config = new ClientConfig(settings.kafka, settings.clientId);
        this.diagnostician = new Diagnostician(config.admin(), settings.topics);
        this.deadlines = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform()
                        .daemon()
                        .name(settings.clientId + "-deadlines")
                        .factory());
        this.deadlines.setRemoveOnCancelPolicy(true);
        this.producer = new KafkaProducer<>(config.producer(), new ByteArraySerializer(), new ByteArraySerializer());
        this.reader = new ReplyReader(
                () -> new KafkaConsumer<>(config.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                replyTopic,
                String.valueOf(settings.kafka.get("bootstrap.servers")),
                settings.readyBound,
                MessageCodec.of(ToolReply.class, settings.registry),
                new Replies());
        this.readerThread = Thread.ofPlatform()
                .daemon()
                .name(settings.clientId + "-replies")
                .start(reader);
    }

    /**
     * Starts collecting a client's settings.
     *
     * @param kafka settings of Kafka's clients, at least {@code bootstrap.servers}; they pass to producer, consumer, admin
     */
    public static Builder builder(Map<String, ?> kafka) {
        return new Builder(kafka);
    }

    /** The topic on which this client awaits replies. */
    public String replyTopic() {
        return replyTopic;
    }

    /**
     * Publishes a call. The first call waits until the reader stands at the end of the reply topic, so that no reply is missed.
     *
     * @throws UnreachableException if the cluster or the reply topic cannot be reached
     * @throws ClosedException if the client is closed
     * @throws IllegalArgumentException if a call of that id is under way at this client
     * @throws IllegalStateException for Avro without a schema registry
     */
    public PendingCall call(CallSpec spec) throws InterruptedException {
        awaitReader();
        String callId = spec.callId() == null ? settings.callIds.get() : spec.callId();
        String topic = spec.topic() == null ? settings.topicOfTool.apply(spec.tool()) : spec.topic();
        Duration timeout = spec.timeout() == null ? settings.timeout : spec.timeout();
        Format format = spec.format() == null ? settings.format() : spec.format();
        PendingCall call = new PendingCall(callId, spec, topic, this::cancel);
        byte[] value = encode(topic, message(spec, callId, timeout), format);
        register(call, timeout);
        publish(call, value);
        return call;
    }

    /** Publishes a call and waits for its whole answer. */
    public Reply execute(CallSpec spec) throws InterruptedException {
        return call(spec).await();
    }

    /** Why a call may be without an answer so far, as the cluster tells. Takes up to a few seconds. */
    public Diagnosis diagnose(PendingCall call) {
        return diagnostician.diagnose(call.topic());
    }

    /** Ends everything. Calls without an answer end with a {@link ClosedException}. */
    @Override
    public void close() {
        reader.close();
        producer.close(CLOSE_BOUND);
        try {
            readerThread.join(CLOSE_BOUND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endAll(new ClosedException("the client was closed before the call was answered", null));
        deadlines.shutdownNow();
        callbacks.shutdown();
    }

    private void awaitReader() throws InterruptedException {
        try {
            reader.ready().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClientException known
                    ? rethrown(known)
                    : new UnreachableException("the reply reader did not start: " + e.getCause(), e);
        }
        ClientException over = ended;
        if (over != null) {
            throw rethrown(over);
        }
    }

    /** The same with the stack of whoever asks now. */
    private static ClientException rethrown(ClientException e) {
        return e instanceof ClosedException
                ? new ClosedException(e.getMessage(), e)
                : new UnreachableException(e.getMessage(), e);
    }

    private void register(PendingCall call, Duration timeout) {
        long boundMillis = timeout.plus(settings.grace).toMillis();
        ScheduledFuture<?> deadline = deadlines.schedule(
                () -> callbacks.execute(() -> giveUp(call, timeout)), boundMillis, TimeUnit.MILLISECONDS);
        if (waiting.putIfAbsent(call.callId(), new Waiting(call, deadline)) != null) {
            deadline.cancel(false);
            throw new IllegalArgumentException(
                    "call id " + call.callId() + ": under way at this client already (expected: a new id)");
        }
    }

    private void publish(PendingCall call, byte[] value) {
        try {
            Future<RecordMetadata> _ = producer.send(record(call, value), (_, e) -> {
                if (e != null) {
                    callbacks.execute(() -> notPublished(call, e));
                }
            });
        } catch (KafkaException | IllegalStateException e) {
            notPublished(call, e);
        }
    }

    private void cancel(PendingCall call) {
        if (call.isDone()) {
            return;
        }
        ToolCall message = message(call.spec(), call.callId(), null);
        message.setAction("cancel");
        message.setArguments("{}");
        message.setPaging(null);
        Format format =
                call.spec().format() == null ? settings.format() : call.spec().format();
        Future<RecordMetadata> _ = producer.send(record(call, encode(call.topic(), message, format)), (_, e) -> {
            if (e != null) {
                LOG.warn("The request to cancel call {} could not be published", call.callId(), e);
            }
        });
    }

    private ProducerRecord<byte[], byte[]> record(PendingCall call, byte[] value) {
        String tenant =
                call.spec().tenant() == null ? settings.tenant : call.spec().tenant();
        String key =
                Shards.key(tenant == null ? DEV_TENANT : tenant, call.spec().connection());
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(call.topic(), key.getBytes(StandardCharsets.UTF_8), value);
        call.spec()
                .headers()
                .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    private ToolCall message(CallSpec spec, String callId, @Nullable Duration timeout) {
        ToolCall.Builder message = ToolCall.newBuilder()
                .setCallId(callId)
                .setTool(spec.tool())
                .setTenant(spec.tenant() == null ? settings.tenant : spec.tenant())
                .setConnection(spec.connection())
                .setArguments(spec.arguments())
                .setReplyTo(replyTopic)
                .setTimeoutMs(timeout == null ? null : timeout.toMillis())
                .setIdempotencyKey(spec.idempotencyKey())
                .setPaging(spec.paging())
                .setSelect(spec.select())
                .setDryRun(spec.dryRun());
        if (spec.view() != null) {
            message.setView(spec.view());
        }
        return message.build();
    }

    private byte[] encode(String topic, ToolCall message, Format format) {
        try {
            return calls.encode(topic, message, format);
        } catch (DecodeException | RegistryException e) {
            throw new PublishException("the call cannot be written as Avro: " + e.getMessage(), e);
        }
    }

    private void notPublished(PendingCall call, Exception e) {
        if (e instanceof TimeoutException) {
            Diagnosis diagnosis = diagnose(call);
            fail(
                    call,
                    new NoReplyException(
                            "call " + call.callId() + " could not be published: " + diagnosis, diagnosis, e));
        } else {
            fail(
                    call,
                    new PublishException(
                            "call " + call.callId() + " could not be published to " + call.topic() + ": "
                                    + e.getMessage(),
                            e));
        }
    }

    private void giveUp(PendingCall call, Duration timeout) {
        if (call.isDone()) {
            return;
        }
        Diagnosis diagnosis = diagnose(call);
        int frames = call.framesSoFar();
        fail(
                call,
                new NoReplyException(
                        (frames == 0 ? "no reply" : "no last frame after " + frames + " frames") + " to call "
                                + call.callId() + " (" + call.spec().tool() + ") within " + timeout.toMillis()
                                + " ms and a grace of " + settings.grace.toMillis() + " ms. " + diagnosis,
                        diagnosis,
                        null));
    }

    private void fail(PendingCall call, ClientException e) {
        forget(call);
        if (call.fail(e)) {
            call.completeExceptionally(e);
        }
    }

    /** Before a call's end is told, so that its id may be used again at once. */
    private void forget(PendingCall call) {
        Waiting known = waiting.get(call.callId());
        if (known != null && known.call.equals(call) && waiting.remove(call.callId(), known)) {
            known.deadline.cancel(false);
        }
    }

    private void endAll(ClientException e) {
        for (Waiting each : List.copyOf(waiting.values())) {
            fail(each.call, rethrown(e));
        }
    }

    private final class Replies implements ReplyReader.Listener {
        @Override
        public boolean expects(String callId) {
            return waiting.containsKey(callId);
        }

        @Override
        public void frame(ToolReply frame, Map<String, String> headers) {
            Waiting known = waiting.get(frame.getCallId());
            Reply whole = known == null ? null : known.call.accept(frame, headers, () -> forget(known.call));
            if (known != null && whole != null) {
                callbacks.execute(() -> known.call.complete(whole));
            }
        }

        @Override
        public void unreadable(String callId, UnreadableReplyException e) {
            Waiting known = waiting.get(callId);
            if (known != null) {
                callbacks.execute(() -> fail(known.call, e));
            }
        }

        @Override
        public void ended(ClientException e) {
            ended = e;
            callbacks.execute(() -> endAll(e));
        }
    }

    /** Collects a client's settings. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Object> kafka;
        private @Nullable SchemaRegistry registry;
        private Topics topics = new Topics();
        private @Nullable String replyTopic;
        private @Nullable Format format;
        private @Nullable String tenant;
        private Duration timeout = Duration.ofMinutes(5);
        private Duration grace = Duration.ofSeconds(5);
        private Duration readyBound = Duration.ofSeconds(10);
        private String clientId = "toolpost-client";
        private @Nullable UnaryOperator<String> topicOf;
        private UnaryOperator<String> topicOfTool = UnaryOperator.identity();
        private Supplier<String> callIds = new Ulids(InstantSource.system(), new SecureRandom());

        private Builder(Map<String, ?> kafka) {
            this.kafka = new HashMap<>(kafka);
            if (this.kafka.get("bootstrap.servers") == null) {
                throw new IllegalArgumentException("bootstrap.servers: missing (expected: for example localhost:9092)");
            }
        }

        /** For Avro, in calls and in replies. Stays the caller's to close. */
        public Builder registry(@Nullable SchemaRegistry registry) {
            this.registry = registry;
            return this;
        }

        /** Put before every topic's name; {@value Topics#DEFAULT_PREFIX} by default. */
        public Builder prefix(String prefix) {
            this.topics = new Topics(prefix);
            return this;
        }

        /** Where replies are awaited; the shared topic by default. It must exist. */
        public Builder replyTopic(String topic) {
            this.replyTopic = topic;
            return this;
        }

        /** The format of calls and so of replies: Avro by default if there is a registry, JSON otherwise. */
        public Builder format(Format format) {
            this.format = format;
            return this;
        }

        /** The tenant of calls that name none. */
        public Builder tenant(@Nullable String tenant) {
            this.tenant = tenant;
            return this;
        }

        /** How long calls may take that do not say it; 5 min by default. */
        public Builder timeout(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /** How long beyond its timeout a call's answer is awaited, since workers answer late calls too; 5 s by default. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /** How long the cluster may take to answer at the start; 10 s by default. */
        public Builder readyBound(Duration bound) {
            this.readyBound = bound;
            return this;
        }

        public Builder clientId(String clientId) {
            this.clientId = clientId;
            return this;
        }

        /** From a tool's name to the topic of its calls; the front door for every tool by default. */
        public Builder topicOf(UnaryOperator<String> topicOf) {
            this.topicOf = topicOf;
            return this;
        }

        /** Makes ids for calls that bring none. Must be thread-safe. */
        public Builder callIds(Supplier<String> callIds) {
            this.callIds = callIds;
            return this;
        }

        /** Starts the client. Whether the cluster is there shows at the first call. */
        public ToolpostClient build() {
            Builder copy = new Builder(kafka);
            copy.registry = registry;
            copy.topics = topics;
            copy.replyTopic = replyTopic;
            copy.format = format;
            copy.tenant = tenant;
            copy.timeout = timeout;
            copy.grace = grace;
            copy.readyBound = readyBound;
            copy.clientId = clientId;
            copy.callIds = callIds;
            String frontDoor = topics.calls(Topics.COMMON_POOL);
            copy.topicOfTool = topicOf == null ? _ -> frontDoor : topicOf;
            return new ToolpostClient(copy);
        }

        private Format format() {
            if (format != null) {
                return format;
            }
            return registry == null ? Format.JSON : Format.AVRO;
        }
    }

    /** Settings of the Kafka clients: the caller's, and what the contract needs. */
    private record ClientConfig(Map<String, Object> given, String clientId) {
        Map<String, Object> producer() {
            Map<String, Object> config = common("-producer");
            // Murmur2 of the key, whatever the caller's other producers use: it brings the call to its shard.
            config.remove("partitioner.class");
            config.remove("partitioner.ignore.keys");
            config.remove("transactional.id");
            config.put("acks", "all");
            config.putIfAbsent("linger.ms", 0);
            config.putIfAbsent("max.block.ms", 10_000);
            config.putIfAbsent("request.timeout.ms", 10_000);
            config.putIfAbsent("delivery.timeout.ms", 30_000);
            config.putIfAbsent("max.request.size", TopicPlan.CALL_BYTES);
            return config;
        }

        Map<String, Object> consumer() {
            Map<String, Object> config = common("-replies");
            config.remove("group.id");
            config.remove("group.instance.id");
            config.put("enable.auto.commit", false);
            config.put("isolation.level", "read_committed");
            config.put("auto.offset.reset", "earliest");
            config.put("allow.auto.create.topics", false);
            config.putIfAbsent("metadata.max.age.ms", 30_000);
            return config;
        }

        Map<String, Object> admin() {
            Map<String, Object> config = common("-admin");
            config.putIfAbsent("default.api.timeout.ms", 5_000);
            config.putIfAbsent("request.timeout.ms", 5_000);
            return config;
        }

        private Map<String, Object> common(String suffix) {
            Map<String, Object> config = new HashMap<>(given);
            config.put("client.id", clientId + suffix);
            return config;
        }
    }
}
