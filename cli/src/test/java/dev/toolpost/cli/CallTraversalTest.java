package dev.toolpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolCall;
import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.EmbeddedKafka;
import dev.toolpost.schemas.TopicCreator;
import dev.toolpost.schemas.TopicPlan;
import dev.toolpost.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code toolpost call --all} against a real broker and a worker that answers as each test says. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CallTraversalTest {
    private static final int PARTITIONS = 3;

    private static EmbeddedKafka kafka;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startBroker() throws InterruptedException {
        kafka = EmbeddedKafka.start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            new TopicCreator(admin, Duration.ofSeconds(30))
                    .create(TopicPlan.of(
                            new Topics(),
                            Set.of("hubspot"),
                            Set.of(),
                            new TopicPlan.Sizing(PARTITIONS, PARTITIONS, (short) 1)));
        }
    }

    @AfterAll
    static void stopBroker() {
        kafka.close();
    }

    @Test
    void printsRecordsOneALineAndTheSummaryBeside() {
        try (ScriptedWorker worker = worker(call ->
                List.of(page(call, 0, "[{\"id\":1.50},{\"id\":2}]", 2), last(call, 1, "[{\"id\":\"3\"}]", null)))) {
            Cli.Outcome outcome = call("--all", "--max-records", "9", "--max-pages", "4", "--view", "unified");

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).isEqualTo("{\"id\":1.50}\n{\"id\":2}\n{\"id\":\"3\"}\n");
            assertThat(outcome.err()).contains("ok: 3 records, 2 pages, ").doesNotContain("go on");
            ToolCall call = worker.arrivals.getFirst();
            assertThat(call.getPaging().getMode()).isEqualTo("all");
            assertThat(call.getPaging().getMaxRecords()).isEqualTo(9);
            assertThat(call.getPaging().getMaxPages()).isEqualTo(4);
            assertThat(call.getView()).isEqualTo("unified");
            assertThat(call.getTimeoutMs()).isEqualTo(Duration.ofHours(1).toMillis());
        }
    }

    @Test
    void writesTheFileAndSaysWhereToGoOn() throws IOException {
        Path file = directory.resolve("contacts.ndjson");
        try (ScriptedWorker worker = worker(call -> call.getPaging().getCursor() == null
                ? List.of(page(call, 0, "[1,2]", 2), last(call, 1, "[3]", "AQ.next"))
                : List.of(last(call, 0, "[4]", null)))) {
            Cli.Outcome first = call("--all", "--max-records=3", "--out=" + file);
            assertThat(first.exitCode()).as(first.err()).isZero();
            assertThat(first.out()).isEmpty();
            assertThat(first.err()).contains("written to " + file).contains("go on with: --append --cursor AQ.next");

            Cli.Outcome again = call("--all", "--out=" + file);
            assertThat(again.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(again.err())
                    .contains("is there already, and nothing was changed")
                    .contains("--append");
            assertThat(worker.arrivals).hasSize(1);

            Cli.Outcome rest =
                    call("--all", "--out=" + file, "--append", "--cursor=AQ.next", "--output=json", "--quiet");
            assertThat(rest.exitCode()).as(rest.err()).isZero();
            assertThat(rest.err()).isEmpty();
            assertThat(rest.json().path("records").asLong()).isEqualTo(1);
            assertThat(rest.json().path("out").asString()).isEqualTo(file.toString());
            assertThat(rest.json().path("next_cursor").isNull()).isTrue();
            assertThat(Files.readString(file)).isEqualTo("1\n2\n3\n4\n");
        }
    }

    @Test
    void keepsWhatCameBeforeAnErrorAndShowsRemedyAndCursor() throws IOException {
        Path file = directory.resolve("partial.ndjson");
        try (ScriptedWorker _ = worker(call -> List.of(page(call, 0, "[1,2]", 2), failed(call, 1, "UNAVAILABLE")))) {
            Cli.Outcome outcome = call("--all", "--out=" + file);

            assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(Files.readString(file)).isEqualTo("1\n2\n");
            assertThat(outcome.err())
                    .contains("UNAVAILABLE: no")
                    .contains("try it later")
                    .contains("stopped: 2 records")
                    .contains("go on with: --append --cursor AQ.failed");

            Cli.Outcome json = call("--all", "--output=json", "--out=" + directory.resolve("other"));
            assertThat(json.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(json.json().path("error").path("code").asString()).isEqualTo("UNAVAILABLE");
            assertThat(json.json().path("next_cursor").asString()).isEqualTo("AQ.failed");
        }
    }

    @Test
    void printsWholeFramesAsJsonWithoutAFile() {
        try (ScriptedWorker _ = worker(call -> List.of(page(call, 0, "[1]", 1), last(call, 1, "[2]", null)))) {
            Cli.Outcome outcome = call("--all", "--output=json");

            assertThat(outcome.exitCode()).isZero();
            assertThat(outcome.out().lines()).hasSize(2).allMatch(line -> line.contains("\"call_id\""));
        }
    }

    @Test
    void refusesOptionsThatMeanNothingAndAFileWithATornLine() throws IOException {
        for (String[] options : new String[][] {
            {"--max-records=3"}, {"--max-pages=3"}, {"--out=x", "--append"}, {"--quiet"}, {"--all", "--append"}
        }) {
            assertThat(call(options).exitCode()).as(options[0]).isEqualTo(ExitCode.USAGE);
        }
        assertThat(call("--all", "--max-records=0").err()).contains("max records: 0");
        Path torn = Files.writeString(directory.resolve("torn"), "1\n{\"a\":");
        Cli.Outcome outcome = call("--all", "--append", "--out=" + torn);
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("does not end with a line break");
        assertThat(call("--all", "--out=" + directory).exitCode()).isEqualTo(ExitCode.USAGE);
        Path unused = directory.resolve("unused");
        assertThat(call("--all", "--out=" + unused, "--reply-to=toolpost.replies.none")
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(unused).doesNotExist();
    }

    @Test
    void interruptCancelsTheCallAndKeepsTheFile() throws Exception {
        Path file = directory.resolve("interrupted.ndjson");
        try (ScriptedWorker worker = worker(call -> call.getAction().equals("cancel")
                        ? List.of(failed(call, 1, "CANCELLED"))
                        : List.of(page(call, 0, "[1,2]", 2)));
                CliProcess process = CliProcess.start(arguments("--all", "--out=" + file))) {
            while (!Files.exists(file) || Files.size(file) == 0) {
                assertThat(process.process().isAlive()).isTrue();
                Thread.onSpinWait();
            }
            assertThat(process.terminate()).isEqualTo(143);

            assertThat(worker.arrivals).hasSize(2);
            assertThat(worker.arrivals.getLast().getAction()).isEqualTo("cancel");
            assertThat(Files.readString(file)).isEqualTo("1\n2\n");
        }
    }

    @Test
    void endsAndCancelsWhenNobodyReadsItsOutput() throws Exception {
        try (ScriptedWorker worker = worker(call -> call.getAction().equals("cancel")
                        ? List.of()
                        : IntStream.range(0, 50)
                                .mapToObj(number -> page(call, number, "[\"" + "x".repeat(10_000) + "\"]", 1))
                                .toList());
                CliProcess process = CliProcess.start(arguments("--all", "--quiet"))) {
            assertThat(process.line()).startsWith("\"xxx");
            process.process().getInputStream().close();

            assertThat(process.await()).isEqualTo(ExitCode.READER_GONE);
            while (worker.arrivals.size() < 2) {
                Thread.onSpinWait();
            }
            assertThat(worker.arrivals.getLast().getAction()).isEqualTo("cancel");
        }
    }

    private static Cli.Outcome call(String... more) {
        return Cli.run(arguments(more));
    }

    private static String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "call",
                "hubspot_list_contacts",
                "--connection=c",
                "--tenant=t",
                "--bootstrap=" + kafka.bootstrapServers()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private Path config() throws IOException {
        Files.createDirectories(directory.resolve("mine"));
        Files.writeString(directory.resolve("mine/files.yaml"), """
                vendor: files
                title: Files
                pool: hubspot
                base_url: https://api.files.example
                auth: [{ kind: bearer }]
                tools:
                  get_file:
                    description: Returns the bytes of a file. Use it where the name of the file is known already.
                    effect: read
                    response: binary
                    arguments: { type: object, additionalProperties: false }
                    request: { path: /file }
                  export:
                    description: Exports everything as one text. Use it for a copy of all there is, which takes minutes.
                    effect: read
                    arguments: { type: object, additionalProperties: false }
                    request: { path: /export }
                    operation:
                      values: { id: /id }
                      poll: { request: { path: "/export/{id}" }, every: 1s, done: { body: { /state: done } } }
                      download: { request: { path: "/export/{id}/text" }, response: text }
                      deadline: 20m
                """);
        return Files.writeString(
                directory.resolve("toolpost.yaml"),
                "default_tenant: t\nconnectors.directories: [mine]\nkafka.bootstrap.servers: "
                        + kafka.bootstrapServers() + "\n");
    }

    @Test
    void writesOneResultAsTheVendorSentItAndWaitsAsLongAsTheToolsWorkMayTake() throws IOException {
        Path config = config();
        Path file = directory.resolve("file.bin");
        try (ScriptedWorker worker = worker(call -> call.getTool().equals("files_get_file")
                ? List.of(page(call, 0, "\"/wAB\"", 0), last(call, 1, "\"/g==\"", null))
                : List.of(last(call, 0, "\"a\\nb\"", null)))) {
            Cli.Outcome bytes =
                    Cli.run("call", "files_get_file", "--connection=c", "--config=" + config, "--out=" + file);
            assertThat(bytes.exitCode()).as(bytes.err()).isZero();
            assertThat(bytes.out()).isEmpty();
            assertThat(bytes.err()).contains("4 bytes written to " + file);
            assertThat(Files.readAllBytes(file)).containsExactly(0xff, 0, 1, 0xfe);

            Cli.Outcome again =
                    Cli.run("call", "files_get_file", "--connection=c", "--config=" + config, "--out=" + file);
            assertThat(again.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(worker.arrivals).hasSize(1);

            Path text = directory.resolve("text");
            Cli.Outcome exported = Cli.run(
                    "call", "files_export", "--connection=c", "--config=" + config, "--out=" + text, "--output=json");
            assertThat(exported.json().path("bytes").asInt()).as(exported.err()).isEqualTo(3);
            assertThat(Files.readString(text)).isEqualTo("a\nb");
            assertThat(worker.arrivals.getFirst().getTimeoutMs()).isEqualTo(30_000);
            assertThat(worker.arrivals.getLast().getTimeoutMs())
                    .isEqualTo(Duration.ofMinutes(20).toMillis());
        }
    }

    @Test
    void anErrorLeavesNoFileAndASelectionTravels() {
        Path file = directory.resolve("none");
        try (ScriptedWorker worker = worker(call -> List.of(failed(call, 0, "NOT_FOUND")))) {
            Cli.Outcome outcome = call("--out=" + file, "--select=results.id");

            assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(outcome.err()).contains("NOT_FOUND: no").doesNotContain("written");
            assertThat(file).doesNotExist();
            assertThat(worker.arrivals.getFirst().getSelect()).isEqualTo("results.id");
        }
    }

    @Test
    void aRefusedPublishedConnectorIsAShortNoteWhereToolsAreListed() throws Exception {
        Path key = directory.resolve("key");
        Cli.Outcome made = Cli.run("connectors", "keygen", "--out=" + key);
        Path config = Files.writeString(config(), made.out(), StandardOpenOption.APPEND);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            new Topics().connectors(), "posted".getBytes(UTF_8), "x".getBytes(UTF_8)))
                    .get();
        }

        Cli.Outcome listed = Cli.run("tools", "list", "--config=" + config);
        assertThat(listed.exitCode()).isZero();
        assertThat(listed.err().lines()).singleElement().asString().contains("published posted", "--verbose says why");
        assertThat(Cli.run("tools", "list", "--verbose", "--config=" + config).err())
                .contains("it is not signed");
        assertThat(Cli.run("tools", "show", "files_export", "--config=" + config)
                        .err())
                .isEmpty();
    }

    private static ScriptedWorker worker(Function<ToolCall, List<ToolReply>> script) {
        return new ScriptedWorker(kafka.bootstrapServers(), "hubspot", PARTITIONS, script);
    }

    private static ToolReply page(ToolCall call, int number, String content, int records) {
        return ToolReply.newBuilder()
                .setCallId(call.getCallId())
                .setFrame(number)
                .setLast(false)
                .setContent(content)
                .setStats(Stats.newBuilder()
                        .setPages(number + 1)
                        .setRecords(records)
                        .build())
                .build();
    }

    private static ToolReply last(ToolCall call, int number, String content, String nextCursor) {
        ToolReply frame = page(call, number, content, 1);
        frame.setLast(true);
        frame.setNextCursor(nextCursor);
        return frame;
    }

    private static ToolReply failed(ToolCall call, int number, String code) {
        return ToolReply.newBuilder()
                .setCallId(call.getCallId())
                .setFrame(number)
                .setStatus("error")
                .setNextCursor("AQ.failed")
                .setError(ToolError.newBuilder()
                        .setCode(code)
                        .setMessage("no")
                        .setRemedy("try it later")
                        .build())
                .build();
    }
}
