package dev.toolpost.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.toolpost.message.Deferral;
import dev.toolpost.message.FieldError;
import dev.toolpost.message.Paging;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {
    private static final String TOPIC = "toolpost.calls.hubspot";

    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final MessageCodec<ToolCall> calls = MessageCodec.of(ToolCall.class, registry);
    private final MessageCodec<ToolReply> replies = MessageCodec.of(ToolReply.class, registry);

    @Test
    void readsAMinimalJsonCallWithItsDefaults() {
        Decoded<ToolCall> decoded = calls.decode(TOPIC, utf8("""
                {"tool": "hubspot_list_contacts", "connection": "sales"}"""));

        assertThat(decoded.format()).isEqualTo(Format.JSON);
        assertThat(decoded.value())
                .isEqualTo(ToolCall.newBuilder()
                        .setTool("hubspot_list_contacts")
                        .setConnection("sales")
                        .build());
        assertThat(decoded.value().getAction()).isEqualTo("execute");
        assertThat(decoded.value().getArguments()).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ \"limit\" : 1.50,  \"big\":123456789012345678901234567890, \"ü\": \"\\u00e4 ä 😀\" }",
                "[1, 2,3 ]",
                "12.340",
                "\"a \\\" b\"",
                "true",
                "-0",
                "1e400"
            })
    void keepsTheSourceTextOfEmbeddedJson(String arguments) {
        byte[] bytes = utf8("{\"tool\":\"t\",\n \"arguments\" :  " + arguments + "  , \"connection\":\"c\"}");

        ToolCall call = calls.decode(TOPIC, bytes).value();

        assertThat(call.getArguments()).isEqualTo(arguments);
        assertThat(call.getConnection()).isEqualTo("c");
        assertThat(new String(calls.encode(TOPIC, call, Format.JSON), StandardCharsets.UTF_8))
                .contains("\"arguments\":" + arguments + ",");
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void readsBackWhatItWrote(Format format) {
        ToolReply reply = fullReply();

        Decoded<ToolReply> decoded = replies.decode("r", replies.encode("r", reply, format));

        assertThat(decoded).isEqualTo(new Decoded<>(reply, format));
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void readsBackNestedCallsBytesAndMaps(Format format) {
        MessageCodec<Resumption> resumptions = MessageCodec.of(Resumption.class, registry);
        Resumption resumption = Resumption.newBuilder()
                .setKind("forward")
                .setCall(fullCall())
                .setCallId("01JD")
                .setClaims("{\"sub\":\"agent-7\"}")
                .setReplyHeaders(Map.of("reply-a", ByteBuffer.wrap(new byte[] {0, -1, 7})))
                .build();
        assertThat(resumptions
                        .decode("x", resumptions.encode("x", resumption, format))
                        .value())
                .isEqualTo(resumption);

        MessageCodec<Deferral> deferrals = MessageCodec.of(Deferral.class, registry);
        Deferral deferral = Deferral.newBuilder()
                .setDeferralId("acme/sales/1")
                .setValue(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .build();
        byte[] bytes = deferrals.encode("x", deferral, format);
        assertThat(deferrals.decode("x", bytes).value()).isEqualTo(deferral);
    }

    @Test
    void writesEveryFieldOfAJsonReply() {
        ToolReply reply = ToolReply.newBuilder()
                .setCallId("a\"b\\c\n\u0001ä")
                .setContent("[1.0]")
                .build();

        assertThat(new String(replies.encode("r", reply, Format.JSON), StandardCharsets.UTF_8))
                .isEqualTo("{\"call_id\":\"a\\\"b\\\\c\\n\\u0001ä\",\"frame\":0,\"last\":true,\"status\":\"ok\","
                        + "\"content\":[1.0],\"content_type\":null,\"next_cursor\":null,\"error\":null,"
                        + "\"untrusted\":true,\"stats\":null,\"completed_at\":0}");
    }

    @Test
    void namesEveryProblemOfAJsonCallAndKeepsWhatItCouldRead() {
        InvalidMessageException e =
                catchThrowableOfType(InvalidMessageException.class, () -> calls.decode(TOPIC, utf8("""
                        {"call_id": "id-1", "toool": "t", "reply_to": "replies", "deadline": "soon", "dry_run": 1,
                         "paging": {"mode": "all", "max_pages": 99999999999}, "arguments": {"a": 1}, "new_field": [{}]}""")));

        assertThat(e.problems())
                .containsExactly(
                        new FieldProblem("/deadline", "a string soon (expected: a whole number of 64 bits)"),
                        new FieldProblem("/dry_run", "a number 1 (expected: true or false)"),
                        new FieldProblem(
                                "/paging/max_pages", "a number 99999999999 (expected: a whole number of 32 bits)"),
                        new FieldProblem("/toool", "unknown field (did you mean tool?)"),
                        new FieldProblem("/connection", "missing (expected: a string)"));
        assertThat(e.causeCode()).isEqualTo("invalid-fields");
        ToolCall partial = e.partial(ToolCall.class);
        assertThat(partial).isNotNull();
        assertThat(partial.getCallId()).isEqualTo("id-1");
        assertThat(partial.getReplyTo()).isEqualTo("replies");
        assertThat(partial.getTool()).isEmpty();
        assertThat(partial.getArguments()).isEqualTo("{\"a\": 1}");
        assertThat(e.partial(ToolReply.class)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "argumnets, arguments",
        "dryRun, dry_run",
        "idempotencyKey, idempotency_key",
        "callid, call_id",
        "replyTo, reply_to",
        "time_out_ms, timeout_ms"
    })
    void refusesAMisspeltOptionalFieldRatherThanIgnoringIt(String misspelt, String meant) {
        assertThatThrownBy(() ->
                        calls.decode(TOPIC, utf8("{\"tool\":\"t\",\"connection\":\"c\",\"" + misspelt + "\":null}")))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessage("/" + misspelt + ": unknown field (did you mean " + meant + "?)");
    }

    @Test
    void ignoresFieldsOfNewerReleases() {
        assertThat(calls.decode(
                                TOPIC,
                                utf8("{\"tool\":\"t\",\"connection\":\"c\",\"priority\":{\"x\":[1]},\"labels\":null}"))
                        .value()
                        .getTool())
                .isEqualTo("t");
    }

    @Test
    void takesNullForADefaultAndRefusesFieldsGivenTwice() {
        assertThat(calls.decode(TOPIC, utf8("{\"tool\":\"t\",\"connection\":\"c\",\"view\":null,\"arguments\":null}"))
                        .value())
                .isEqualTo(ToolCall.newBuilder().setTool("t").setConnection("c").build());
        assertThatThrownBy(() ->
                        calls.decode(TOPIC, utf8("{\"tool\":\"t\",\"connection\":\"c\",\"tool\":\"delete_all\"}")))
                .hasMessage("/tool: given twice (expected: once)");
        assertThatThrownBy(() -> calls.decode(TOPIC, utf8("{\"tool\":null,\"connection\":\"c\"}")))
                .hasMessage("/tool: null (expected: a string)");
    }

    @Test
    void takesWholeNumbersHoweverTheyAreWritten() {
        ToolCall call = calls.decode(TOPIC, utf8("""
                        {"tool":"t","connection":"c","deadline":1.795e12,"reply_partition":3.0}""")).value();
        assertThat(call.getDeadline()).isEqualTo(1_795_000_000_000L);
        assertThat(call.getReplyPartition()).isEqualTo(3);
        assertThatThrownBy(() -> calls.decode(TOPIC, utf8("""
                        {"tool":"t","connection":"c","deadline":1e999999999}"""))).isInstanceOf(InvalidMessageException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello                    | not-json",
                "{\"tool\":\"t\"          | not-json",
                "[1]                      | not-json",
                "\"text\"                 | not-json",
                "42                       | not-json",
                "'   '                    | not-json",
                "''                       | empty",
                "{\"a\":NaN}              | not-json",
                "{'tool':'t'}             | not-json",
                "{} {}                    | trailing-bytes",
                "{}]                      | not-json",
            })
    void tellsBytesThatAreNoJsonMessage(String text, String causeCode) {
        assertCause(utf8(text), causeCode);
    }

    @Test
    void tellsBytesThatAreNoMessageAtAll() {
        assertCause(null, MalformedMessageException.EMPTY);
        assertCause(new byte[] {'{', (byte) 0xC3, '(', '}'}, MalformedMessageException.NOT_JSON);
        assertCause("{\"tool\":\"t\"}".getBytes(StandardCharsets.UTF_16LE), MalformedMessageException.NOT_JSON);
        assertCause("{\"tool\":\"t\"}".getBytes(StandardCharsets.UTF_16BE), MalformedMessageException.UNKNOWN_SCHEMA);
        assertCause(new byte[] {0, 0}, MalformedMessageException.NOT_AVRO);
        assertCause(new byte[] {0, 0, 0, 0, 99, 1, 2}, MalformedMessageException.UNKNOWN_SCHEMA);
        assertCause(new byte[MessageCodec.MAX_BYTES + 1], MalformedMessageException.TOO_LARGE);
        assertCause(
                utf8("{\"tool\":\"t\",\"arguments\":" + "[".repeat(300) + "]".repeat(300) + "}"),
                MalformedMessageException.TOO_DEEP);
    }

    @Test
    void skipsAByteOrderMark() {
        byte[] bytes = utf8("\uFEFF{\"tool\":\"t\",\"connection\":\"c\",\"arguments\":{\"a\": 1}}");
        assertThat(calls.decode(TOPIC, bytes).value().getArguments()).isEqualTo("{\"a\": 1}");
    }

    @Test
    void readsTwoMegabytesOfArguments() {
        String arguments = "{\"text\":\"" + "ä".repeat(1_000_000) + "\"}";
        byte[] bytes = utf8("{\"arguments\":" + arguments + ",\"tool\":\"t\",\"connection\":\"c\"}");
        assertThat(calls.decode(TOPIC, bytes).value().getArguments()).isEqualTo(arguments);
    }

    @Test
    void tellsDamagedAvroWithoutAllocatingWhatItClaims() {
        byte[] good = calls.encode(TOPIC, fullCall(), Format.AVRO);
        for (int length = 5; length < good.length; length++) {
            assertCause(Arrays.copyOf(good, length), MalformedMessageException.NOT_AVRO);
        }
        assertCause(Arrays.copyOf(good, good.length + 1), MalformedMessageException.TRAILING_BYTES);
        byte[] hugeString = Arrays.copyOf(good, 12);
        hugeString[5] = 2;
        Arrays.fill(hugeString, 6, 11, (byte) 0xFE);
        hugeString[10] = 0x0F;
        assertCause(hugeString, MalformedMessageException.NOT_AVRO);
    }

    @Test
    void survivesAnyDamageToAFramedMessage() {
        byte[] good = calls.encode(TOPIC, fullCall(), Format.AVRO);
        var random = new java.util.Random(20260101);
        for (int run = 0; run < 20_000; run++) {
            byte[] bad = good.clone();
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                bad[5 + random.nextInt(bad.length - 5)] = (byte) random.nextInt();
            }
            try {
                calls.decode(TOPIC, bad);
            } catch (DecodeException expected) {
                assertThat(expected.causeCode()).isNotEmpty();
            }
        }
    }

    @Test
    void checksThatArgumentsSentAsAvroAreJson() {
        ToolCall call = fullCall();
        call.setArguments("{\"a\":1} x");
        byte[] bytes = calls.encode(TOPIC, call, Format.AVRO);

        InvalidMessageException e =
                catchThrowableOfType(InvalidMessageException.class, () -> calls.decode(TOPIC, bytes));

        assertThat(e.problems()).hasSize(1);
        assertThat(e.problems().getFirst().path()).isEqualTo("/arguments");
        ToolCall partial = e.partial(ToolCall.class);
        assertThat(partial).isNotNull();
        assertThat(partial.getCallId()).isEqualTo("01JD");
    }

    @Test
    void tellsAnotherRecordOnTheTopic() {
        byte[] reply = replies.encode("r", fullReply(), Format.AVRO);
        assertCause(reply, MalformedMessageException.WRONG_SCHEMA);
    }

    @Test
    void needsARegistryForAvroOnly() {
        MessageCodec<ToolCall> without = MessageCodec.of(ToolCall.class, null);
        assertThat(without.encode(TOPIC, fullCall(), Format.JSON)).isNotEmpty();
        assertThatThrownBy(() -> without.encode(TOPIC, fullCall(), Format.AVRO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() -> without.decode(TOPIC, calls.encode(TOPIC, fullCall(), Format.AVRO)))
                .isInstanceOfSatisfying(
                        MalformedMessageException.class,
                        e -> assertThat(e.causeCode()).isEqualTo(MalformedMessageException.NO_REGISTRY));
    }

    @Test
    void goesOnWithKnownSchemasWhileTheRegistryIsDown() {
        byte[] bytes = calls.encode(TOPIC, fullCall(), Format.AVRO);
        FailingRegistry failing = new FailingRegistry(registry);
        MessageCodec<ToolCall> codec = MessageCodec.of(ToolCall.class, failing);
        codec.decode(TOPIC, bytes);
        codec.encode(TOPIC, fullCall(), Format.AVRO);

        failing.down = true;

        assertThat(codec.decode(TOPIC, bytes).value()).isEqualTo(fullCall());
        assertThat(codec.encode(TOPIC, fullCall(), Format.AVRO)).isEqualTo(bytes);
        byte[] unknown = {0, 0, 0, 1, 0, 1};
        assertThatThrownBy(() -> codec.decode(TOPIC, unknown)).isInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(() -> codec.encode("other", fullCall(), Format.AVRO))
                .isInstanceOf(RegistryUnavailableException.class);
    }

    private void assertCause(byte @Nullable [] bytes, String causeCode) {
        assertThatThrownBy(() -> calls.decode(TOPIC, bytes))
                .isInstanceOfSatisfying(
                        MalformedMessageException.class,
                        e -> assertThat(e.causeCode()).as(e.getMessage()).isEqualTo(causeCode));
    }

    private static ToolCall fullCall() {
        return ToolCall.newBuilder()
                .setCallId("01JD")
                .setTool("hubspot_list_contacts")
                .setTenant("acme")
                .setConnection("sales-hubspot")
                .setArguments("{\"limit\": 100}")
                .setReplyTo("toolpost.replies.agent-7")
                .setReplyPartition(2)
                .setDeadline(1_795_000_000_000L)
                .setTimeoutMs(30_000L)
                .setIdempotencyKey("key")
                .setPaging(Paging.newBuilder().setMode("all").setMaxRecords(10L).build())
                .setDryRun(true)
                .build();
    }

    private static ToolReply fullReply() {
        return ToolReply.newBuilder()
                .setCallId("01JD")
                .setFrame(3)
                .setLast(false)
                .setStatus("error")
                .setContent("{\"a\":[1.50]}")
                .setContentType("application/json")
                .setNextCursor("tp1.x")
                .setError(ToolError.newBuilder()
                        .setCode("REJECTED")
                        .setMessage("no")
                        .setRetryAt(5L)
                        .setVendorStatus(409)
                        .setFields(List.of(FieldError.newBuilder()
                                .setPath("/a")
                                .setMessage("bad")
                                .build()))
                        .setVendorBody("{\"category\": \"CONFLICT\"}")
                        .build())
                .setStats(Stats.newBuilder().setAttempts(2).setRecords(100).build())
                .setCompletedAt(1_795_000_000_000L)
                .build();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class FailingRegistry implements SchemaRegistry {
        private final SchemaRegistry delegate;
        private boolean down;

        FailingRegistry(SchemaRegistry delegate) {
            this.delegate = delegate;
        }

        private SchemaRegistry up() {
            if (down) {
                throw new RegistryException(RegistryException.Kind.UNAVAILABLE, "down");
            }
            return delegate;
        }

        @Override
        public Schema byId(int id) {
            return up().byId(id);
        }

        @Override
        public int register(String subject, Schema schema) {
            return up().register(subject, schema);
        }

        @Override
        public int idOf(String subject, Schema schema) {
            return up().idOf(subject, schema);
        }

        @Override
        public Registered latest(String subject) {
            return up().latest(subject);
        }
    }
}
