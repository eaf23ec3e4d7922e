package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.HeaderNames;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an agent may count on whatever it calls: formats, ids, headers, dry runs, deadlines, lanes. */
class CallContractTest {

    private static final String READ = "hubspot_list_contacts";
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static Rig rig;
    private static Agent agent;
    private static MessageCodec<ToolCall> calls;

    @BeforeAll
    static void start() {
        rig = Rig.start(3, SimulatedVendor.start())
                .fastConnection("crm")
                .connection(Rig.TENANT, "slow", Map.of("ten_seconds", new LimitOverride(10, Duration.ofSeconds(1))));
        rig.worker();
        agent = rig.agent();
        calls = MessageCodec.of(ToolCall.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())));
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aCallInAvroIsAnsweredInAvroAndOneInJsonInJson() {
        ToolCall call = ToolCall.newBuilder()
                .setCallId("avro")
                .setTool(READ)
                .setTenant(Rig.TENANT)
                .setConnection("crm")
                .setArguments("{\"limit\":3}")
                .setReplyTo(agent.replyTopic())
                .build();
        String topic = rig.topics().calls("hubspot");
        agent.publish(new ProducerRecord<>(topic, "acme/crm".getBytes(UTF_8), calls.encode(topic, call, Format.AVRO)));
        agent.call("json", READ, "crm", "{\"limit\":3}");

        Agent.Frame avro = agent.frame("avro", Duration.ofSeconds(30));
        Agent.Frame json = agent.frame("json", Duration.ofSeconds(30));
        assertThat(avro.format()).isEqualTo(Format.AVRO);
        assertThat(json.format()).isEqualTo(Format.JSON);
        assertThat(avro.reply().getContent()).isEqualTo(json.reply().getContent());
        assertThat(new String(json.message().value(), UTF_8)).contains("\"content\":{\"results\":[");
    }

    @Test
    void headersForTheReplyAndTheTraceComeBackAndOthersDoNot() {
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                rig.topics().calls("hubspot"),
                "acme/crm".getBytes(UTF_8),
                agent.json("headers", READ, "crm", "{\"limit\":1}").getBytes(UTF_8));
        message.headers()
                .add(HeaderNames.TRACEPARENT, TRACE.getBytes(UTF_8))
                .add("reply-session", "s1".getBytes(UTF_8))
                .add("reply-bytes", new byte[] {0, (byte) 255})
                .add("authorization", "secret".getBytes(UTF_8));
        agent.publish(message);

        Headers headers =
                agent.frame("headers", Duration.ofSeconds(30)).message().headers();
        assertThat(headers.lastHeader(HeaderNames.TRACEPARENT).value()).isEqualTo(TRACE.getBytes(UTF_8));
        assertThat(headers.lastHeader("reply-session").value()).isEqualTo("s1".getBytes(UTF_8));
        assertThat(headers.lastHeader("reply-bytes").value()).isEqualTo(new byte[] {0, (byte) 255});
        assertThat(headers.lastHeader("authorization")).isNull();
    }

    @Test
    void aFrameIsKeyedByItsCallId() {
        agent.call("keyed", READ, "crm", "{\"limit\":1}");

        assertThat(agent.frame("keyed", Duration.ofSeconds(30)).message().key()).isEqualTo("keyed".getBytes(UTF_8));
    }

    @Test
    void aCallWithoutAnIdIsKnownByThePlaceOfItsArrival() {
        RecordMetadata place = agent.publish(
                rig.topics().calls("hubspot"),
                "acme/crm",
                "{\"tool\":\"" + READ + "\",\"tenant\":\"acme\",\"connection\":\"crm\",\"reply_to\":\""
                        + agent.replyTopic() + "\"}");

        ToolReply reply = agent.reply(place.topic() + "-" + place.partition() + "-" + place.offset());
        assertThat(reply.getStatus()).isEqualTo("ok");
    }

    @Test
    void aDryRunShowsTheRequestWithoutItsCredentialAndSendsNothing() {
        long writes = rig.vendor().stats().requests();
        String json =
                agent.json("dry", "hubspot_create_contact", "crm", "{\"properties\":{\"email\":\"dry@example.com\"}}");
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", with(json, "dry_run", "true"));

        Agent.Frame frame = agent.frame("dry", Duration.ofSeconds(30));
        assertThat(frame.reply().getError()).isNull();
        assertThat(frame.reply().getContent())
                .contains("\"method\":\"POST\"", "/crm/v3/objects/contacts", "dry@example.com")
                .containsIgnoringCase("authorization");
        assertThat(new String(frame.message().value(), UTF_8)).doesNotContain(SimulatedVendor.DEFAULT_TOKEN);
        assertThat(rig.vendor().stats().requests()).isEqualTo(writes);
    }

    @Test
    void aCallWhoseDeadlinePassedInTheQueueIsAnsweredAndNotExecuted() {
        long requests = rig.vendor().stats().requests();
        String json = agent.json("late", READ, "crm", "{\"limit\":1}");
        long past = System.currentTimeMillis() - 1_000;
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", with(json, "deadline", Long.toString(past)));
        String write = agent.json(
                "late-write", "hubspot_create_contact", "crm", "{\"properties\":{\"email\":\"late@example.com\"}}");
        agent.publish(rig.topics().calls("hubspot"), "acme/crm", with(write, "deadline", Long.toString(past)));

        for (String id : List.of("late", "late-write")) {
            assertThat(agent.reply(id).getError().getCode()).isEqualTo("DEADLINE_EXCEEDED");
            assertThat(agent.reply(id).getError().getRetryable()).isTrue();
        }
        assertThat(rig.vendor().stats().requests()).isEqualTo(requests);
        assertThat(rig.vendor().writes("create", "contacts", "late@example.com"))
                .isZero();
    }

    @Test
    void interactiveCallsGoBeforeBatchCallsOfTheirConnection() {
        List<String> batch = new ArrayList<>();
        List<String> interactive = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            batch.add("batch-" + i);
            agent.publishLater(
                    rig.topics().batch("hubspot"),
                    "acme/slow",
                    agent.json("batch-" + i, READ, "slow", "{\"limit\":1}"));
        }
        agent.flush();
        agent.awaitReplies(batch.subList(0, 1), Duration.ofSeconds(30));
        for (int i = 0; i < 8; i++) {
            interactive.add("interactive-" + i);
            agent.call("interactive-" + i, READ, "slow", "{\"limit\":1}");
        }
        long published = System.currentTimeMillis();

        agent.awaitReplies(interactive, Duration.ofSeconds(30));
        agent.awaitReplies(batch, Duration.ofSeconds(30));
        long lastInteractive = interactive.stream()
                .mapToLong(id -> agent.reply(id).getCompletedAt())
                .max()
                .orElseThrow();
        long overtook = batch.stream()
                .map(id -> agent.reply(id).getCompletedAt())
                .filter(completed -> completed > published && completed < lastInteractive)
                .count();
        assertThat(overtook).isLessThanOrEqualTo(20);
        assertThat(rig.vendor().stats().violations()).isZero();
    }

    private static String with(String json, String field, String value) {
        return json.substring(0, json.length() - 1) + ",\"" + field + "\":" + value + "}";
    }
}
