package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.RefreshIntent;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.Grant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands say and how they end, without a cluster. */
class MainTest {
    private static final String SECRET = "pat-very-secret-token";

    @TempDir
    private Path directory;

    private String config = "";

    @BeforeEach
    void writeConfig() throws IOException {
        Path file = directory.resolve("toolpost.yaml");
        Files.writeString(file, """
                kafka.bootstrap.servers: 127.0.0.1:1
                default_tenant: acme
                credentials.file: credentials
                credentials.key_file: credentials.key
                """);
        config = file.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "dev",
                "worker",
                "call",
                "tools",
                "tools list",
                "tools show",
                "connections",
                "connections add",
                "connections list",
                "connections show",
                "connections check",
                "connections remove",
                "connectors",
                "connectors new",
                "connectors import-openapi",
                "connectors lint",
                "connectors try",
                "connectors docs",
                "connectors schema",
                "connectors publish",
                "connectors keygen",
                "topics",
                "topics create",
                "topics list",
                "version"
            })
    void everyCommandExplainsItself(String command) {
        Cli.Outcome outcome = Cli.run((command + " --help").split(" ", -1));

        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).startsWith("Usage: toolpost " + command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version",
                "tools list",
                "tools show x",
                "connections list",
                "connections show x",
                "connectors schema",
                "topics list"
            })
    void everyCommandTakesTheCommonOptions(String command) {
        Cli.Outcome outcome =
                Cli.run((command + " --output text --bootstrap localhost:1 --config " + config).split(" ", -1));

        assertThat(outcome.err()).doesNotContain("Unknown option");
    }

    @Test
    void unknownCommandIsUsageAndNamesTheNearest() {
        Cli.Outcome outcome = Cli.run("connection");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("connections").contains("--help").doesNotContain("Exception");
    }

    @Test
    void usageErrorIsJsonWhereJsonWasAskedFor() {
        Cli.Outcome outcome = Cli.run("call", "hubspot_list_contacts", "--output", "json");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.json().path("error").path("code").asString()).isEqualTo("USAGE");
        assertThat(outcome.json().path("error").path("message").asString()).contains("--connection");
    }

    @Test
    void anUnknownVendorToSimulateIsNamedWithThoseThereAre() {
        Cli.Outcome outcome = Cli.run("dev", "--vendors", "hubspot,shopify");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--vendors shopify (expected", "hubspot, salesforce, jira, slack");
    }

    @Test
    void wrongTimeoutNamesValueAndExpectation() {
        Cli.Outcome outcome = Cli.run("call", "t", "--connection", "c", "--timeout", "30");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--timeout").contains("'30'").contains("such as 30s");
    }

    @Test
    void brokerThatIsNotThereIsUnreachableAtOnce() {
        long started = System.nanoTime();
        Cli.Outcome outcome = Cli.run("call", "hubspot_list_contacts", "--connection", "c", "--config", config);

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(outcome.err())
                .contains("127.0.0.1:1")
                .contains("toolpost dev")
                .doesNotContain("Exception");
        assertThat(System.nanoTime() - started).isLessThan(5_000_000_000L);
    }

    @Test
    void replyTopicThatWorkersRefuseIsUsageBeforeAnythingIsPublished() {
        Cli.Outcome outcome = Cli.run(
                "call", "hubspot_list_contacts", "--connection", "c", "--config", config, "--reply-to", "elsewhere");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err())
                .contains("--reply-to elsewhere")
                .contains("toolpost\\.replies(\\..+)?")
                .contains("topics.reply_pattern");
    }

    @Test
    void brokerWhoseHostIsUnknownIsUnreachable() {
        Cli.Outcome outcome = Cli.run("topics", "list", "--config", config, "--bootstrap", "nohost.invalid:9092");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(outcome.err()).contains("nohost.invalid:9092").doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"topics list", "topics create"})
    void topicsOfABrokerThatIsNotThereAreUnreachable(String command) {
        Cli.Outcome outcome = Cli.run((command + " --output json --config " + config).split(" ", -1));

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(outcome.json().path("error").path("code").asString()).isEqualTo("UNREACHABLE");
    }

    @Test
    void bootstrapOptionGoesBeforeTheConfiguration() {
        Cli.Outcome outcome = Cli.run(
                "call", "hubspot_list_contacts", "--connection", "c", "--config", config, "--bootstrap", "127.0.0.1:2");

        assertThat(outcome.err()).contains("127.0.0.1:2");
    }

    @Test
    void unknownKeyOfTheConfigurationIsUsage() throws IOException {
        Files.writeString(Path.of(config), "default_tennant: acme\n");

        Cli.Outcome outcome = Cli.run("tools", "list", "--config", config);

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("default_tennant").contains("default_tenant");
    }

    @Test
    void workerWithoutAuthorizationIsRefused() {
        Cli.Outcome outcome = Cli.run("worker", "--config", config, "--bootstrap", "127.0.0.1:2");

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("authorization: off").doesNotContain("\tat ");
    }

    @Test
    void verboseShowsWhere() {
        assertThat(Cli.run("tools", "show", "nope", "--verbose").err()).contains("\tat dev.toolpost.cli");
        assertThat(Cli.run("tools", "show", "nope").err()).doesNotContain("\tat ");
    }

    @Test
    void versionIsTextOrJson() {
        assertThat(Cli.run("version").out()).startsWith("toolpost ");
        assertThat(Cli.run("version", "--output", "json").json().path("java").asString())
                .isNotEmpty();
    }

    @Test
    void toolsAreListedAsTextAndJson() {
        assertThat(Cli.run("tools", "list", "--config", config).out()).contains("hubspot_list_contacts");
        assertThat(names("--output", "json")).contains("hubspot_list_contacts", "hubspot_create_contact");
        assertThat(names("--vendor", "hubspot", "--tag", "deals", "--output", "json"))
                .containsExactly("hubspot_search_deals");
    }

    private List<String> names(String... more) {
        String[] arguments = Stream.concat(Stream.of("tools", "list", "--config", config), Stream.of(more))
                .toArray(String[]::new);
        return Cli.run(arguments)
                .json()
                .valueStream()
                .map(tool -> tool.path("name").asString())
                .toList();
    }

    @Test
    void toolIsShownWithTopicAndKey() {
        String text = Cli.run("tools", "show", "hubspot_get_contact", "--connection", "sales", "--config", config)
                .out();

        assertThat(text)
                .contains("toolpost.calls.hubspot")
                .contains("acme/sales")
                .contains("contact_id  (text, required)");
        assertThat(Cli.run("tools", "show", "hubspot_get_contact", "--config", config, "--output", "json")
                        .json()
                        .path("topic")
                        .asString())
                .isEqualTo("toolpost.calls.hubspot");
    }

    @Test
    void toolIsExportedForModels() {
        assertThat(export("openai").path("function").path("name").asString()).isEqualTo("hubspot_get_contact");
        assertThat(export("anthropic").path("input_schema").path("type").asString())
                .isEqualTo("object");
        assertThat(export("mcp").path("annotations").path("readOnlyHint").asBoolean())
                .isTrue();
        assertThat(export("json").path("pool").asString()).isEqualTo("hubspot");
    }

    private tools.jackson.databind.JsonNode export(String format) {
        return Cli.run("tools", "show", "hubspot_get_contact", "--format", format, "--config", config)
                .json();
    }

    @Test
    void toolsShowTellsTheViewsOfATool() {
        assertThat(Cli.run("tools", "show", "hubspot_list_contacts", "--config", config)
                        .out())
                .contains("unified (contact)");
    }

    @Test
    void misspeltToolNamesTheNearest() {
        Cli.Outcome outcome = Cli.run("tools", "show", "hubspot_get_contcat", "--config", config);

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("Did you mean hubspot_get_contact?");
    }

    @Test
    void connectionIsAddedShownAndRemovedWithoutItsSecret() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), SECRET + "\n");

        Cli.Outcome added = add("--secret-file", secret.toString(), "--limit", "ten_seconds=190/10s");
        Cli.Outcome again = add("--secret-file", secret.toString());
        Cli.Outcome shown = Cli.run("connections", "show", "sales", "--config", config);
        Cli.Outcome json = Cli.run("connections", "show", "sales", "--config", config, "--output", "json");
        Cli.Outcome listed = Cli.run("connections", "list", "--config", config, "--output", "json");

        assertThat(added.exitCode()).isZero();
        assertThat(again.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(again.err()).contains("acme/sales exists already").contains("--replace");
        assertThat(shown.out()).contains("acme/sales").contains("190 in 10000 ms");
        assertThat(json.json().path("secret_fields").path(0).asString()).isEqualTo("token");
        assertThat(listed.json().path(0).path("connection").asString()).isEqualTo("sales");
        assertThat(add("--secret-file", secret.toString(), "--replace", "--set", "base_url=http://127.0.0.1:9")
                        .exitCode())
                .isZero();
        assertThat(add("--secret-file", secret.toString(), "--replace").exitCode())
                .isZero();
        assertThat(Cli.run("connections", "show", "sales", "--config", config).out())
                .as("what was not said anew stays")
                .contains("http://127.0.0.1:9", "190 in 10000 ms");
        for (Cli.Outcome outcome : new Cli.Outcome[] {added, again, shown, json, listed}) {
            assertThat(outcome.out() + outcome.err()).doesNotContain(SECRET);
        }
        assertThat(Files.readString(directory.resolve("credentials"), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(SECRET);

        assertThat(Cli.run("connections", "remove", "sales", "--config", config).exitCode())
                .isZero();
        assertThat(Cli.run("connections", "remove", "sales", "--config", config).exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    private Cli.Outcome add(String... more) {
        String[] arguments = new String[6 + more.length];
        System.arraycopy(
                new String[] {"connections", "add", "sales", "--vendor=hubspot", "--config", config},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return Cli.run(arguments);
    }

    @Test
    void wrongConnectionsAreRefusedWithTheWayOut() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), SECRET);
        String file = secret.toString();

        assertThat(Cli.run("connections", "add", "x", "--vendor", "hubspt", "--config", config)
                        .err())
                .contains("Did you mean hubspot?");
        assertThat(add("--secret-file", file, "--set", "subdomain=x").err())
                .contains("It has: authorize_url, base_url");
        assertThat(add("--secret-file", file, "--set", "base_url=ftp://x").exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(add("--secret-file", file, "--limit", "hourly=1").err()).contains("ten_seconds");
        assertThat(add("--secret-file", file, "--limit", "ten_seconds=many").err())
                .contains("190/10s");
        assertThat(add("--secret-file", directory.resolve("none").toString()).exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(add("--secret-env", "NO_SUCH_VARIABLE_HERE").err()).contains("NO_SUCH_VARIABLE_HERE");
        assertThat(add("--secret-file", file, "--auth", "basic").err()).contains("expected: bearer");
        assertThat(Cli.run(
                                "connections",
                                "add",
                                "Bad Name",
                                "--vendor",
                                "hubspot",
                                "--secret-file",
                                file,
                                "--config",
                                config)
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
        assertThat(Cli.run("connections", "check", "none", "--config", config).err())
                .contains("no connection none");
    }

    @Test
    void tenantHasToBeKnown() throws IOException {
        Files.writeString(Path.of(config), "credentials.file: credentials\ncredentials.key_file: credentials.key\n");

        assertThat(Cli.run("connections", "show", "x", "--config", config).err())
                .contains("--tenant NAME");
    }

    @Test
    void lintSaysWhereAndEndsWithOne() throws IOException {
        Path bad = Files.writeString(directory.resolve("bad.yaml"), "vendor: acme\ntitel: Acme\n");

        Cli.Outcome outcome = Cli.run("connectors", "lint", bad.toString());

        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(outcome.out()).contains("bad.yaml:2:").contains("titel");
        assertThat(Cli.run("connectors", "lint", bad.toString(), "--output", "json")
                        .json()
                        .path(0)
                        .path("line")
                        .asInt())
                .isPositive();
        assertThat(Cli.run("connectors", "lint", directory.resolve("none.yaml").toString())
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void formatOfConnectorsIsPublished() {
        assertThat(Cli.run("connectors", "schema").json().path("$schema").asString())
                .contains("2020-12");
    }

    @Test
    void anOAuthConnectionIsAddedFromFilesAndShownWithoutItsSecrets() throws IOException {
        Path connectors = Files.createDirectory(directory.resolve("connectors"));
        Files.writeString(connectors.resolve("ledger.yaml"), """
                vendor: ledger
                title: Ledger
                description: A made-up vendor for tests.
                base_url: https://api.ledger.example
                auth:
                  - kind: oauth2
                    token_url: https://ledger.example/token
                tools:
                  get_me:
                    title: Get me
                    description: Says who asks.
                    effect: read
                    arguments: { type: object, properties: {} }
                    request: { method: GET, path: /me }
                """);
        Files.writeString(
                Path.of(config), "connectors.directories: [\"" + connectors + "\"]\n", StandardOpenOption.APPEND);
        List<String> add =
                new ArrayList<>(List.of("connections", "add", "books", "--vendor", "ledger", "--config", config));
        for (String field : List.of("client_id", "client_secret", "refresh_token", "access_token")) {
            Path file = Files.writeString(directory.resolve(field), SECRET + "-" + field);
            add.addAll(List.of("--secret-file", field + "=" + file));
        }
        Path soon = Files.writeString(directory.resolve("soon"), "soon");
        assertThat(run(add, "--secret-file", "expires_at=" + soon).err())
                .contains("expires_at")
                .contains("2026-01-31T12:00:00Z")
                .doesNotContain(SECRET);
        Path moment = Files.writeString(directory.resolve("moment"), "2100-01-31T12:00:00Z");

        assertThat(run(add, "--secret-file", "expires_at=" + moment).exitCode()).isEqualTo(ExitCode.OK);

        Cli.Outcome shown = Cli.run("connections", "show", "books", "--config", config);
        Cli.Outcome listed = Cli.run("connections", "list", "--config", config);
        Cli.Outcome json = Cli.run("connections", "list", "--config", config, "--output", "json");
        assertThat(shown.out()).contains("valid until 2100-01-31T12:00:00Z");
        assertThat(listed.out()).contains("valid until 2100-01-31T12:00:00Z");
        assertThat(json.json().get(0).path("grant").path("state").asString()).isEqualTo("valid");
        for (Cli.Outcome each : List.of(shown, listed, json)) {
            assertThat(each.out() + each.err()).doesNotContain(SECRET);
        }
        assertThat(run(add).err()).contains("exists already");
    }

    @Test
    void theWayToAuthenticateIsChosenByTheFieldsThatAreGiven() throws IOException {
        Path connectors = Files.createDirectory(directory.resolve("connectors"));
        Files.writeString(connectors.resolve("bank.yaml"), """
                vendor: bank
                title: Bank
                base_url: https://api.bank.example
                auth:
                  - kind: bearer
                  - kind: oauth2_jwt
                    token_url: https://bank.example/token
                    fields: [issuer]
                    assertion: { algorithm: RS256, claims: { iss: "{issuer}" } }
                  - kind: session
                    id: login
                    fields: [username, password]
                    steps: [{ request: { url: "https://bank.example/login" }, take: { sid: /sid } }]
                    token: "{sid}"
                  - kind: client_certificate
                tools:
                  get_me:
                    description: Says who asks.
                    effect: read
                    request: { path: /me }
                """);
        Files.writeString(
                Path.of(config), "connectors.directories: [\"" + connectors + "\"]\n", StandardOpenOption.APPEND);
        Path json = Files.writeString(
                directory.resolve("secret.json"), "{\"username\":\"ann\",\"password\":\"" + SECRET + "\"}");
        Path text = Files.writeString(directory.resolve("secret"), SECRET);

        Cli.Outcome login = bank("one", "--secret-file", json.toString());
        Cli.Outcome broken = bank("two", "--secret-file", "issuer=" + text, "--secret-file", "private_key=" + text);
        Cli.Outcome certificate =
                bank("three", "--secret-file", "certificate=" + text, "--secret-file", "private_key=" + text);
        Cli.Outcome token = bank("four", "--secret-file", text.toString());
        Cli.Outcome shown = Cli.run("connections", "show", "one", "--config", config);

        assertThat(login.out()).contains("Stored acme/one (Bank, login)");
        assertThat(shown.out()).contains("password, username (stored, not shown)");
        assertThat(broken.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(broken.err()).contains("no private key in PEM");
        assertThat(certificate.err()).contains("no certificate in PEM");
        assertThat(token.out()).contains("Stored acme/four (Bank, bearer)");
        for (Cli.Outcome each : List.of(login, broken, certificate, token, shown)) {
            assertThat(each.out() + each.err()).doesNotContain(SECRET);
        }
    }

    private Cli.Outcome bank(String name, String... more) {
        return run(List.of("connections", "add", name, "--vendor", "bank", "--config", config), more);
    }

    @Test
    void aStandInForAnApiAndTheVendorsOwnTokenAddressAreNotStoredTogether() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), SECRET);
        String[] arguments = {
            "connections",
            "add",
            "sales",
            "--vendor=salesforce",
            "--config",
            config,
            "--auth",
            "oauth2",
            "--secret-file",
            "client_id=" + secret,
            "--secret-file",
            "client_secret=" + secret,
            "--secret-file",
            "refresh_token=" + secret,
            "--set",
            "base_url=http://127.0.0.1:9"
        };

        Cli.Outcome refused = Cli.run(arguments);

        assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("token_url").doesNotContain(SECRET);
    }

    @Test
    void whereAGrantStandsIsSaidForEachCase() {
        Secret secret = Secret.of(Map.of("refresh_token", SECRET));
        ConnectionRecord record = ConnectionRecord.of("acme", "books", "ledger", "oauth2");
        InstantSource clock = () -> Instant.ofEpochMilli(1_000_000);
        String hash = Grant.tokenHash(secret);
        assertThat(GrantView.of(new StoredConnection(record, secret, 1), clock).text())
                .isEqualTo("not fetched yet, the first call does");
        assertThat(GrantView.of(
                                new StoredConnection(
                                        record, secret.with("access_token", "a").with("expires_at", "999000"), 1),
                                clock)
                        .text())
                .isEqualTo("ended at 1970-01-01T00:16:39Z, the next call refreshes it");
        RefreshIntent intent = new RefreshIntent("w", hash, 990_000, 1_010_000, false);
        assertThat(GrantView.of(new StoredConnection(record, secret, new GrantState(intent, null, 0), 1), clock)
                        .state())
                .isEqualTo("refreshing");
        DeadGrant dead = new DeadGrant(hash, 990_000, "invalid_grant", "the vendor refuses the refresh token");
        assertThat(GrantView.of(new StoredConnection(record, secret, new GrantState(null, dead, 0), 1), clock))
                .isEqualTo(new GrantView("reauthorization_required", null, "the vendor refuses the refresh token"));
        assertThat(GrantView.of(
                        new StoredConnection(ConnectionRecord.of("acme", "b", "ledger", "bearer"), secret, 1), clock))
                .isNull();
    }

    private static Cli.Outcome run(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return Cli.run(all.toArray(String[]::new));
    }
}
