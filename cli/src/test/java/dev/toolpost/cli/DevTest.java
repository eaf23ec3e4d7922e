package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.sandbox.SimulatedVendor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code toolpost dev} as a process, and what the other commands do against it. */
class DevTest {
    /** Whose connectors say where their check's answer names the account. */
    private static final Set<String> NAMES_THE_ACCOUNT = ConnectorCatalogue.bundled().connectors().values().stream()
            .filter(connector ->
                    connector.check() != null && !connector.check().shows().isEmpty())
            .map(Connector::vendor)
            .collect(Collectors.toSet());

    @TempDir
    private Path directory;

    @Test
    void devAnswersCallsStopsInOrderAndRemembersConnections() throws Exception {
        Path data = directory.resolve("data");
        String config;
        int vendorPort;
        try (CliProcess dev = dev(data, 0)) {
            JsonNode addresses = JsonMapper.shared().readTree(dev.line());
            config = addresses.path("config").asString();
            vendorPort = URI.create(addresses.path("vendor").asString()).getPort();

            callsAreAnswered(config);
            everyVendorIsThere(config);
            limitsAreShown(config, data);
            connectionsWork(config, addresses.path("vendor").asString());
            anotherDevIsRefused(data);
            workerBesideEndsWithItsParent(config);
            ownConnectorsNeedNoRestart(config, data, addresses.path("vendor").asString());

            assertThat(dev.terminate()).isEqualTo(143);
        }
        try (CliProcess dev = dev(data, vendorPort, "--vendors=all", "--more-vendors-port=0")) {
            assertThat(dev.line()).contains("bootstrap");

            everyVendorOfTheCatalogueIsThere(config);

            Cli.Outcome checked = Cli.run("connections", "check", "mine", "--config", config);
            assertThat(checked.exitCode()).as(checked.err()).isZero();
        }
    }

    private static CliProcess dev(Path data, int vendorPort, String... more) throws IOException {
        return CliProcess.start(Stream.concat(
                        Stream.of(
                                "dev",
                                "--output=json",
                                "--data=" + data,
                                "--kafka-port=0",
                                "--registry-port=0",
                                "--vendor-port=" + vendorPort,
                                "--salesforce-port=0",
                                "--jira-port=0",
                                "--health-port=0",
                                "--scheduler-port=0"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static void everyVendorOfTheCatalogueIsThere(String config) {
        for (String vendor : SimulatedVendor.vendors()) {
            String[] read = switch (vendor) {
                case "openmeteo" -> new String[] {"openmeteo_geocode", "--arg=name=Wien"};
                case "anyapi" -> new String[] {"anyapi_exchange_rates", "--arg=base=EUR"};
                default -> new String[0];
            };
            Cli.Outcome outcome = read.length == 0
                    ? Cli.run("connections", "check", "demo-" + vendor, "--config=" + config)
                    : Cli.run("call", read[0], read[1], "--connection=demo-" + vendor, "--config=" + config);
            assertThat(outcome.exitCode())
                    .as(vendor + ": " + outcome.out() + outcome.err())
                    .isZero();
            if (read.length == 0 && NAMES_THE_ACCOUNT.contains(vendor)) {
                assertThat(outcome.out()).as(vendor).contains("; the account is ");
            }
        }
    }

    private static void callsAreAnswered(String config) {
        for (String format : new String[] {"json", "avro"}) {
            Cli.Outcome outcome = call(config, "hubspot_list_contacts", "--arg=limit=2", "--format", format);
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.json().path("results")).hasSize(2);
            assertThat(outcome.err()).contains("ok in").contains("next page: --cursor ");

            String cursor = outcome.err().replaceAll("(?s).*--cursor (\\S+).*", "$1");
            Cli.Outcome next =
                    call(config, "hubspot_list_contacts", "--arg=limit=2", "--format", format, "--cursor", cursor);
            assertThat(next.json().path("results").path(0).path("id").asString())
                    .isEqualTo("53");
        }

        Cli.Outcome json = call(config, "hubspot_get_contact", "--arg=contact_id=51", "--output=json");
        assertThat(json.json().path("status").asString()).isEqualTo("ok");
        assertThat(json.json().path("content").path("id").asString()).isEqualTo("51");

        Cli.Outcome dry = call(config, "hubspot_get_contact", "--arg=contact_id=51", "--dry-run");
        assertThat(dry.out()).contains("/crm/v3/objects/contacts/51").doesNotContain("sandbox-token");

        Cli.Outcome invalid = call(config, "hubspot_list_contacts", "--arg=limit=many");
        assertThat(invalid.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(invalid.err()).contains("INVALID_ARGUMENTS").contains("/limit");

        Cli.Outcome unknown = call(config, "hubspot_list_contcts");
        assertThat(unknown.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(unknown.err()).contains("UNKNOWN_TOOL").contains("hubspot_list_contacts");

        Cli.Outcome noTopic =
                call(config, "hubspot_get_contact", "--arg=contact_id=51", "--reply-to=toolpost.replies.none");
        assertThat(noTopic.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(noTopic.err()).contains("topics create --agent none");

        Cli.Outcome topics = Cli.run("topics", "list", "--output", "json", "--config", config);
        assertThat(topics.json().findValuesAsString("status")).isNotEmpty().containsOnly("present");
    }

    private void everyVendorIsThere(String config) throws IOException {
        Path file = directory.resolve("contacts.ndjson");
        Cli.Outcome salesforce = Cli.run(
                "call",
                "salesforce_list_contacts",
                "--connection=" + Dev.SALESFORCE,
                "--config=" + config,
                "--all",
                "--max-records=250",
                "--out=" + file);
        assertThat(salesforce.exitCode()).as(salesforce.err()).isZero();
        assertThat(Files.readAllLines(file)).hasSize(250).allMatch(line -> line.contains("\"LastName\""));
        assertThat(salesforce.err()).contains("ok: 250 records").contains("go on with: --append --cursor ");

        Cli.Outcome jira = Cli.run(
                "call",
                "jira_get_issue",
                "--connection=" + Dev.JIRA,
                "--config=" + config,
                "--arg=key=10001",
                "--arg=fields=summary,status");
        assertThat(jira.exitCode()).as(jira.err()).isZero();
        assertThat(jira.json().path("fields").path("summary").asString()).isNotEmpty();
    }

    private static void limitsAreShown(String config, Path data) throws IOException {
        Cli.Outcome shown = Cli.run("limits", "--vendor=hubspot", "--config=" + config);
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("dev/demo-hubspot", "ten_seconds", "sliding, 10 s", " of 100");
        String worker = Files.readString(data.resolve("worker.url")).strip();
        assertThat(Cli.run("limits", "--worker=" + worker, "--output=json")
                        .json()
                        .at("/workers/0/connections")
                        .findValuesAsString("vendor"))
                .contains("hubspot", "salesforce", "jira");
    }

    private static Cli.Outcome call(String config, String tool, String... more) {
        String[] arguments = new String[6 + more.length];
        System.arraycopy(
                new String[] {"call", tool, "--connection", Dev.HUBSPOT, "--config", config}, 0, arguments, 0, 6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return Cli.run(arguments);
    }

    private void connectionsWork(String config, String vendor) throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "sandbox-token");
        Path wrong = Files.writeString(directory.resolve("wrong"), "no-such-token");
        String[] add = {
            "connections",
            "add",
            "mine",
            "--vendor=hubspot",
            "--set=base_url=" + vendor,
            "--config=" + config,
            "--replace",
            ""
        };

        add[7] = "--secret-file=" + wrong;
        assertThat(Cli.run(add).exitCode()).isZero();
        Cli.Outcome refused = Cli.run("connections", "check", "mine", "--config", config);
        assertThat(refused.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(refused.err()).contains("REAUTHORIZATION_REQUIRED").doesNotContain("no-such-token");

        add[7] = "--secret-file=" + token;
        assertThat(Cli.run(add).exitCode()).isZero();
        Cli.Outcome works = Cli.run("connections", "check", "mine", "--config", config, "--output", "json");
        assertThat(works.exitCode()).as(works.out()).isZero();
        assertThat(works.json().path("ok").asBoolean()).isTrue();
    }

    private static void anotherDevIsRefused(Path data) throws Exception {
        try (CliProcess second = dev(data, 0)) {
            assertThat(second.rest()).contains("another toolpost dev (process ").contains("--data");
            assertThat(second.await()).isEqualTo(ExitCode.USAGE);
        }
    }

    private static void workerBesideEndsWithItsParent(String config) throws Exception {
        try (CliProcess worker = CliProcess.start("worker", "--config=" + config, "--end-with-stdin")) {
            assertThat(worker.line()).endsWith("started");
            worker.process().getOutputStream().close();
            assertThat(worker.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static final String OWN = """
            vendor: %s
            title: My own
            base_url: "{api}"
            variables:
              api: { kind: url, title: Address }
            auth: [{ kind: bearer }]
            tools:
              get_person:
                description: Returns one person with all properties. Use it when the id is known, for example 51.
                effect: read
                arguments: { type: object, required: [id], properties: { id: { type: string, description: The id. } } }
                request: { path: "/crm/v3/objects/contacts/{id}" }
            """;

    private void ownConnectorsNeedNoRestart(String config, Path data, String vendor) throws Exception {
        Path token = Files.writeString(directory.resolve("own-token"), "sandbox-token");
        Files.writeString(data.resolve("connectors").resolve("filed.yaml"), OWN.formatted("filed"));
        Path file = Files.writeString(directory.resolve("posted.yaml"), OWN.formatted("posted"));
        Cli.Outcome unmeant = Cli.run("connectors", "publish", file.toString(), "--config", config);
        assertThat(unmeant.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(unmeant.err()).contains("is new here").contains("--moves-hosts");
        Cli.Outcome published = Cli.run("connectors", "publish", file.toString(), "--moves-hosts", "--config", config);
        assertThat(published.exitCode()).as(published.err()).isZero();
        Cli.Outcome sameAddresses =
                Cli.run("connectors", "publish", file.toString(), "--output=json", "--config", config);
        assertThat(sameAddresses.exitCode()).as(sameAddresses.err()).isZero();
        assertThat(sameAddresses.json().path("moves_hosts").asBoolean()).isTrue();

        for (String own : new String[] {"filed", "posted"}) {
            assertThat(Cli.run("tools", "list", "--vendor", own, "--config", config)
                            .out())
                    .contains(own + "_get_person");
            Cli.Outcome added = Cli.run(
                    "connections",
                    "add",
                    own,
                    "--vendor=" + own,
                    "--set=api=" + vendor,
                    "--config=" + config,
                    "--secret-file=" + token);
            assertThat(added.exitCode()).as(added.err()).isZero();
            Cli.Outcome answer = callUntilKnown(config, own);
            assertThat(answer.exitCode()).as(answer.err()).isZero();
            assertThat(answer.json().path("id").asString()).isEqualTo("51");
        }

        Cli.Outcome moved = Cli.run(
                "connectors",
                "publish",
                Files.writeString(
                                file,
                                OWN.formatted("posted")
                                        .replace("\"{api}\"", "https://evil.example/{api}")
                                        .replace("kind: url", "kind: segment"))
                        .toString(),
                "--config",
                config);
        assertThat(moved.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(moved.err()).contains("api https://evil.example").contains("--moves-hosts");

        assertThat(Cli.run("connectors", "publish", "--remove", "posted", "--config", config)
                        .exitCode())
                .isZero();
        assertThat(Cli.run("tools", "show", "posted_get_person", "--config", config)
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    /** The worker looks every second. */
    private static Cli.Outcome callUntilKnown(String config, String own) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Cli.Outcome answer =
                    Cli.run("call", own + "_get_person", "--connection=" + own, "--config=" + config, "--arg=id=51");
            boolean unknown =
                    answer.err().contains("UNKNOWN_TOOL") || answer.err().contains("not known here");
            if (!unknown || System.nanoTime() - until > 0) {
                return answer;
            }
        }
    }

    @Test
    void takenPortNamesItsOption() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (String option : new String[] {
                "--kafka-port",
                "--registry-port",
                "--vendor-port",
                "--salesforce-port",
                "--jira-port",
                "--health-port",
                "--scheduler-port"
            }) {
                String[] arguments = {
                    "dev",
                    "--data=" + directory,
                    "--kafka-port=0",
                    "--registry-port=0",
                    "--vendor-port=0",
                    "--salesforce-port=0",
                    "--jira-port=0",
                    "--health-port=0",
                    "--scheduler-port=0"
                };
                for (int i = 2; i < arguments.length; i++) {
                    if (arguments[i].startsWith(option)) {
                        arguments[i] = option + "=" + taken.getLocalPort();
                    }
                }
                Cli.Outcome outcome = Cli.run(arguments);

                assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
                assertThat(outcome.err())
                        .contains("port " + taken.getLocalPort())
                        .contains("is taken")
                        .contains(option + " PORT");
            }
        }
    }

    @Test
    void directoryThatCannotBeUsedIsUsage() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        Cli.Outcome outcome = Cli.run(
                "dev",
                "--data=" + file,
                "--kafka-port=0",
                "--registry-port=0",
                "--vendor-port=0",
                "--salesforce-port=0",
                "--jira-port=0",
                "--health-port=0",
                "--scheduler-port=0");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(file.toString()).contains("--data");
    }
}
