package dev.toolpost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a real broker, with a worker that answers as each test says. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReplyStreamTest {
    private static final Topics TOPICS = new Topics();
    private static final Duration MOMENT = Duration.ofMillis(300);

    private static EmbeddedKafka kafka;

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

    @BeforeAll
    static void startBroker() throws InterruptedException {
        kafka = EmbeddedKafka.start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            TopicPlan plan = TopicPlan.of(TOPICS, Set.of("idle"), Set.of(), TopicPlan.Sizing.development());
            new TopicCreator(admin, Duration.ofSeconds(30)).create(plan);
        }
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void givesTheFirstFrameOfEachNumberInOrderAndStopsAtTheFirstLast(Format format) throws InterruptedException {
        try (FakeWorker worker = worker(call -> List.of(
                        frame(call, 0, "[1.50]", false),
                        frame(call, 1, "[2]", false),
                        frame(call, 0, "[\"0 again\"]", false),
                        frame(call, 1, "[\"1 again\"]", true),
                        frame(call, 2, "[3]", true),
                        frame(call, 3, "[\"late\"]", true)));
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(CallSpec.builder("t", "c")
                        .format(format)
                        .cursor("tp1.x")
                        .maxRecords(7)
                        .maxPages(3)
                        .view("unified")
                        .build())) {
            assertThat(stream.frames().map(ToolReply::getContent)).containsExactly("[1.50]", "[2]", "[3]");

            assertThat(stream.isDone()).isTrue();
            assertThat(stream.next()).isNull();
            assertThat(stream.poll(Duration.ZERO)).isNull();
            ToolCall call = worker.arrivals.getFirst().call();
            assertThat(call.getCallId()).isEqualTo(stream.callId());
            assertThat(call.getView()).isEqualTo("unified");
            assertThat(call.getReplyPartition()).isEqualTo(Shards.ofKey(stream.callId(), 3));
            assertThat(call.getPaging())
                    .isEqualTo(Paging.newBuilder()
                            .setMode("all")
                            .setCursor("tp1.x")
                            .setMaxRecords(7L)
                            .setMaxPages(3)
                            .build());
            stream.close();
            stream.cancel();
            assertThat(worker.arrivals).hasSize(1);
        }
    }

    @Test
    void keepsNoFrameOfTenThousandInMemory() throws InterruptedException {
        String content = "[\"" + "x".repeat(4_000) + "\"]";
        int count = 10_000;
        try (FakeWorker _ = worker(call -> frames(count, i -> frame(call, i, content, i == count - 1)));
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(all())) {
            List<WeakReference<ToolReply>> seen = new ArrayList<>();
            for (ToolReply frame = stream.next(); frame != null; frame = stream.next()) {
                assertThat(frame.getFrame()).isEqualTo(seen.size());
                seen.add(new WeakReference<>(frame));
            }
            assertThat(seen).hasSize(count);

            System.gc();
            assertThat(seen.stream().map(WeakReference::get).filter(Objects::nonNull))
                    .hasSizeLessThan(100);
        }
    }

    @Test
    void slowReaderHoldsUpNoOtherCall() throws InterruptedException {
        int count = 2_000;
        try (FakeWorker _ = worker(call -> call.getTool().equals("t")
                        ? frames(count, i -> frame(call, i, "[\"" + "x".repeat(2_000) + "\"]", i == count - 1))
                        : List.of(frame(call, 0, "1", true)));
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(all())) {
            assertThat(Objects.requireNonNull(stream.next()).getFrame()).isZero();

            for (int i = 0; i < 20; i++) {
                assertThat(client.execute(CallSpec.of("other", "c", "{}")).isOk())
                        .isTrue();
            }
            assertThat(stream.frames()).hasSize(count - 1);
        }
    }

    @Test
    void endsWithTheErrorThatAWorkerAnswered() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(
                        frame(call, 0, "[1]", false),
                        ToolReply.newBuilder()
                                .setCallId(call.getCallId())
                                .setFrame(1)
                                .setStatus("error")
                                .setNextCursor("tp1.on")
                                .setError(ToolError.newBuilder()
                                        .setCode("UNAVAILABLE")
                                        .build())
                                .build()));
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(all())) {
            List<ToolReply> frames = stream.frames().toList();

            assertThat(frames).hasSize(2);
            assertThat(frames.getLast().getError())
                    .extracting(ToolError::getCode)
                    .isEqualTo("UNAVAILABLE");
            assertThat(frames.getLast().getNextCursor()).isEqualTo("tp1.on");
        }
    }

    @Test
    void cancelsWhenAskedToAndWhenClosedBeforeItsEnd() throws InterruptedException {
        try (FakeWorker worker = worker(call -> call.getAction().equals("cancel")
                        ? List.of(ToolReply.newBuilder()
                                .setCallId(call.getCallId())
                                .setFrame(1)
                                .setStatus("error")
                                .setError(ToolError.newBuilder()
                                        .setCode("CANCELLED")
                                        .build())
                                .build())
                        : List.of(frame(call, 0, "[1]", false)));
                ToolpostClient client = client().tenant("acme").build()) {
            try (ReplyStream stream = client.stream(all())) {
                assertThat(stream.next()).isNotNull();
                assertThat(stream.poll(MOMENT)).isNull();
                assertThat(stream.isDone()).isFalse();
                stream.cancel();

                assertThat(Objects.requireNonNull(stream.next()).getError())
                        .extracting(ToolError::getCode)
                        .isEqualTo("CANCELLED");
            }
            assertThat(worker.arrivals).hasSize(2);
            assertThat(worker.arrivals.getLast().key()).isEqualTo("acme/c");

            ReplyStream left = client.stream(all());
            assertThat(left.next()).isNotNull();
            left.close();
            while (worker.arrivals.size() < 4) {
                Thread.onSpinWait();
            }
            assertThat(worker.arrivals.getLast().call().getAction()).isEqualTo("cancel");
            assertThat(worker.arrivals.getLast().call().getCallId()).isEqualTo(left.callId());
        }
    }

    @Test
    void seesNoFrameOfAnAbortedTransaction() throws InterruptedException {
        MessageCodec<ToolReply> replies = MessageCodec.of(ToolReply.class, null);
        try (KafkaProducer<byte[], byte[]> transactional = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "aborting-stream"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(idle())) {
            transactional.initTransactions();
            for (boolean aborted : new boolean[] {true, false}) {
                transactional.beginTransaction();
                ToolReply frame = ToolReply.newBuilder()
                        .setCallId(stream.callId())
                        .setContent(aborted ? "[\"aborted\"]" : "[\"right\"]")
                        .build();
                Future<?> _ = transactional.send(new ProducerRecord<>(
                        "toolpost.replies",
                        stream.callId().getBytes(StandardCharsets.UTF_8),
                        replies.encode("r", frame, Format.JSON)));
                transactional.flush();
                if (aborted) {
                    assertThat(stream.poll(MOMENT)).isNull();
                    transactional.abortTransaction();
                } else {
                    transactional.commitTransaction();
                }
            }

            assertThat(stream.frames().map(ToolReply::getContent)).containsExactly("[\"right\"]");
        }
    }

    @Test
    void saysThatAFrameIsMissing() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(frame(call, 0, "[1]", false), frame(call, 2, "[3]", true)));
                ToolpostClient client = client().build();
                ReplyStream stream = client.stream(all())) {
            assertThat(stream.next()).isNotNull();

            assertThatThrownBy(stream::next)
                    .isInstanceOf(UnreadableReplyException.class)
                    .hasMessageContaining("frame 1 of call " + stream.callId() + " is missing");
        }
    }

    @Test
    void saysThatTheAnswerStopped() throws InterruptedException {
        try (FakeWorker _ = worker(call -> List.of(frame(call, 0, "[1]", false)));
                ToolpostClient client = client().grace(MOMENT).build();
                ReplyStream stream = client.stream(
                        CallSpec.builder("t", "c").all().timeout(MOMENT).build())) {
            assertThat(stream.next()).isNotNull();

            assertThatThrownBy(stream::next)
                    .isInstanceOf(NoReplyException.class)
                    .hasMessageContaining("no last frame after 1 frames to call " + stream.callId())
                    .hasMessageContaining("1 worker is in its consumer group");
        }
    }

    @Test
    void saysThatNoTopicTakesTheCallOrTheReply() throws InterruptedException {
        try (ToolpostClient client = ToolpostClient.builder(
                                Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.block.ms", 500))
                        .build();
                ReplyStream stream = client.stream(CallSpec.builder("t", "c")
                        .topic("toolpost.calls.nobody")
                        .build())) {
            assertThatThrownBy(stream::next)
                    .isInstanceOf(NoReplyException.class)
                    .hasMessageContaining("could not be published: Topic toolpost.calls.nobody does not exist.");
        }
        try (ToolpostClient client =
                client().replyTopic("toolpost.replies.nobody").build()) {
            assertThatThrownBy(() -> client.stream(all()))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("reply topic toolpost.replies.nobody does not exist");
        }
    }

    @Test
    void endsWithItsClient() throws InterruptedException {
        ToolpostClient client = client().build();
        ReplyStream stream = client.stream(idle());
        client.close();

        assertThatThrownBy(stream::next).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> client.stream(all())).isInstanceOf(ClosedException.class);
    }

    private static CallSpec all() {
        return CallSpec.builder("t", "c").all().build();
    }

    private static CallSpec idle() {
        return CallSpec.builder("t", "c").all().topic(TOPICS.calls("idle")).build();
    }

    private ToolpostClient.Builder client() {
        return ToolpostClient.builder(Map.of("bootstrap.servers", kafka.bootstrapServers()))
                .registry(registry)
                .format(Format.JSON);
    }

    private FakeWorker worker(Function<ToolCall, List<ToolReply>> script) throws InterruptedException {
        return new FakeWorker(
                kafka.bootstrapServers(), registry, TOPICS.calls("common"), TOPICS.group("common"), script);
    }

    private static ToolReply frame(ToolCall call, int number, String content, boolean last) {
        return ToolReply.newBuilder()
                .setCallId(call.getCallId())
                .setFrame(number)
                .setLast(last)
                .setContent(content)
                .build();
    }

    /** Made one by one, when they are sent. */
    private static List<ToolReply> frames(int count, IntFunction<ToolReply> each) {
        return new AbstractList<>() {
            @Override
            public ToolReply get(int index) {
                return each.apply(index);
            }

            @Override
            public int size() {
                return count;
            }
        };
    }
}
