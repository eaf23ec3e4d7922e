package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands with which a connector is written: begun, imported, tried, documented, signed. */
class ConnectorsTest {
    @TempDir
    private Path directory;

    private HttpServer vendor;
    private Path config;
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        Files.createDirectory(directory.resolve("mine"));
        config = Files.writeString(directory.resolve("toolpost.yaml"), """
                default_tenant: dev
                credentials.file: store
                credentials.key_file: key
                connectors.directories: [mine]
                http.allow_addresses: [127.0.0.0/8]
                """);
        vendor = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        vendor.createContext("/", exchange -> {
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            String path = exchange.getRequestURI().getPath();
            boolean limited = path.endsWith("/limited");
            boolean last = exchange.getRequestURI().toString().contains("cursor=c2");
            String body = path.equals("/things")
                    ? "{\"items\":[{\"id\":1},{\"id\":2}]" + (last ? "}" : ",\"next_cursor\":\"c2\"}")
                    : limited ? "{\"message\":\"slow down\",\"code\":\"rate\"}" : "{\"id\":\"1\"}";
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("X-RateLimit-Remaining", "7");
            exchange.getResponseHeaders().set("X-Internal", "nobody asks");
            if (limited) {
                exchange.getResponseHeaders().set("Retry-After", "3");
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(limited ? 429 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        vendor.start();
    }

    @AfterEach
    void stop() {
        vendor.stop(0);
    }

    private Cli.Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.add("--config=" + config);
        return Cli.run(all.toArray(new String[0]));
    }

    private Path begun() {
        assertThat(run("connectors", "new", "acme").exitCode()).isZero();
        return directory.resolve("mine/acme/connector.yaml");
    }

    private Cli.Outcome trying(Path file, String tool, String... more) throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "canary-secret");
        List<String> all = new ArrayList<>(List.of(
                "connectors",
                "try",
                file.toString(),
                tool,
                "--secret-file=" + token,
                "--base-url=http://127.0.0.1:" + vendor.getAddress().getPort()));
        all.addAll(Arrays.asList(more));
        Cli.Outcome outcome = run(all.toArray(new String[0]));
        assertThat(outcome.out() + outcome.err()).doesNotContain("canary-secret");
        return outcome;
    }

    @Test
    void aNewConnectorLiesWhereItIsReadIsCleanAndItsToolsAreListed() {
        Path file = begun();

        Cli.Outcome linted = run("connectors", "lint", file.toString());
        assertThat(linted.exitCode()).isZero();
        assertThat(linted.out()).isEmpty();
        assertThat(run("tools", "list", "--vendor=acme").out()).contains("acme_get_thing", "acme_list_things");
        Cli.Outcome again = run("connectors", "new", "acme");
        assertThat(again.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(again.err()).contains("is there already");
        assertThat(run("connectors", "new", "other", "--auth=basic", "--out=-").out())
                .contains("kind: basic");
        assertThat(run("connectors", "new", "Acme").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void tryShowsTheRequestTheAnswerAndHowItWasUnderstood() throws IOException {
        Path file = begun();

        Cli.Outcome page = trying(file, "list_things", "--arg=name=Wid", "--arg=limit=2");
        assertThat(page.exitCode()).as(page.err()).isZero();
        assertThat(page.json().path("items")).hasSize(2);
        assertThat(page.err())
                .contains("GET http://127.0.0.1:", "/things?name=Wid&limit=2", "Authorization: ***")
                .contains("200 after", "ratelimit-remaining: 7", "means: SUCCESS", "records: 2", "next page: c2")
                .doesNotContain("nobody asks");
        assertThat(seen).containsExactly("GET /things?name=Wid&limit=2 Bearer canary-secret");

        Cli.Outcome next = trying(file, "acme_list_things", "--arg=next_cursor=c2", "--output=json");
        assertThat(next.json().path("request").path("url").asString()).contains("cursor=c2");
        assertThat(next.json().path("understood_as").path("records").asInt()).isEqualTo(2);
        assertThat(next.json().path("result").path("items")).hasSize(2);
    }

    @Test
    void tryNamesTheRuleTheWaitAndTheCodeOfAnError() throws IOException {
        Path file = begun();

        Cli.Outcome limited = trying(file, "get_thing", "--arg=id=limited", "--output=json");
        assertThat(limited.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        JsonNode understood = limited.json().path("understood_as");
        assertThat(understood.path("means").asString()).isEqualTo("THROTTLED");
        assertThat(understood.path("wait").asString()).isEqualTo("3000 ms");
        assertThat(understood.path("message").asString()).isEqualTo("slow down");
        assertThat(understood.path("vendor_code").asString()).isEqualTo("rate");
        assertThat(understood.path("rule").asString()).startsWith("the standard rule");

        String own = Files.readString(file)
                .replace("#  rules:", "  rules:")
                .replace(
                        "#    - when: { status: 403, body: { /code: quota_exceeded } }",
                        "    - when: { status: 429, body: { /code: rate } }")
                .replace("#      means: THROTTLED", "      means: NOT_ALLOWED")
                .replace("#      pause: 30s\n", "");
        Cli.Outcome ruled = trying(Files.writeString(file, own), "get_thing", "--arg=id=limited");
        assertThat(ruled.err()).contains("rule: errors.rules[0], means NOT_ALLOWED");
    }

    @Test
    void trySendsNothingWhereItShouldNot() throws IOException {
        Path file = begun();

        Cli.Outcome dry = run(
                "connectors", "try", file.toString(), "create_thing", "--arg=name=bolt", "--dry-run", "--output=json");
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.json().path("request").path("body").asString()).isEqualTo("{\"name\":\"bolt\"}");
        assertThat(dry.json().path("request").path("url").asString()).isEqualTo("https://api.acme.example/things");
        Cli.Outcome climbs = trying(file, "get_thing", "--arg=id=..");
        assertThat(climbs.err()).contains("the argument id: holds a path segment of dots");
        Cli.Outcome invalid = trying(file, "get_thing", "--arg=size=1");
        assertThat(invalid.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(invalid.err()).contains("the arguments are not valid");
        assertThat(trying(file, "get_thin").err()).contains("Did you mean acme_get_thing?");
        Files.writeString(file, "vendor: acme\n");
        assertThat(trying(file, "get_thing").exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(seen).isEmpty();
    }

    @Test
    void tryUsesAStoredConnection() throws IOException {
        Path file = begun();
        Path token = Files.writeString(directory.resolve("token"), "canary-secret");
        assertThat(run("connections", "add", "mine", "--vendor=acme", "--secret-file=" + token)
                        .exitCode())
                .isZero();

        Cli.Outcome used = run(
                "connectors",
                "try",
                file.toString(),
                "get_thing",
                "--arg=id=1",
                "--connection=mine",
                "--base-url=http://127.0.0.1:" + vendor.getAddress().getPort());
        assertThat(used.exitCode()).as(used.err()).isZero();
        assertThat(used.out() + used.err()).doesNotContain("next page").doesNotContain("records:");
        assertThat(seen).containsExactly("GET /things/1 Bearer canary-secret");
    }

    @Test
    void aServerThatIsNotThereIsUnreachable() throws IOException {
        Path file = begun();
        vendor.stop(0);

        Cli.Outcome nobody = trying(file, "get_thing", "--arg=id=1");
        assertThat(nobody.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(nobody.err()).contains("ends as: UNAVAILABLE");
    }

    @Test
    void anOpenApiDocumentBecomesAConnectorWithAReport() throws IOException {
        Path spec = Files.writeString(directory.resolve("spec.json"), """
                {"openapi": "3.1.0", "info": {"title": "Hoops", "version": "1"}, "servers": [{"url": "https://api.hoops.example"}],
                 "paths": {"/things": {"get": {"operationId": "listThings", "responses": {"200": {"description": "ok"}}}},
                           "/old": {"get": {"deprecated": true, "responses": {"200": {"description": "ok"}}}}}}
                """);
        Path file = directory.resolve("mine/hoops.yaml");

        Cli.Outcome imported = run("connectors", "import-openapi", spec.toString(), "--out=" + file);
        assertThat(imported.exitCode()).as(imported.err()).isZero();
        assertThat(imported.err())
                .contains(
                        "hoops: 1 tools of 2 operations",
                        "Left out (1): it is deprecated",
                        "GET /old",
                        "Guessed: limits");
        assertThat(run("connectors", "lint", file.toString()).out()).isEmpty();
        assertThat(run("tools", "list", "--vendor=hoops").out()).contains("hoops_list_things");
        Cli.Outcome json =
                run("connectors", "import-openapi", spec.toString(), "--output=json", "--vendor=rings", "--deprecated");
        assertThat(json.json().path("tools").asInt()).isEqualTo(2);
        assertThat(json.json().path("connector").asString()).contains("vendor: rings");
        assertThat(run("connectors", "import-openapi", config.toString()).err())
                .contains("expected: openapi: 3.0 or 3.1");
    }

    @Test
    void docsWritesAPageForEachConnector() throws IOException {
        Path pages = directory.resolve("pages");

        assertThat(run("connectors", "docs", "--out=" + pages).exitCode()).isZero();
        assertThat(Files.readString(pages.resolve("README.md"))).contains("[HubSpot](hubspot.md)");
        assertThat(Files.readString(pages.resolve("hubspot.md")))
                .contains("### hubspot_list_contacts", "| `limit` |", "toolpost connections add NAME --vendor hubspot");
        assertThat(run("connectors", "docs", begun().toString()).out())
                .contains("# Acme")
                .contains("### acme_get_thing");
        assertThat(run("connectors", "docs", "--vendor=nobody").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aKeyIsMadeOnceAndForItsOwnerAlone() throws IOException {
        Path key = directory.resolve("connectors.key");

        Cli.Outcome made = run("connectors", "keygen", "--out=" + key);
        assertThat(made.out()).startsWith("connectors.trusted_keys: [MCowBQYDK2Vw");
        assertThat(Files.readString(key)).contains("BEGIN PRIVATE KEY").contains("BEGIN PUBLIC KEY");
        assertThat(made.out() + made.err()).doesNotContain("PRIVATE");
        assertThat(run("connectors", "keygen", "--out=" + key).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run("connectors", "publish", begun().toString()).err())
                .contains("no signing key")
                .contains("keygen");
    }

    @Test
    void aBrokenFileIsToldWithItsPlaceAndTheRestWorks() throws IOException {
        begun();
        Path mine = directory.resolve("mine");
        Files.writeString(mine.resolve("broken.yaml"), "vendor: broken\ntitle: [\n");
        Files.write(mine.resolve("latin.yaml"), "vendor: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        Files.copy(mine.resolve("acme/connector.yaml"), mine.resolve("zz.yaml"));

        for (String[] command : new String[][] {{"tools", "list"}, {"tools", "show", "acme_get_thing"}}) {
            Cli.Outcome outcome = run(command);
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("acme_get_thing");
            assertThat(outcome.err())
                    .contains("broken.yaml:3:1: error:", "latin.yaml:1:12: error: not UTF-8 text: byte E9 at offset 11")
                    .contains("mine/zz.yaml defines the vendor acme, and so does", "mine/acme/connector.yaml")
                    .contains("Those 3 connectors are left out");
        }
        Cli.Outcome linted = run("connectors", "lint", mine.toString());
        assertThat(linted.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(linted.out())
                .contains("latin.yaml:1:12: error: not UTF-8", "zz.yaml:1:1: error: it defines the vendor acme");
        Cli.Outcome tried = run("connectors", "try", mine.resolve("latin.yaml").toString(), "x");
        assertThat(tried.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(tried.err()).contains("not UTF-8 text");
    }

    @Test
    void aNewConnectorTakesNobodysPlaceUnasked() throws IOException {
        Cli.Outcome bundled = run("connectors", "new", "hubspot");
        assertThat(bundled.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(bundled.err()).contains("a connector of hubspot comes with Toolpost", "--replace", "my_hubspot");
        assertThat(directory.resolve("mine/hubspot")).doesNotExist();

        assertThat(run("connectors", "new", "hubspot", "--replace").exitCode()).isZero();
        assertThat(Files.readString(directory.resolve("mine/hubspot/connector.yaml")))
                .contains("\npool: hubspot\n");
        assertThat(run("tools", "list", "--vendor=hubspot").out()).contains("hubspot_get_thing");

        Path first = begun();
        Cli.Outcome second = run("connectors", "new", "acme", "--out=" + directory.resolve("mine/other.yaml"));
        assertThat(second.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(second.err()).contains("the vendor acme is defined by " + first);
    }

    @Test
    void whatCannotBeSeenReachesNoTerminal() throws IOException {
        Path file = begun();
        String text = Files.readString(file).replaceFirst("(?m)^title: .*$", "title: \"Ac\\x1b[31mme\"");
        Files.writeString(file, text.replace("Returns one thing", "Returns\u202E one\u200B thing"));

        String hidden = "\u001b\u202E\u200B";
        for (Cli.Outcome outcome : List.of(
                run("tools", "show", "acme_get_thing"),
                run("tools", "show", "acme_get_thing", "--output=json"),
                run("tools", "list", "--format=openai"),
                run("connectors", "lint", file.toString()),
                run("connectors", "docs", file.toString()),
                run("connectors", "new", "evil\u001b[2J"))) {
            assertThat(outcome.out() + outcome.err())
                    .as(outcome.err())
                    .containsAnyOf("<U+202E>", "\\u202e", "U+202E", "<U+001B>")
                    .doesNotContain(hidden.split("", -1)[0], hidden.split("", -1)[1], hidden.split("", -1)[2]);
        }
    }

    @Test
    void aKeyThatIsNotTrustedSignsNothingUnlessThatIsMeant() {
        Path key = directory.resolve("connectors.key");
        run("connectors", "keygen", "--out=" + key);
        Path file = begun();

        Cli.Outcome refused = run("connectors", "publish", file.toString(), "--signing-key=" + key);
        assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("does not trust the key", "connectors.trusted_keys: [MCow", "--force");
        Cli.Outcome forced = run(
                "connectors", "publish", file.toString(), "--signing-key=" + key, "--force", "--bootstrap=127.0.0.1:1");
        assertThat(forced.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    }

    /** The file of a connector that comes with Toolpost. */
    private static String bundled(String vendor) {
        return Path.of("..", "connectors", "src", "main", "resources", "catalogue", vendor, "connector.yaml")
                .toString();
    }

    @Test
    void tryFetchesATokenAndShowsNothingSecretOfIt() throws IOException {
        try (SimulatedVendor salesforce =
                SimulatedVendor.builder().profile("salesforce").start()) {
            OAuthGrant grant = salesforce.grant(GrantSpec.usual());
            Path secret = Files.writeString(directory.resolve("secret.json"), secret(grant));

            Cli.Outcome outcome = run(
                    "connectors",
                    "try",
                    bundled("salesforce"),
                    "list_contacts",
                    "--arg=limit=200",
                    "--set=base_url=" + salesforce.uri(),
                    "--set=token_url=" + grant.tokenUri(),
                    "--secret-file=" + secret);

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.json().path("records")).hasSize(200);
            assertThat(outcome.err()).contains("POST " + grant.tokenUri() + ": 200 after", "Authorization: ***");
            assertThat(outcome.out() + outcome.err())
                    .doesNotContain(
                            grant.clientSecret(),
                            grant.refreshToken(),
                            salesforce.grant(grant.id()).accessToken());
        }
    }

    @Test
    void aRefreshTokenThatIsReplacedIsSavedOrNotUsed() throws IOException {
        try (SimulatedVendor github =
                SimulatedVendor.builder().profile("github").start()) {
            OAuthGrant grant = github.grant(GrantSpec.usual());
            Path secret = Files.writeString(directory.resolve("secret.json"), secret(grant));
            String[] addresses = {"--set=base_url=" + github.uri(), "--set=token_url=" + grant.tokenUri()};

            Cli.Outcome spent = run(
                    "connectors",
                    "try",
                    bundled("github"),
                    "get_user",
                    "--auth=oauth2",
                    addresses[0],
                    addresses[1],
                    "--secret-file=" + secret);
            assertThat(spent.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(spent.err()).contains("the new one would be lost", "--connection NAME", "--use-refresh-token");
            assertThat(github.grant(grant.id()).refreshToken()).isEqualTo(grant.refreshToken());

            assertThat(run(
                                    "connections",
                                    "add",
                                    "mine",
                                    "--vendor=github",
                                    "--auth=oauth2",
                                    addresses[0],
                                    addresses[1],
                                    "--secret-file=" + secret)
                            .exitCode())
                    .isZero();
            for (int i = 0; i < 2; i++) {
                Cli.Outcome stored =
                        run("connectors", "try", bundled("github"), "get_user", "--connection=mine", "--output=json");
                assertThat(stored.exitCode()).as(stored.out() + stored.err()).isZero();
                assertThat(stored.json().path("tokens")).hasSize(i == 0 ? 1 : 0);
            }
            String fresh = github.grant(grant.id()).refreshToken();
            assertThat(fresh).isNotEqualTo(grant.refreshToken());
            assertThat(Setup.credentials(ToolpostConfig.load(config, Map.of(), Map.of()))
                            .find("dev", "mine"))
                    .satisfies(found ->
                            assertThat(found.secret().get("refresh_token")).isEqualTo(fresh));
        }
    }

    private static String secret(OAuthGrant grant) {
        return Json.object()
                .put("client_id", grant.clientId())
                .put("client_secret", grant.clientSecret())
                .put("refresh_token", grant.refreshToken())
                .toString();
    }

    @Test
    void tryFollowsAnOperationToItsResultAndARedirectOfTheSameServer() throws IOException {
        int[] asked = {0};
        vendor.createContext("/v9", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean moved = path.equals("/v9/exports/7/file");
            String body = path.equals("/v9/exports")
                    ? "{\"id\":\"7\"}"
                    : path.equals("/v9/exports/7")
                            ? "{\"state\":\"" + (++asked[0] < 2 ? "busy" : "done") + "\"}"
                            : "all of it";
            exchange.getResponseHeaders()
                    .set("Content-Type", path.endsWith("real") ? "text/plain" : "application/json");
            if (moved) {
                exchange.getResponseHeaders().set("Location", "/v9/exports/7/real");
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(moved ? 302 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        Path file = Files.writeString(directory.resolve("long.yaml"), """
                vendor: long
                title: Long
                base_url: https://api.long.example
                auth: [{ kind: bearer }]
                tools:
                  export:
                    description: Exports everything as one text. Use it for a copy of all there is, which takes minutes.
                    effect: read
                    arguments: { type: object, additionalProperties: false }
                    request: { path: /exports }
                    operation:
                      values: { id: /id }
                      poll: { request: { path: "/exports/{id}" }, every: 100ms, done: { body: { /state: done } } }
                      download: { request: { path: "/exports/{id}/file" }, response: text }
                """);
        Path token = Files.writeString(directory.resolve("token"), "canary-secret");
        String base = "--base-url=http://127.0.0.1:" + vendor.getAddress().getPort() + "/v9";

        Cli.Outcome refused = run("connectors", "try", file.toString(), "export", "--secret-file=" + token, base);
        assertThat(refused.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(refused.err())
                .contains("answered 302 and redirects to /v9/exports/7/real, which is not followed", "means: REDIRECT");

        asked[0] = 0;
        Files.writeString(
                file, "errors: { rules: [{ when: { status: 302 }, means: REDIRECT }] }\n", StandardOpenOption.APPEND);
        Cli.Outcome whole = run("connectors", "try", file.toString(), "export", "--secret-file=" + token, base);
        assertThat(whole.exitCode()).as(whole.err()).isZero();
        assertThat(whole.out()).isEqualTo("\"all of it\"\n");
        assertThat(whole.err())
                .contains("asking again in 100 ms", "302 after", "GET http://127.0.0.1:", "/v9/exports/7/real");

        asked[0] = -1_000;
        Cli.Outcome late = run(
                "connectors",
                "try",
                file.toString(),
                "export",
                "--secret-file=" + token,
                base,
                "--timeout=250ms",
                "--output=json");
        assertThat(late.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(late.json().path("ending").path("ends_as").asString()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(late.json().path("then").size()).isPositive();
    }

    @Test
    void aPageReachesStandardOutputOfAProcessWhole() throws Exception {
        try (CliProcess docs = CliProcess.start("connectors", "docs", "--vendor=stripe")) {
            assertThat(docs.rest()).startsWith("# Stripe").hasSizeGreaterThan(2_000);
            assertThat(docs.await()).isZero();
        }
        assertThat(run("connectors", "docs", "--vendor=stripe", "--output=json")
                        .json()
                        .path(0)
                        .path("page")
                        .asString())
                .startsWith("# Stripe");
    }
}
