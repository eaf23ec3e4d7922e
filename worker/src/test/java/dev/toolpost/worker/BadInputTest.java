package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.DeadLetterBox;
import dev.toolpost.worker.rig.GroupProgress;
import dev.toolpost.worker.rig.Rig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input of every kind: each ends as a normalised error or as a dead letter with its cause, and the next record of
 * the same partition is processed.
 */
class BadInputTest {

    private static final String READ = "hubspot_list_contacts";
    private static final AtomicInteger IDS = new AtomicInteger();
    private static final int SHARDS = 3;

    private static Rig rig;
    private static Agent agent;
    private static DeadLetterBox deadLetters;

    @BeforeAll
    static void start() {
        rig = Rig.start(SHARDS, SimulatedVendor.builder().unlimited().start()).fastConnection("crm");
        rig.worker();
        agent = rig.agent();
        deadLetters = new DeadLetterBox(rig);
    }

    @AfterAll
    static void stop() {
        deadLetters.close();
        rig.close();
    }

    /** A record that is no call, or one that cannot be answered. */
    @SuppressWarnings("ArrayRecordComponent")
    record Poison(String name, byte @Nullable [] value, String cause) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Poison> poison() {
        return List.of(
                new Poison("text", "hello".getBytes(UTF_8), "not-json"),
                new Poison("half an object", "{\"tool\":\"hubspot_get".getBytes(UTF_8), "not-json"),
                new Poison("a list", "[1,2]".getBytes(UTF_8), "not-json"),
                new Poison("no UTF-8", new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, "not-json"),
                new Poison("two messages", "{\"tool\":\"t\",\"connection\":\"c\"}{}".getBytes(UTF_8), "trailing-bytes"),
                new Poison("no bytes", new byte[0], "empty"),
                new Poison("a tombstone", null, "empty"),
                new Poison("a frame without its schema id", new byte[] {0, 1, 2}, "not-avro"),
                new Poison("Avro cut short", Arrays.copyOf(avro(READ, "crm", "c"), 9), "not-avro"),
                new Poison("bytes that do not fit the schema", garbled(), "not-avro"),
                new Poison("an unknown schema id", unknownSchema(), "unknown-schema"),
                new Poison("bytes after the record", Arrays.copyOf(avro(READ, "crm", "c"), 500), "trailing-bytes"),
                new Poison("deep nesting", nested(100_000).getBytes(UTF_8), "too-deep"),
                new Poison("a foreign reply topic", call("foreign", "reply_to", "\"payroll\""), "reply-to"),
                new Poison(
                        "an internal reply topic",
                        call("internal", "reply_to", quoted(rig.topics().jobs())),
                        "reply-to"),
                new Poison(
                        "a reply topic that is not there",
                        call("absent", "reply_to", quoted(rig.topics().replies("nobody"))),
                        "reply-to"),
                new Poison(
                        "a reply topic that is no name",
                        call("noname", "reply_to", quoted(rig.topics().replies() + ".a b")),
                        "reply-to"));
    }

    @ParameterizedTest
    @MethodSource("poison")
    void whatCannotBeAnsweredBecomesADeadLetterWithItsCause(Poison poison) {
        RecordMetadata place = publish(poison.value());

        aGoodCallIsAnswered();
        DeadLetterBox.Letter letter = deadLetters.of(place);
        assertThat(letter.cause()).as(letter.detail()).isEqualTo(poison.cause());
        assertThat(letter.detail()).isNotBlank();
        assertThat(letter.message().value()).isEqualTo(poison.value());
        assertThat(new String(letter.message().key(), UTF_8)).isEqualTo("acme/crm");
    }

    /** A call that is answered with an error. */
    record Wrong(
            String name, String json, String code, @Nullable String path) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Wrong> wrong() {
        return List.of(
                new Wrong("unknown tool", replaced("tool", "\"hubspot_list_contcts\""), "UNKNOWN_TOOL", null),
                new Wrong("tool missing", replaced("tool", null), "INVALID_CALL", "/tool"),
                new Wrong("tool of another type", replaced("tool", "17"), "INVALID_CALL", "/tool"),
                new Wrong("connection missing", replaced("connection", null), "INVALID_CALL", "/connection"),
                new Wrong(
                        "connection that is no id",
                        replaced("connection", "\"../etc\""),
                        "INVALID_CALL",
                        "/connection"),
                new Wrong("unknown connection", replaced("connection", "\"nobody\""), "UNKNOWN_CONNECTION", null),
                new Wrong("tenant missing", replaced("tenant", null), "INVALID_CALL", "/tenant"),
                new Wrong("tenant that is no id", replaced("tenant", "\"ACME\""), "INVALID_CALL", "/tenant"),
                new Wrong("arguments of another type", replaced("arguments", "[]"), "INVALID_ARGUMENTS", ""),
                new Wrong(
                        "an argument of another type",
                        replaced("arguments", "{\"limit\":\"ten\"}"),
                        "INVALID_ARGUMENTS",
                        "/limit"),
                new Wrong(
                        "an argument out of range",
                        replaced("arguments", "{\"limit\":5000}"),
                        "INVALID_ARGUMENTS",
                        "/limit"),
                new Wrong(
                        "an unknown argument", replaced("arguments", "{\"limmit\":5}"), "INVALID_ARGUMENTS", "/limmit"),
                new Wrong(
                        "a deep argument",
                        replaced("arguments", "{\"properties\":" + "[".repeat(150) + "]".repeat(150) + "}"),
                        "INVALID_ARGUMENTS",
                        null),
                new Wrong(
                        "2 MB of arguments",
                        replaced("arguments", "{\"properties\":[\"" + "x".repeat(2 << 20) + "\"]}"),
                        "INVALID_CALL",
                        ""),
                new Wrong(
                        "a forged cursor", replaced("arguments", "{\"next_cursor\":\"abc\"}"), "INVALID_CURSOR", null),
                new Wrong(
                        "a partition that the reply topic has not",
                        added("reply_partition", "99"),
                        "INVALID_CALL",
                        null),
                new Wrong("a negative reply partition", added("reply_partition", "-1"), "INVALID_CALL", null),
                new Wrong(
                        "a reply partition of another type",
                        added("reply_partition", "\"two\""),
                        "INVALID_CALL",
                        "/reply_partition"),
                new Wrong("an unknown action", added("action", "\"explode\""), "INVALID_CALL", "/action"),
                new Wrong("no time", added("timeout_ms", "0"), "INVALID_CALL", "/timeout_ms"),
                new Wrong(
                        "an idempotency key that is none",
                        added("idempotency_key", "\"a b\""),
                        "INVALID_CALL",
                        "/idempotency_key"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatCanBeAnsweredIsAnsweredWithANormalisedError(Wrong wrong) {
        String id = "bad-" + IDS.incrementAndGet();
        publish(wrong.json().replace("<id>", id).getBytes(UTF_8));

        aGoodCallIsAnswered();
        ToolReply reply = agent.reply(id);
        ToolError error = reply.getError();
        assertThat(reply.getStatus()).isEqualTo("error");
        assertThat(error.getCode()).as(error.getMessage()).isEqualTo(wrong.code());
        assertThat(error.getMessage()).isNotBlank().hasSizeLessThan(20_000);
        assertThat(error.getRetryable()).isFalse();
        if (wrong.path() != null) {
            assertThat(error.getFields())
                    .anySatisfy(field -> assertThat(field.getPath()).isEqualTo(wrong.path()));
        }
        assertThat(agent.frames(id)).hasSize(1);
    }

    @Test
    void aCallIdThatIsNoneIsAnsweredUnderThePlaceOfTheCall() {
        RecordMetadata place = publish(replaced("call_id", "\"two words\"").getBytes(UTF_8));

        ToolError error = agent.reply(placeOf(place)).getError();
        assertThat(error.getCode()).isEqualTo("INVALID_CALL");
        assertThat(error.getFields())
                .anySatisfy(field -> assertThat(field.getPath()).isEqualTo("/call_id"));
    }

    @Test
    void theNearestToolAndTheRemedyAreNamed() {
        publish(replaced("tool", "\"hubspot_list_contcts\"")
                .replace("<id>", "nearest")
                .getBytes(UTF_8));

        assertThat(agent.reply("nearest").getError().getRemedy()).contains(READ);
    }

    @Test
    void aCallWithoutAReplyTopicIsAnsweredOnTheSharedOne() {
        publish(replaced("reply_to", null).replace("<id>", "shared").getBytes(UTF_8));

        aGoodCallIsAnswered();
        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
        assertThat(Agent.all(rig.topics().replies()))
                .anySatisfy(frame -> assertThat(new String(frame.key(), UTF_8)).isEqualTo("shared"));
    }

    @Test
    void aReplyComesOnThePartitionThatTheCallNames() throws Exception {
        String wide = rig.topics().replies("wide");
        rig.admin()
                .createTopics(List.of(new NewTopic(wide, 4, (short) 1)))
                .all()
                .get();
        for (int partition = 0; partition < 4; partition++) {
            publish(added("reply_partition", Integer.toString(partition))
                    .replace(agent.replyTopic(), wide)
                    .replace("<id>", "partition-" + partition)
                    .getBytes(UTF_8));
        }

        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
        assertThat(Agent.all(wide))
                .hasSize(4)
                .allSatisfy(frame ->
                        assertThat(new String(frame.key(), UTF_8)).isEqualTo("partition-" + frame.partition()));
    }

    @Test
    void aBadAvroCallIsAnsweredInAvro() {
        publish(avro("hubspot_nothing", "crm", "bad-avro"));

        Agent.Frame frame = agent.frame("bad-avro", Duration.ofSeconds(30));
        assertThat(frame.format()).isEqualTo(Format.AVRO);
        assertThat(frame.reply().getError().getCode()).isEqualTo("UNKNOWN_TOOL");
    }

    @Test
    void ofAMixOfGoodAndBadNothingIsLost() {
        Random random = new Random(7);
        List<Poison> kinds = poison();
        List<String> good = new ArrayList<>();
        List<RecordMetadata> bad = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            if (random.nextInt(3) == 0) {
                bad.add(publish(kinds.get(random.nextInt(kinds.size())).value()));
            } else {
                String id = "mix-" + i;
                good.add(id);
                agent.publishLater(
                        rig.topics().calls("hubspot"), "acme/crm", agent.json(id, READ, "crm", "{\"limit\":1}"));
            }
        }
        agent.flush();

        agent.awaitReplies(good, Duration.ofSeconds(30));
        bad.forEach(place -> assertThat(deadLetters.of(place).cause()).isNotBlank());
        new GroupProgress(rig, "hubspot").awaitAllCommitted(Duration.ofSeconds(20));
        agent.read(Duration.ofMillis(300));
        assertThat(good).allSatisfy(id -> assertThat(agent.frames(id)).hasSize(1));
    }

    private static void aGoodCallIsAnswered() {
        String id = "good-" + IDS.incrementAndGet();
        publish(agent.json(id, READ, "crm", "{\"limit\":1}").getBytes(UTF_8));
        assertThat(agent.reply(id).getError()).isNull();
    }

    /** To the partition where calls of acme/crm belong. */
    private static RecordMetadata publish(byte @Nullable [] value) {
        return agent.publish(new ProducerRecord<>(
                rig.topics().calls("hubspot"),
                Shards.of(Rig.TENANT, "crm", SHARDS),
                "acme/crm".getBytes(UTF_8),
                value));
    }

    private static String placeOf(RecordMetadata place) {
        return place.topic() + "-" + place.partition() + "-" + place.offset();
    }

    private static byte[] call(String id, String field, String value) {
        return replaced(field, value).replace("<id>", id).getBytes(UTF_8);
    }

    /** A good call with one field changed, or left out for null. */
    private static String replaced(String field, @Nullable String value) {
        StringBuilder json = new StringBuilder("{");
        for (String[] each : new String[][] {
            {"call_id", "\"<id>\""},
            {"tool", quoted(READ)},
            {"tenant", quoted(Rig.TENANT)},
            {"connection", quoted("crm")},
            {"arguments", "{\"limit\":1}"},
            {"reply_to", quoted(agent.replyTopic())}
        }) {
            String written = each[0].equals(field) ? value : each[1];
            if (written != null) {
                json.append(json.length() == 1 ? "" : ",")
                        .append(quoted(each[0]))
                        .append(':')
                        .append(written);
            }
        }
        return json.append('}').toString();
    }

    private static String added(String field, String value) {
        String whole = replaced("", null);
        return whole.substring(0, whole.length() - 1) + "," + quoted(field) + ":" + value + "}";
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String nested(int depth) {
        return replaced("arguments", "[".repeat(depth) + "]".repeat(depth));
    }

    private static byte[] avro(String tool, String connection, String id) {
        ToolCall call = ToolCall.newBuilder()
                .setCallId(id)
                .setTool(tool)
                .setTenant(Rig.TENANT)
                .setConnection(connection)
                .setReplyTo(agent.replyTopic())
                .build();
        return MessageCodec.of(ToolCall.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())))
                .encode(rig.topics().calls("hubspot"), call, Format.AVRO);
    }

    private static byte[] garbled() {
        byte[] bytes = avro(READ, "crm", "c");
        Arrays.fill(bytes, 5, bytes.length, (byte) 0xFF);
        return bytes;
    }

    private static byte[] unknownSchema() {
        byte[] bytes = avro(READ, "crm", "c");
        ByteBuffer.wrap(bytes).putInt(1, 999_999);
        return bytes;
    }
}
