package dev.toolpost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.toolpost.message.Paging;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a real broker, with a worker that answers as each test says. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ToolpostClientTest {
    private static final Topics TOPICS = new Topics();
    private static final String FRONT_DOOR = TOPICS.calls("common");

    private static EmbeddedKafka kafka;
    private static Admin admin;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

    @BeforeAll
    static void startBroker() throws InterruptedException {
        kafka = EmbeddedKafka.start();
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        TopicPlan plan = TopicPlan.of(
                TOPICS, Set.of("hubspot", "idle"), Set.of(TOPICS.replies("agent-7")), TopicPlan.Sizing.development());
        new TopicCreator(admin, Duration.ofSeconds(30)).create(plan);
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        kafka.close();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void answersACallInItsFormat(Format format) throws InterruptedException {
        try (FakeWorker worker = worker(call -> List.of(ok(call, "{\"n\": 1.50}")));
                ToolpostClient client = client().tenant("acme").build()) {
            Reply reply = client.execute(CallSpec.builder("hubspot_list_contacts", "sales")
                    .arguments("{\"limit\": 100}")
                    .format(format)
                    .timeout(Duration.ofSeconds(30))
                    .idempotencyKey("k")
                    .cursor("tp1.x")
                    .header("reply-conversation", "42")
                    .build());

            assertThat(reply.isOk()).isTrue();
            assertThat(reply.content()).isEqualTo("{\"n\": 1.50}");
            assertThat(reply.headers()).containsExactly(Map.entry("reply-conversation", "42"));
            FakeWorker.Arrival arrival = worker.arrivals.getLast();
            assertThat(arrival.format()).isEqualTo(format);
            assertThat(arrival.key()).isEqualTo("acme/sales");
            assertThat(arrival.partition()).isEqualTo(Shards.of("acme", "sales", 3));
            assertThat(arrival.call())
                    .isEqualTo(ToolCall.newBuilder()
                            .setCallId(reply.callId())
                            .setTool("hubspot_list_contacts")
                            .setTenant("acme")
                            .setConnection("sales")
                            .setArguments("{\"limit\": 100}")
                            .setReplyTo("toolpost.replies")
                            .setTimeoutMs(30_000L)
                            .setIdempotencyKey("k")
                            .setPaging(Paging.newBuilder().setCursor("tp1.x").build())
                            .build());
        }
    }

    @Test
    void handsOutAnErrorOfAWorkerAsAReply() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(ToolReply.newBuilder()
                        .setCallId(call.getCallId())
                        .setStatus("error")
                        .setError(ToolError.newBuilder()
                                .setCode("INVALID_ARGUMENTS")
                                .setMessage("no")
                                .build())
                        .build()));
                ToolpostClient client = client().build()) {
            Reply reply = client.execute(CallSpec.of("t", "c", "{}"));

            assertThat(reply.isOk()).isFalse();
            assertThat(reply.error()).extracting(ToolError::getCode).isEqualTo("INVALID_ARGUMENTS");
        }
    }

    @Test
    void takesTheFirstFrameOfEachNumberAndStopsAtTheFirstLast() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(
                        frame(call, 0, "\"a\"", false),
                        frame(call, 1, "\"b\"", false),
                        frame(call, 0, "\"a again\"", false),
                        frame(call, 1, "\"b again\"", true),
                        frame(call, 2, "\"c\"", true),
                        frame(call, 3, "\"late\"", true),
                        frame(call, 2, "\"c again\"", false)));
                ToolpostClient client = client().build()) {
            PendingCall call = client.call(CallSpec.of("t", "c", "{}"));

            assertThat(call.frames().map(ToolReply::getContent)).containsExactly("\"a\"", "\"b\"", "\"c\"");
            assertThat(call.await().frames()).extracting(ToolReply::getFrame).containsExactly(0, 1, 2);
            assertThat(call.reply().join()).isEqualTo(call.await());
            assertThat(call.frames()).hasSize(3);
        }
    }

    @Test
    void seesNoFrameOfAnAbortedTransactionAndNoneFromBeforeItsTime() throws InterruptedException {
        MessageCodec<ToolReply> replies = MessageCodec.of(ToolReply.class, null);
        byte[] key = "chosen".getBytes(StandardCharsets.UTF_8);
        try (FakeWorker worker = worker(call -> List.of());
                KafkaProducer<byte[], byte[]> transactional = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "aborting"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            transactional.initTransactions();
            transactional.beginTransaction();
            Future<?> _ = transactional.send(
                    new ProducerRecord<>("toolpost.replies", key, replies.encode("r", reply("old"), Format.JSON)));
            transactional.commitTransaction();
            awaitStable("toolpost.replies");
            try (ToolpostClient client = client().build()) {
                PendingCall call =
                        client.call(CallSpec.builder("t", "c").callId("chosen").build());
                transactional.beginTransaction();
                Future<?> _ = transactional.send(new ProducerRecord<>(
                        "toolpost.replies", key, replies.encode("r", reply("aborted"), Format.JSON)));
                transactional.flush();
                transactional.abortTransaction();
                transactional.beginTransaction();
                Future<?> _ = transactional.send(new ProducerRecord<>(
                        "toolpost.replies", key, replies.encode("r", reply("right"), Format.JSON)));
                transactional.commitTransaction();

                assertThat(call.await().content()).isEqualTo("\"right\"");
                assertThat(worker.arrivals).allMatch(arrival -> arrival.format() == Format.JSON);
            }
        }
    }

    @Test
    void publishesACancelThatFindsItsCall() throws InterruptedException {
        try (FakeWorker worker = worker(call -> call.getAction().equals("cancel")
                        ? List.of(ToolReply.newBuilder()
                                .setCallId(call.getCallId())
                                .setStatus("error")
                                .setError(ToolError.newBuilder()
                                        .setCode("CANCELLED")
                                        .build())
                                .build())
                        : List.of());
                ToolpostClient client = client().tenant("acme").build()) {
            PendingCall call = client.call(CallSpec.builder("t", "c")
                    .arguments("{\"a\":1}")
                    .paging(Paging.newBuilder().setMode("all").build())
                    .build());
            call.cancel();

            assertThat(call.await().error()).extracting(ToolError::getCode).isEqualTo("CANCELLED");
            ToolCall cancel = worker.arrivals.getLast().call();
            assertThat(cancel.getCallId()).isEqualTo(call.callId());
            assertThat(cancel.getTool()).isEqualTo("t");
            assertThat(cancel.getTenant()).isEqualTo("acme");
            assertThat(cancel.getConnection()).isEqualTo("c");
            call.cancel();
            assertThat(worker.arrivals).hasSize(2);
        }
    }

    @Test
    void publishesWhereTheResolverSaysAndRepliesWhereItListens() throws InterruptedException {
        try (FakeWorker worker = new FakeWorker(
                        kafka.bootstrapServers(),
                        registry,
                        TOPICS.calls("hubspot"),
                        TOPICS.group("hubspot"),
                        call -> List.of(ok(call, "1")));
                ToolpostClient client = client().replyTopic(TOPICS.replies("agent-7"))
                        .topicOf(tool -> TOPICS.calls(tool.substring(0, tool.indexOf('_'))))
                        .callIds(() -> "mine-1")
                        .build()) {
            Reply reply = client.execute(CallSpec.of("hubspot_get_contact", "c", "{}"));

            assertThat(reply.callId()).isEqualTo("mine-1");
            assertThat(worker.arrivals.getFirst().call().getReplyTo()).isEqualTo("toolpost.replies.agent-7");
        }
    }

    @Test
    void keepsThousandsOfCallsApart() throws InterruptedException, ExecutionException {
        try (FakeWorker _ = worker(call -> List.of(ok(call, call.getArguments())));
                ToolpostClient client = client().build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = IntStream.range(0, 3000)
                    .mapToObj(i -> threads.submit(() ->
                            String.valueOf(client.execute(CallSpec.of("t", "c" + i % 50, "{\"i\":" + i + "}"))
                                    .content())))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo("{\"i\":" + i + "}");
            }
        }
    }

    @Test
    void saysThatNoWorkerIsInThePoolsGroup() throws InterruptedException {
        try (ToolpostClient client = client().grace(Duration.ofMillis(100)).build()) {
            PendingCall call = client.call(CallSpec.builder("idle_tool", "c")
                    .topic(TOPICS.calls("idle"))
                    .timeout(Duration.ofMillis(200))
                    .build());

            NoReplyException e = catchThrowableOfType(NoReplyException.class, call::await);

            assertThat(e)
                    .hasMessage(
                            "no reply to call " + call.callId() + " (idle_tool) within 200 ms and a grace of 100 ms. "
                                    + "Topic toolpost.calls.idle exists, and no worker is in its consumer group toolpost.idle. "
                                    + "Start one with `toolpost worker`, or everything with `toolpost dev`.");
            assertThat(e.diagnosis().nobodyThere()).isTrue();
            assertThat(call.isDone()).isTrue();
            assertThatThrownBy(() -> call.reply().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCause(e);
            assertThatThrownBy(() -> call.frames().toList()).isSameAs(e);
        }
    }

    @Test
    void saysThatWorkersAreThereAndSilent() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(frame(call, 0, "1", false)));
                ToolpostClient client = client().grace(Duration.ZERO).build()) {
            PendingCall call = client.call(
                    CallSpec.builder("t", "c").timeout(Duration.ofSeconds(1)).build());

            assertThatThrownBy(call::await)
                    .isInstanceOf(NoReplyException.class)
                    .hasMessageContaining("no last frame after 1 frames to call " + call.callId())
                    .hasMessageContaining("1 worker is in its consumer group toolpost.common")
                    .hasMessageContaining("dead letters");
        }
    }

    @Test
    void saysThatTheTopicDoesNotExist() throws InterruptedException {
        try (ToolpostClient client = ToolpostClient.builder(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.block.ms", 500))
                .build()) {
            PendingCall call = client.call(
                    CallSpec.builder("t", "c").topic("toolpost.calls.nobody").build());

            assertThatThrownBy(call::await)
                    .isInstanceOf(NoReplyException.class)
                    .hasMessageContaining("could not be published: Topic toolpost.calls.nobody does not exist.")
                    .hasMessageContaining("toolpost topics create");
            assertThat(client.diagnose(call).partitions()).isZero();
        }
    }

    @Test
    void saysThatTheReplyTopicOrTheClusterIsMissing() {
        try (ToolpostClient client =
                client().replyTopic("toolpost.replies.nobody").build()) {
            assertThatThrownBy(() -> client.call(CallSpec.of("t", "c", "{}")))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessage("reply topic toolpost.replies.nobody does not exist:"
                            + " create it with `toolpost topics create`, or name another");
        }
        try (ToolpostClient client = ToolpostClient.builder(Map.of("bootstrap.servers", "localhost:1"))
                .readyBound(Duration.ofMillis(500))
                .build()) {
            assertThatThrownBy(() -> client.call(CallSpec.of("t", "c", "{}")))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("no Kafka broker answers at localhost:1 within 500 ms");
        }
        assertThatThrownBy(() -> ToolpostClient.builder(Map.of())).hasMessageContaining("bootstrap.servers: missing");
    }

    @Test
    void endsWaitingCallsWhenItIsClosed() throws InterruptedException {
        ToolpostClient client = client().build();
        PendingCall call = client.call(
                CallSpec.builder("t", "c").topic(TOPICS.calls("idle")).build());
        client.close();

        assertThatThrownBy(call::await).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> client.call(CallSpec.of("t", "c", "{}"))).isInstanceOf(ClosedException.class);
    }

    @Test
    void refusesASecondCallOfTheSameIdAndOversizedCalls() throws InterruptedException {
        try (ToolpostClient client = client().build()) {
            CallSpec spec = CallSpec.builder("t", "c")
                    .callId("one")
                    .topic(TOPICS.calls("idle"))
                    .build();
            client.call(spec);
            assertThatThrownBy(() -> client.call(spec)).hasMessageContaining("call id one: under way");

            PendingCall tooLarge = client.call(CallSpec.of("t", "c", "\"" + "x".repeat(TopicPlan.CALL_BYTES) + "\""));
            assertThatThrownBy(tooLarge::await)
                    .isInstanceOf(PublishException.class)
                    .hasMessageContaining("max.request.size");
        }
    }

    @Test
    void saysWhenAReplyCannotBeRead() throws InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                ToolpostClient client = client().build()) {
            PendingCall call = client.call(
                    CallSpec.builder("t", "c").topic(TOPICS.calls("idle")).build());
            Future<?> _ = producer.send(new ProducerRecord<>(
                    "toolpost.replies", call.callId().getBytes(StandardCharsets.UTF_8), new byte[] {0, 0, 0, 9, 9, 1}));

            assertThatThrownBy(call::await)
                    .isInstanceOf(UnreadableReplyException.class)
                    .hasMessageContaining("schema id");
        }
    }

    @Test
    void neverHoldsUpOtherRepliesWhenACallerBlocksInACallback() throws InterruptedException, ExecutionException {
        try (FakeWorker _ = worker(call -> List.of(ok(call, "1")));
                ToolpostClient client = client().build()) {
            var nested = client.call(CallSpec.of("t", "c", "{}")).reply().thenApply(_ -> {
                try {
                    return client.execute(CallSpec.of("t", "c", "{}"));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(nested.get().isOk()).isTrue();
        }
    }

    @Test
    void createsMissingTopicsOnceAndNamesWhatDiffers() throws InterruptedException {
        TopicCreator creator = new TopicCreator(admin, Duration.ofSeconds(30));
        TopicPlan plan = TopicPlan.of(new Topics("other."), Set.of(), Set.of(), TopicPlan.Sizing.development());
        assertThat(creator.inspect(plan)).allMatch(outcome -> outcome.status() == TopicCreator.Status.MISSING);
        assertThat(creator.create(plan)).allMatch(outcome -> outcome.status() == TopicCreator.Status.CREATED);
        assertThat(creator.create(plan)).allMatch(outcome -> outcome.status() == TopicCreator.Status.PRESENT);

        TopicPlan larger =
                TopicPlan.of(new Topics("other."), Set.of(), Set.of(), new TopicPlan.Sizing(5, 3, (short) 1));
        assertThat(creator.inspect(larger))
                .filteredOn(outcome -> outcome.spec().name().equals("other.calls.common"))
                .singleElement()
                .satisfies(outcome -> {
                    assertThat(outcome.status()).isEqualTo(TopicCreator.Status.DIFFERENT);
                    assertThat(outcome.differences()).containsExactly("partitions: 3 (expected: 5)");
                });
    }

    private ToolpostClient.Builder client() {
        return ToolpostClient.builder(Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "partitioner.class",
                        "org.apache.kafka.clients.producer.RoundRobinPartitioner",
                        "group.id",
                        "ignored"))
                .registry(registry)
                .format(Format.JSON);
    }

    private FakeWorker worker(Function<ToolCall, List<ToolReply>> script) throws InterruptedException {
        return new FakeWorker(kafka.bootstrapServers(), registry, FRONT_DOOR, TOPICS.group("common"), script);
    }

    /** A commit returns before its markers are written, and until then a reader's end lies before the transaction. */
    private static void awaitStable(String topic) {
        while (!endOffsets(topic, IsolationLevel.READ_COMMITTED)
                .equals(endOffsets(topic, IsolationLevel.READ_UNCOMMITTED))) {
            Thread.onSpinWait();
        }
    }

    private static Map<Integer, Long> endOffsets(String topic, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (int partition = 0; partition < 3; partition++) {
            latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        Map<Integer, Long> offsets = new HashMap<>();
        admin.listOffsets(latest, new ListOffsetsOptions(isolation))
                .all()
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
        return offsets;
    }

    private static ToolReply ok(ToolCall call, String content) {
        return frame(call, 0, content, true);
    }

    private static ToolReply frame(ToolCall call, int number, String content, boolean last) {
        return ToolReply.newBuilder()
                .setCallId(call.getCallId())
                .setFrame(number)
                .setLast(last)
                .setContent(content)
                .build();
    }

    private static ToolReply reply(String content) {
        return ToolReply.newBuilder()
                .setCallId("chosen")
                .setContent("\"" + content + "\"")
                .build();
    }
}
