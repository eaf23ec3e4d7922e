package dev.toolpost.client;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes tool calls and awaits their replies. One client serves a whole process: it has one producer, and one consumer
 * that reads its reply topic {@code read_committed}, in no group, from where the topic ended (its last stable offset) before the
 * first call went out. Answers of many frames, whole traversals, are read by {@link #stream}.
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
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

    private final Builder settings;
    private final ClientConfig config;
    private final ReplyTopic replies;
    private final MessageCodec<ToolReply> replyCodec;
    private final CallPublisher publisher;
    private final ReplyReader reader;
    private final Diagnostician diagnostician;
    private final ScheduledThreadPoolExecutor deadlines;

    /** Runs the reader; started by the first call that is no stream. */
    private final Thread readerThread;

    private final AtomicBoolean readerStarted = new AtomicBoolean();

    /** Runs what callers hang on to replies, so that it never holds up the reader. */
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();

    private final ConcurrentHashMap<String, Waiting> waiting = new ConcurrentHashMap<>();
    private final Set<ReplyStream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicLong streamNumbers = new AtomicLong();
    private volatile boolean closing;
    private volatile @Nullable ClientException ended;

    private record Waiting(PendingCall call, ScheduledFuture<?> deadline) {}

    private ToolpostClient(Builder settings) {
        this.settings = settings;
        this.config = new ClientConfig(settings.kafka, settings.clientId);
        this.replies = new ReplyTopic(
                settings.replyTopic == null ? settings.topics.replies() : settings.replyTopic,
                String.valueOf(settings.kafka.get("bootstrap.servers")),
                settings.readyBound);
        this.replyCodec = MessageCodec.of(ToolReply.class, settings.registry);
        this.diagnostician = new Diagnostician(config.admin(), settings.topics);
        this.deadlines = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform()
                        .daemon()
                        .name(settings.clientId + "-deadlines")
                        .factory());
        this.deadlines.setRemoveOnCancelPolicy(true);
        this.publisher = new CallPublisher(
                new KafkaProducer<>(config.producer(), new ByteArraySerializer(), new ByteArraySerializer()),
                MessageCodec.of(ToolCall.class, settings.registry),
                replies.name(),
                settings.tenant,
                settings.format());
        this.reader = new ReplyReader(() -> consumer(config.consumer()), replies, replyCodec, new Replies());
        this.readerThread = Thread.ofPlatform()
                .daemon()
                .name(settings.clientId + "-replies")
                .unstarted(reader);
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
        return replies.name();
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
        Duration timeout = timeout(spec);
        Outgoing outgoing = outgoing(spec, callId(spec), null);
        PendingCall call = new PendingCall(outgoing, publisher::cancel);
        byte[] value = publisher.encode(outgoing, timeout);
        register(call, timeout);
        publisher.publish(outgoing, value, e -> callbacks.execute(() -> fail(call, notPublished(outgoing, e))));
        return call;
    }

    /**
     * Publishes a call whose answer is read frame by frame, however long it is: a traversal of all pages. Each stream has a
     * consumer of its own, which reads as fast as the caller asks; see {@link ReplyStream}.
     *
     * @throws UnreachableException if the cluster or the reply topic cannot be reached
     * @throws ClosedException if the client is closed
     * @throws IllegalStateException for Avro without a schema registry
     */
    public ReplyStream stream(CallSpec spec) throws InterruptedException {
        requireOpen();
        String callId = callId(spec);
        Consumer<byte[], byte[]> consumer = consumer(config.stream(streamNumbers.incrementAndGet()));
        try {
            int partitions = replies.partitions(consumer, () -> closing);
            // Where the key would bring the frames, and where they come although partitions should be added meanwhile.
            TopicPartition partition = replies.partition(Shards.ofKey(callId, partitions));
            replies.standAtTheEnd(consumer, Set.of(partition));
            Outgoing outgoing = outgoing(spec, callId, partition.partition());
            byte[] value = publisher.encode(outgoing, timeout(spec));
            ReplyStream stream = new ReplyStream(
                    outgoing, new StreamOwner(), consumer, partition, replyCodec, timeout(spec), settings.grace);
            streams.add(stream);
            if (closing) {
                ClosedException late = new ClosedException("the client is closed", null);
                stream.fail(late);
                stream.close();
                throw late;
            }
            publisher.publish(outgoing, value, e -> callbacks.execute(() -> stream.fail(notPublished(outgoing, e))));
            return stream;
        } catch (InterruptException e) {
            consumer.close();
            Thread.interrupted();
            throw new InterruptedException(e.getMessage());
        } catch (WakeupException e) {
            consumer.close();
            throw new ClosedException("the client is closed", e);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Publishes a call and waits for its whole answer. */
    public Reply execute(CallSpec spec) throws InterruptedException {
        return call(spec).await();
    }

    /** Why a call may be without an answer so far, as the cluster tells. Takes up to a few seconds. */
    public Diagnosis diagnose(PendingCall call) {
        return diagnostician.diagnose(call.topic());
    }

    /** Why a stream may be without an answer so far, as the cluster tells. Takes up to a few seconds. */
    public Diagnosis diagnose(ReplyStream stream) {
        return diagnostician.diagnose(stream.topic());
    }

    /** Ends everything. Calls without an answer end with a {@link ClosedException}; those of streams are cancelled. */
    @Override
    public void close() {
        closing = true;
        streams.forEach(ReplyStream::close);
        reader.close();
        publisher.close();
        try {
            // Unlike join(Duration) this takes a thread that was never started.
            readerThread.join(CLOSE_BOUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endAll(new ClosedException("the client was closed before the call was answered", null));
        deadlines.shutdownNow();
        callbacks.shutdown();
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private String callId(CallSpec spec) {
        return spec.callId() == null ? settings.callIds.get() : spec.callId();
    }

    private Duration timeout(CallSpec spec) {
        return spec.timeout() == null ? settings.timeout : spec.timeout();
    }

    private Outgoing outgoing(CallSpec spec, String callId, @Nullable Integer replyPartition) {
        String topic = spec.topic() == null ? settings.topicOfTool.apply(spec.tool()) : spec.topic();
        return new Outgoing(callId, spec, topic, replyPartition);
    }

    private void requireOpen() {
        if (closing) {
            throw new ClosedException("the client is closed", null);
        }
    }

    private void awaitReader() throws InterruptedException {
        requireOpen();
        if (!readerStarted.getAndSet(true)) {
            readerThread.start();
        }
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

    /** What came of a call that could not be sent. */
    private ClientException notPublished(Outgoing call, Exception e) {
        if (e instanceof TimeoutException) {
            Diagnosis diagnosis = diagnostician.diagnose(call.topic());
            return new NoReplyException(
                    "call " + call.callId() + " could not be published: " + diagnosis, diagnosis, e);
        }
        return new PublishException(
                "call " + call.callId() + " could not be published to " + call.topic() + ": " + e.getMessage(), e);
    }

    private void giveUp(PendingCall call, Duration timeout) {
        if (call.isDone()) {
            return;
        }
        Diagnosis diagnosis = diagnose(call);
        fail(call, NoReplyException.toCall(call.outgoing(), call.framesSoFar(), timeout, settings.grace, diagnosis));
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

    private final class StreamOwner implements ReplyStream.Owner {
        @Override
        public void cancel(Outgoing call) {
            publisher.cancel(call);
        }

        @Override
        public Diagnosis diagnose(Outgoing call) {
            return diagnostician.diagnose(call.topic());
        }

        @Override
        public void closed(ReplyStream stream) {
            streams.remove(stream);
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
}
