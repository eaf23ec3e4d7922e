package dev.toolpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.config.ToolpostConfig;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.DeadGrant;
import dev.toolpost.worker.credentials.GrantState;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.Grant;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Grants of people: authorised in a browser or on another device, rotated, given back; against simulated vendors. */
@Timeout(60)
class AuthorizeTest {
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/\\S*\\?\\S+");
    private static final Pattern BACK = Pattern.compile("It comes back to (\\S+?)[,.]");

    @TempDir
    private Path directory;

    private final HttpClient browser =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();

    private SimulatedVendor hubspot;
    private String config;
    private CredentialStore store;

    @BeforeEach
    void start() throws Exception {
        hubspot = SimulatedVendor.start();
        Path file = directory.resolve("toolpost.yaml");
        Files.writeString(file, """
                default_tenant: acme
                credentials.file: credentials
                credentials.key_file: credentials.key
                http.allow_addresses: ["127.0.0.0/8"]
                """);
        config = file.toString();
        store = Setup.credentials(ToolpostConfig.load(file, Map.of(), Map.of()));
    }

    @AfterEach
    void stop() {
        hubspot.close();
        browser.close();
    }

    /** A command that waits for a person, and what it has printed so far. */
    private static final class Running {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> exitCode;

        private Running(String... arguments) {
            CommandLine command = Main.commandLine(arguments);
            command.setOut(new PrintWriter(out));
            command.setErr(new PrintWriter(err));
            exitCode = CompletableFuture.supplyAsync(() -> {
                int code = command.execute(arguments);
                command.getOut().flush();
                command.getErr().flush();
                return code;
            });
        }

        private String awaitErr(Pattern pattern) throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() < end && !exitCode.isDone()) {
                Matcher matcher = pattern.matcher(err.toString());
                if (matcher.find()) {
                    return matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
            throw new AssertionError("no " + pattern + " in: " + err + out);
        }

        private Cli.Outcome outcome() throws Exception {
            int code = exitCode.get(30, TimeUnit.SECONDS);
            return new Cli.Outcome(code, out.toString(), err.toString());
        }
    }

    private String[] authorize(SimulatedVendor vendor, String name, OAuthGrant app, String... more) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret.txt"), app.clientSecret());
        List<String> all = new ArrayList<>(List.of(
                "connections",
                "authorize",
                vendor.name(),
                "--connection",
                name,
                "--config",
                config,
                "--no-browser",
                "--client-id",
                app.clientId(),
                "--secret-file",
                "client_secret=" + secret));
        addresses(vendor, app).forEach((variable, value) -> all.addAll(List.of("--set", variable + "=" + value)));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    private static Map<String, String> addresses(SimulatedVendor vendor, OAuthGrant app) {
        return switch (vendor.name()) {
            case "github" ->
                Map.of(
                        "base_url",
                        vendor.uri().toString(),
                        "token_url",
                        app.tokenUri().toString(),
                        "authorize_url",
                        vendor.uri() + "/login/oauth/authorize",
                        "device_url",
                        vendor.uri() + "/login/device/code");
            case "notion" ->
                Map.of(
                        "base_url", vendor.uri().toString() + "/v1",
                        "token_url", app.tokenUri().toString(),
                        "authorize_url", vendor.uri() + "/v1/oauth/authorize",
                        "revoke_url", vendor.uri() + "/v1/oauth/revoke");
            default ->
                Map.of(
                        "base_url", vendor.uri().toString(),
                        "token_url", app.tokenUri().toString(),
                        "authorize_url", vendor.uri() + "/oauth/authorize");
        };
    }

    private HttpResponse<String> get(String address) throws Exception {
        return browser.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private StoredConnection stored(String name) {
        return Objects.requireNonNull(store.findNow("acme", name));
    }

    private static void tellsNothing(Cli.Outcome outcome, OAuthGrant app) {
        assertThat(outcome.out() + outcome.err())
                .doesNotContain(app.clientSecret())
                .doesNotContain(app.refreshToken())
                .doesNotContain(app.accessToken())
                .doesNotContain("code-");
    }

    @Test
    void aPersonAuthorisesAnAccountInTheBrowserAndTheGrantIsStored() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        Running running = new Running(authorize(hubspot, "crm", app, "--port", "0", "--output", "json"));
        String page = running.awaitErr(ADDRESS);
        assertThat(page)
                .contains("response_type=code", "code_challenge_method=S256", "state=")
                .contains("scope=oauth%20crm.objects.contacts.read");
        assertThat(get(page).body()).contains("Allow").contains("Deny");
        HttpResponse<String> end = get(page + "&decision=allow");
        assertThat(end.statusCode()).isEqualTo(200);
        assertThat(end.body()).contains("You can close this page").doesNotContain("code");
        Cli.Outcome outcome = running.outcome();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        OAuthGrant now = hubspot.grant(app.id());
        StoredConnection crm = stored("crm");
        assertThat(crm.secret().get("refresh_token")).isEqualTo(now.refreshToken());
        assertThat(crm.secret().get("access_token")).isEqualTo(now.accessToken());
        assertThat(crm.connection().scopes()).contains("crm.objects.contacts.read");
        assertThat(outcome.json().path("renewable").asBoolean()).isTrue();
        assertThat(outcome.json().path("valid_until").asString()).isNotEmpty();
        tellsNothing(outcome, now);
        tellsNothing(outcome, app);
    }

    @Test
    void aWrongStateIsRefusedAndWaitingGoesOnUntilThePersonRefuses() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        Running running = new Running(authorize(hubspot, "crm", app, "--port", "0"));
        String page = running.awaitErr(ADDRESS);
        String back = running.awaitErr(BACK);
        assertThat(back).startsWith("http://localhost:");
        HttpResponse<String> forged = get(back + "?code=stolen&state=guess");
        assertThat(forged.statusCode()).isEqualTo(400);
        assertThat(forged.body()).doesNotContain("stolen");
        assertThat(get(back.replace("/callback", "/elsewhere")).statusCode()).isEqualTo(404);
        assertThat(get(back + "?code=stolen").statusCode()).isEqualTo(400);
        assertThat(get(page + "&decision=deny").body()).contains("The vendor gave no authorisation");
        Cli.Outcome outcome = running.outcome();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(outcome.err())
                .contains("wrong state")
                .contains("access_denied")
                .contains("Nothing was stored");
        assertThat(store.findNow("acme", "crm")).isNull();
    }

    @Test
    void waitingForAPersonEndsByATimeOut() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        Cli.Outcome outcome = new Running(authorize(hubspot, "crm", app, "--port", "0", "--timeout", "50ms")).outcome();
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(outcome.err()).contains("no answer came back within");
    }

    @Test
    void theRedirectListensOnTheLoopbackAddressAloneAndSaysThatItsPortIsTaken() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                LoopbackRedirect redirect = new LoopbackRedirect(0, state -> false, line -> {})) {
            Cli.Outcome outcome =
                    Cli.run(authorize(hubspot, "crm", app, "--port", Integer.toString(taken.getLocalPort())));
            assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(outcome.err()).contains("--port");
            // What listened on every address could not be bound beside.
            int port = redirect.uri("127.0.0.1").getPort();
            try (ServerSocket beside = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 2}))) {
                assertThat(beside.isBound()).isTrue();
            }
        }
    }

    @Test
    void aDeadConnectionComesAliveAgainWithItsClientVariablesAndLimits() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        Secret secret = Secret.of("client_id", app.clientId())
                .with("client_secret", app.clientSecret())
                .with("refresh_token", app.refreshToken());
        store.put(
                new ConnectionRecord(
                        "acme",
                        "crm",
                        "hubspot",
                        "oauth2",
                        addresses(hubspot, app),
                        Map.of(),
                        Set.of(),
                        Map.of("a", "b")),
                secret,
                GrantState.NONE.died(new DeadGrant(Grant.tokenHash(secret), 1, "invalid_grant", "gone")),
                CredentialStore.ABSENT);
        hubspot.revoke(app.id());
        assertThat(Grant.dead(stored("crm"))).isNotNull();
        Running running = new Running(
                "connections",
                "authorize",
                "hubspot",
                "--connection",
                "crm",
                "--config",
                config,
                "--no-browser",
                "--port",
                "0");
        String page = running.awaitErr(ADDRESS);
        // A worker that stores something meanwhile does not lose the grant.
        StoredConnection there = stored("crm");
        store.put(there.connection(), there.secret(), there.grant(), there.version());
        get(page + "&decision=allow");
        assertThat(running.outcome().exitCode()).isZero();
        StoredConnection alive = stored("crm");
        assertThat(Grant.dead(alive)).isNull();
        assertThat(alive.connection().labels()).containsEntry("a", "b");
        assertThat(alive.secret().get("refresh_token"))
                .isEqualTo(hubspot.grant(app.id()).refreshToken())
                .isNotEqualTo(app.refreshToken());
        assertThat(hubspot.grant(app.id()).revoked()).isFalse();
    }

    @Test
    void aPersonAuthorisesOnAnotherDevice() throws Exception {
        try (SimulatedVendor github =
                SimulatedVendor.builder().profile("github").start()) {
            OAuthGrant app = github.grant(GrantSpec.usual());
            Running running = new Running(authorize(github, "code", app, "--device"));
            String code = running.awaitErr(Pattern.compile("type the code (\\S+)"));
            get(github.uri() + "/login/device/code/page?user_code=" + code + "&decision=allow");
            Cli.Outcome outcome = running.outcome();
            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            OAuthGrant now = github.grant(app.id());
            assertThat(stored("code").secret().get("access_token")).isEqualTo(now.accessToken());
            tellsNothing(outcome, now);
        }
    }

    @Test
    void aVendorWithoutDeviceCodesIsSaid() throws Exception {
        Cli.Outcome outcome = Cli.run(authorize(hubspot, "crm", hubspot.grant(GrantSpec.usual()), "--device"));
        assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("device_url");
    }

    @Test
    void rotateRefreshesATokenNowAndReplacesFieldsThatAreGiven() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual().withRotation(true));
        oauth(hubspot, "crm", app);
        Cli.Outcome outcome = Cli.run("connections", "rotate", "crm", "--config", config, "--output", "json");
        assertThat(outcome.exitCode()).as(outcome.err() + outcome.out()).isZero();
        OAuthGrant now = hubspot.grant(app.id());
        assertThat(stored("crm").secret().get("refresh_token"))
                .isEqualTo(now.refreshToken())
                .isNotEqualTo(app.refreshToken());
        assertThat(outcome.json().path("grant").path("state").asString()).isEqualTo("valid");
        tellsNothing(outcome, now);
        Path file = Files.writeString(directory.resolve("new.txt"), "another-client-secret");
        Cli.Outcome replaced =
                Cli.run("connections", "rotate", "crm", "--config", config, "--secret-file", "client_secret=" + file);
        assertThat(replaced.exitCode()).as(replaced.err()).isZero();
        assertThat(replaced.out() + replaced.err()).doesNotContain("another-client-secret");
        assertThat(stored("crm").secret().get("client_secret")).isEqualTo("another-client-secret");
        assertThat(stored("crm").secret().get("refresh_token")).isEqualTo(now.refreshToken());
        Cli.Outcome refused = Cli.run("connections", "rotate", "crm", "--config", config, "--output", "json");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
        assertThat(refused.json().path("message").asString()).isNotEmpty();
        assertThat(refused.out()).doesNotContain("another-client-secret");
    }

    @Test
    void revokeGivesTheGrantBackAndForgetsTheConnection() throws Exception {
        try (SimulatedVendor notion =
                SimulatedVendor.builder().profile("notion").start()) {
            OAuthGrant app = notion.grant(GrantSpec.usual());
            oauth(notion, "wiki", app);
            long fault = notion.inject(Fault.status(503).on("POST", "/v1/oauth/revoke"));
            Cli.Outcome down = Cli.run("connections", "revoke", "wiki", "--config", config);
            assertThat(down.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(down.err()).contains("stays");
            assertThat(store.findNow("acme", "wiki")).isNotNull();
            notion.removeFault(fault);
            Cli.Outcome outcome = Cli.run("connections", "revoke", "wiki", "--config", config, "--output", "json");
            assertThat(outcome.exitCode()).as(outcome.err() + outcome.out()).isZero();
            assertThat(outcome.json().path("revoked").asBoolean()).isTrue();
            assertThat(notion.grant(app.id()).revoked()).isTrue();
            assertThat(store.findNow("acme", "wiki")).isNull();
            tellsNothing(outcome, app);
        }
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        oauth(hubspot, "crm", app);
        Cli.Outcome local = Cli.run("connections", "revoke", "crm", "--config", config);
        assertThat(local.exitCode()).isZero();
        assertThat(local.err()).contains("take the app's access");
        assertThat(store.findNow("acme", "crm")).isNull();
    }

    private void oauth(SimulatedVendor vendor, String name, OAuthGrant app) {
        store.put(
                new ConnectionRecord(
                        "acme", name, vendor.name(), "oauth2", addresses(vendor, app), Map.of(), Set.of(), Map.of()),
                Secret.of("client_id", app.clientId())
                        .with("client_secret", app.clientSecret())
                        .with("refresh_token", app.refreshToken())
                        .with("access_token", app.accessToken())
                        .with(
                                "expires_at",
                                Long.toString(System.currentTimeMillis()
                                        + Duration.ofHours(1).toMillis())),
                CredentialStore.ABSENT);
    }
}
