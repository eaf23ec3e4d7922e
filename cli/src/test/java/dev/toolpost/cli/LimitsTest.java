package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code toolpost limits} against workers that say what a test wants. */
class LimitsTest {

    private static final String REPORT = """
            {"worker": "toolpost-1", "connections": [{
              "tenant": "acme", "connection": "crm", "vendor": "hubspot", "pool": "hubspot",
              "interactive": {"waiting": 3, "oldest_ms": 1200, "estimated_ms": 2100},
              "batch": {"waiting": 12, "oldest_ms": 65000, "estimated_ms": 8000},
              "paused_ms": 0, "throttles": {"count": 0, "last_ms_ago": null},
              "limits": [
                {"limit": "ten_seconds", "scope": "connection", "kind": "sliding", "tool": null, "permits": 100,
                 "window_ms": 10000, "free": 25, "withheld": 20, "in_flight": 2, "refill_in_ms": 1500,
                 "refill_permits": 8, "paused_ms": 2500, "corrections": {"count": 2, "last_ms_ago": 120000},
                 "throttles": {"count": 1, "last_ms_ago": 400, "last_wait_ms": 3000}, "costs_settled": 0},
                {"limit": "each", "scope": "tool", "kind": "concurrent", "tool": "hubspot_search", "permits": 4,
                 "window_ms": null, "free": 3, "withheld": 0, "in_flight": 1, "refill_in_ms": null,
                 "refill_permits": null, "paused_ms": 0, "corrections": {"count": 0, "last_ms_ago": null},
                 "throttles": {"count": 0, "last_ms_ago": null}, "costs_settled": 0}]}],
             "rest": {"connections": 7, "waiting_interactive": 1, "waiting_batch": 4}}
            """;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String url;
    private String answer = REPORT;
    private int status = 200;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aTableSaysWhatIsLeftWhatComesWhoWaitsAndWhatVendorsAnswered() {
        Cli.Outcome outcome = Cli.run("limits", "--worker", url);

        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out().lines().map(line -> line.strip().replaceAll("  +", " | ")))
                .containsExactly(
                        "VENDOR | CONNECTION | LIMIT | KIND | LEFT | NEXT | INTERACTIVE | BATCH | WAIT | THROTTLES | CORRECTIONS",
                        "hubspot | acme/crm | ten_seconds | sliding, 10 s | 5 of 80, paused 2.5 s | 8 in 1.5 s"
                                + " | 3, oldest 1.2 s | 12, oldest 1 min 5 s | 2.1 s / 8 s | 1, 400 ms ago | 2, 2 min ago",
                        "each of hubspot_search | concurrent | 3 of 4 | 1 under way | 0 | 0",
                        "and 7 connections more with 5 waiting calls; --top, --vendor, --tenant and --connection choose");
    }

    @Test
    void aPartOfALimitIsShownAsThat() {
        answer = """
                {"worker": "toolpost-1", "connections": [{
                  "tenant": "acme", "connection": "crm", "vendor": "slack",
                  "limits": [{"limit": "app", "scope": "vendor", "kind": "sliding", "permits": 100, "part": 33,
                    "window_ms": 10000, "free": 25, "withheld": 20, "in_flight": 0}]}]}
                """;

        assertThat(Cli.run("limits", "--worker", url).out()).contains("18 of 26 (part of 80)");
    }

    @Test
    void whatNarrowsIsTheWorkersToApply() {
        Cli.run("limits", "--worker", url, "--vendor=hubspot", "--tenant=acme", "--connection=a b", "--top=7");

        assertThat(asked).containsExactly("/limits?vendor=hubspot&connection=a+b&tenant=acme&top=7");
    }

    @Test
    void ofSeveralWorkersThoseThatAnswerAreShownAndTheOthersNamed() throws IOException {
        String nobody = "http://127.0.0.1:" + freePort();
        Cli.Outcome outcome = Cli.run("limits", "--worker", nobody + "," + url);

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).contains("ten_seconds");
        assertThat(outcome.err()).contains(nobody, "nobody listens there");
        Cli.Outcome json = Cli.run("limits", "--worker", nobody, "--worker", url, "--output=json");
        assertThat(json.json().at("/workers/0/error").asString()).isEqualTo("nobody listens there");
        assertThat(json.json().at("/workers/1/connections/0/limits/0/free").asInt())
                .isEqualTo(25);
    }

    @Test
    void whereNoWorkerAnswersTheAddressAndWhatToDoAreSaid() throws IOException {
        Cli.Outcome outcome = Cli.run("limits", "--worker", "127.0.0.1:" + freePort());

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(outcome.err()).contains("no worker answers", "nobody listens there", "worker.health_port");
    }

    @Test
    void somethingElseThatListensIsNotTakenForAWorker() {
        answer = "<html>";
        status = 404;

        Cli.Outcome outcome = Cli.run("limits", "--worker", url);
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(outcome.err()).contains("HTTP 404 without limits");
    }

    @Test
    void theConfiguredHealthPortIsAskedAndItsAbsenceIsSaid(@TempDir Path directory) throws IOException {
        Path config = directory.resolve("toolpost.yaml");
        Files.writeString(config, "worker: {health_port: " + server.getAddress().getPort() + ", health_bind: 0.0.0.0}");
        assertThat(Cli.run("limits", "--config=" + config).out()).contains("ten_seconds");

        Files.writeString(config, "prefix: toolpost.");
        Cli.Outcome without = Cli.run("limits", "--config=" + config);
        assertThat(without.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(without.err()).contains("--worker", "worker.health_port");

        Files.writeString(directory.resolve("worker.url"), url + "\n");
        assertThat(Cli.run("limits", "--config=" + config).out())
                .as("what dev left beside its configuration")
                .contains("ten_seconds");
    }

    @Test
    void namesFromAWorkerDoNotActOnTheTerminal() {
        answer = REPORT.replace("ten_seconds", "a\\u001b[31mb");

        assertThat(Cli.run("limits", "--worker", url).out()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7 ms",
        "1500, 1.5 s",
        "2000, 2 s",
        "59949, 59.9 s",
        "60000, 1 min",
        "3600000, 1 h",
        "90061000, 1 d 1 h"
    })
    void spansHaveAsManyDigitsAsAnybodyReads(long millis, String text) {
        assertThat(LimitsTable.span(millis)).isEqualTo(text);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }
}
