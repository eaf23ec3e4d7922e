package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.Shelf.Answer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** What comes of a vendor's answer: JSON as it came, what a call selects of it, text, files in one frame or several. */
@Timeout(120)
class ResultShapesTest {

    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] FILE = new byte[100_001];

    /** Records whose numbers no double holds. */
    private static final String PAGE =
            "{ \"data\":[ {\"id\":\"1\",\"n\":12345678901234567890.10,\"tags\":[\"a\",\"b\"]},{\"id\":\"2\",\"n\":2},"
                    + "{\"id\":\"3\",\"n\":3,\"x\":null}],\"has_more\":false }";

    private static Rig rig;
    private static Agent agent;
    private static Agent small;
    private static Shelf shelf;

    @BeforeAll
    static void start() throws Exception {
        new Random(3).nextBytes(FILE);
        rig = Rig.start(3, SimulatedVendor.start())
                .withConnector("shelf", Shelf.DEFINITION)
                .with("http.max_response_size", "200KiB");
        rig.worker();
        agent = rig.agent();
        small = rig.agent("small");
        rig.admin()
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, small.replyTopic()),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", "30000"), AlterConfigOp.OpType.SET))))
                .all()
                .get();
        shelf = rig.owns(Shelf.start(rig, "shapes", asked -> switch (asked.path()) {
            case "/last" -> Answer.json(PAGE);
            case "/export" -> new Answer(200, FILE, List.of("Content-Type: application/PDF; name=x"));
            case "/note" ->
                new Answer(
                        200, gzip("Grüße \"an\" alle"), List.of("Content-Type: text/plain", "Content-Encoding: gzip"));
            case "/touch" -> Answer.json("{\"id\":\"9\"}");
            default -> Answer.error(404, "{}");
        }));
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void jsonComesByteForByte() {
        agent.call("bytes", "shelf_last_id", "shapes", "{}");
        assertThat(agent.reply("bytes").getContent()).isEqualTo(PAGE);
    }

    @Test
    void aCallSelectsFromTheBodyOfAPageAndFromEachRecordOfAList() {
        agent.call(
                "select-page",
                "shelf_last_id",
                "shapes",
                "{}",
                select("{ 'ids': data.id, 'sum': $sum(data[n < 10].n) }"));
        assertThat(agent.reply("select-page").getContent()).isEqualTo("{\"ids\":[\"1\",\"2\",\"3\"],\"sum\":5}");

        agent.call(
                "select-all",
                "shelf_last_id",
                "shapes",
                "{}",
                ",\"paging\":{\"mode\":\"all\"}" + select("tags ? { 'id': id, 'n': n, 'first': tags[0] }"));
        List<ToolReply> frames = agent.answer("select-all", BOUND);
        assertThat(frames.getFirst().getContent())
                .as("a record of which nothing comes keeps its place")
                .isEqualTo("[{\"id\":\"1\",\"n\":12345678901234567890.10,\"first\":\"a\"},null,null]");
        assertThat(frames.getFirst().getStats().getRecords()).isEqualTo(3);
    }

    @Test
    void aWriteIsDoneWhateverIsSelectedOfItsResult() {
        agent.call("select-write", "shelf_touch", "shapes", "{}", select("id"));
        assertThat(agent.reply("select-write").getContent()).isEqualTo("\"9\"");

        agent.call("failing-write", "shelf_touch", "shapes", "{}", select("id + 1"));
        ToolReply failed = agent.reply("failing-write");
        assertThat(failed.getError().getCode()).isEqualTo("INVALID_CALL");
        assertThat(failed.getError().getMessage()).contains("the write itself was accepted");
        assertThat(failed.getError().getRetryable()).isFalse();
    }

    @Test
    void whatIsNoExpressionIsRefusedBeforeTheVendorIsAsked() {
        int before = shelf.asked().size();
        for (String wrong : List.of("id.(", "", "$eval('1')", "a ~> /x+/", "x".repeat(10_001))) {
            String id = "wrong-" + wrong.length();
            agent.call(id, "shelf_last_id", "shapes", "{}", select(wrong));
            ToolReply reply = agent.reply(id);
            assertThat(reply.getError().getCode()).as(wrong).isEqualTo("INVALID_CALL");
            assertThat(reply.getError().getFields().getFirst().getPath()).isEqualTo("/select");
        }
        agent.call("of-file", "shelf_export", "shapes", "{}", select("id"));
        assertThat(agent.reply("of-file").getError().getMessage()).contains("answers with binary");
        assertThat(shelf.asked()).hasSize(before);
    }

    @Test
    void anExpressionThatFailsOnARecordEndsTheListRightBeforeIt() {
        agent.call(
                "fails",
                "shelf_last_id",
                "shapes",
                "{}",
                ",\"paging\":{\"mode\":\"all\"}" + select("{ 'id': id, 'n': id = '2' ? $number('two') : n }"));
        List<ToolReply> frames = agent.answer("fails", BOUND);
        assertThat(frames.getFirst().getContent()).contains("\"id\":\"1\"");
        ToolReply last = frames.getLast();
        assertThat(last.getError().getCode()).isEqualTo("INVALID_CALL");
        assertThat(last.getError().getMessage()).contains("record 1");

        agent.call(
                "corrected",
                "shelf_last_id",
                "shapes",
                "{}",
                ",\"paging\":{\"mode\":\"all\",\"cursor\":\"" + last.getNextCursor() + "\"}" + select("id"));
        assertThat(agent.answer("corrected", BOUND).getFirst().getContent()).isEqualTo("[\"2\",\"3\"]");
    }

    @Test
    void anEndlessExpressionIsEnded() {
        agent.call("endless", "shelf_last_id", "shapes", "{}", select("($f := function($n) { $f($n + 1) }; $f(0))"));
        assertThat(agent.reply("endless").getError().getCode()).isEqualTo("INVALID_CALL");
    }

    @Test
    void aFileComesInBase64() {
        agent.call("file", "shelf_export", "shapes", "{}");
        ToolReply file = agent.reply("file");
        assertThat(file.getContentType()).isEqualTo("application/pdf");
        assertThat(Base64.getDecoder().decode(JSON.readTree(file.getContent()).stringValue()))
                .isEqualTo(FILE);
        assertThat(shelf.asked().getLast().headers()).containsEntry("accept", "*/*");
    }

    @Test
    void aFileAboveTheTopicsLimitComesInPiecesThatCanBeDecodedAlone() {
        small.call("pieces", "shelf_export", "shapes", "{}");
        List<ToolReply> frames = small.answer("pieces", BOUND);
        assertThat(frames).hasSize(5);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (ToolReply frame : frames) {
            assertThat(frame.getContentType()).isEqualTo("application/pdf");
            whole.writeBytes(
                    Base64.getDecoder().decode(JSON.readTree(frame.getContent()).stringValue()));
        }
        assertThat(whole.toByteArray()).isEqualTo(FILE);
        assertThat(small.frames("pieces")).hasSize(5);
    }

    @Test
    void aFileAboveTheCapIsRefusedInWords() throws IOException {
        try (Shelf _ = Shelf.start(
                rig, "huge", asked -> new Answer(200, new byte[300_000], List.of("Content-Type: image/png")))) {
            agent.call("huge", "shelf_export", "huge", "{}");
            ToolReply huge = agent.reply("huge");
            assertThat(huge.getError().getCode()).isEqualTo("RESULT_TOO_LARGE");
            assertThat(huge.getError().getMessage()).contains("more than 204800 bytes");
        }
    }

    @Test
    void compressedTextComesAsAJsonString() {
        agent.call("note", "shelf_note", "shapes", "{}");
        ToolReply note = agent.reply("note");
        assertThat(note.getContentType()).isEqualTo("text/plain");
        assertThat(JSON.readTree(note.getContent()).stringValue()).isEqualTo("Grüße \"an\" alle");
    }

    @Test
    void anEmptyAnswerIsNull() throws IOException {
        try (Shelf _ = Shelf.start(rig, "none", asked -> new Answer(204, new byte[0], List.of()))) {
            for (String tool : List.of("shelf_export", "shelf_note", "shelf_touch")) {
                agent.call("none-" + tool, tool, "none", "{}");
                assertThat(agent.reply("none-" + tool).getError()).as(tool).isNull();
                assertThat(agent.reply("none-" + tool).getContent()).as(tool).isNull();
            }
            agent.call("none-list", "shelf_last_id", "none", "{}");
            assertThat(agent.reply("none-list").getContent()).isEqualTo("{\"data\":[]}");
        }
    }

    private static String select(String expression) {
        return ",\"select\":" + JSON.writeValueAsString(expression);
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
