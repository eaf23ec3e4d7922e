package dev.toolpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
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
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
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
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
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
import org.slf4j.LoggerFactory;
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
    void aCodeForAnotherDeviceThatIsRefusedOrComesTooLateStoresNothing() throws Exception {
        try (SimulatedVendor github =
                SimulatedVendor.builder().profile("github").start()) {
            OAuthGrant app = github.grant(GrantSpec.usual());
            Running refused = new Running(authorize(github, "code", app, "--device"));
            String code = refused.awaitErr(Pattern.compile("type the code (\\S+)"));
            get(github.uri() + "/login/device/code/page?user_code=" + code + "&decision=deny");
            Cli.Outcome outcome = refused.outcome();
            assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(outcome.err()).contains("the person has refused").contains("Nothing was stored");

            github.inject(Fault.status(200).on("POST", app.tokenUri().getPath()).body("{\"error\":\"expired_token\"}"));
            Cli.Outcome late = new Running(authorize(github, "code", app, "--device")).outcome();
            assertThat(late.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
            assertThat(late.err()).contains("the code was not typed in time").contains("Nothing was stored");
            assertThat(store.findNow("acme", "code")).isNull();
        }
    }

    @Test
    void aRedirectOfOnesOwnIsPastedAndItsStateIsChecked() throws Exception {
        OAuthGrant app = hubspot.grant(GrantSpec.usual());
        InputStream before = System.in;
        try (HttpClient staying = HttpClient.newHttpClient()) {
            for (boolean forged : List.of(true, false)) {
                PipedOutputStream typed = new PipedOutputStream();
                System.setIn(new PipedInputStream(typed));
                Running running =
                        new Running(authorize(hubspot, "crm", app, "--redirect-uri", "http://127.0.0.1:9/registered"));
                String page = running.awaitErr(ADDRESS);
                assertThat(page).contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fregistered");
                String back = staying.send(
                                HttpRequest.newBuilder(URI.create(page + "&decision=allow"))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .headers()
                        .firstValue("Location")
                        .orElseThrow();
                String pasted = forged ? back.replaceFirst("state=..", "state=xx") : back;
                typed.write((pasted + "\n").getBytes(UTF_8));
                typed.flush();
                Cli.Outcome outcome = running.outcome();
                if (forged) {
                    assertThat(outcome.exitCode()).isEqualTo(ExitCode.ANSWERED_WITH_ERROR);
                    assertThat(outcome.err()).contains("wrong state");
                    assertThat(store.findNow("acme", "crm")).isNull();
                } else {
                    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
                    assertThat(stored("crm").secret().get("refresh_token"))
                            .isEqualTo(hubspot.grant(app.id()).refreshToken());
                }
                tellsNothing(outcome, hubspot.grant(app.id()));
            }
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void nothingThatIsSecretIsPrintedOrLoggedWhileGrantsAreGivenReplacedAndGivenBack() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level usual = root.getLevel();
        List<Appender<ILoggingEvent>> others = new ArrayList<>();
        root.iteratorForAppenders().forEachRemaining(others::add);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        others.forEach(root::detachAppender);
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        StringBuilder said = new StringBuilder();
        List<String> secrets = new ArrayList<>();
        String challenge;
        try (SimulatedVendor github =
                        SimulatedVendor.builder().profile("github").start();
                SimulatedVendor notion =
                        SimulatedVendor.builder().profile("notion").start()) {
            OAuthGrant app = hubspot.grant(GrantSpec.usual().withRotation(true));
            Running running = new Running(authorize(hubspot, "crm", app, "--port", "0"));
            String page = running.awaitErr(ADDRESS);
            challenge = page.replaceFirst(".*code_challenge=([^&]+).*", "$1");
            get(page + "&decision=allow");
            said.append(success(running.outcome()));
            secretsOf("crm", secrets);
            said.append(success(Cli.run("connections", "rotate", "crm", "--config", config)));
            secretsOf("crm", secrets);
            String echo = "{\"error\":\"invalid_grant\",\"error_description\":\"unknown " + String.join(" ", secrets)
                    + "\",\"message\":\"unknown " + String.join(" ", secrets) + "\"}";
            hubspot.inject(
                    Fault.status(400).on("POST", app.tokenUri().getPath()).body(echo));
            said.append(failure(Cli.run("connections", "rotate", "crm", "--config", config)));
            Running again = new Running(
                    "connections",
                    "authorize",
                    "hubspot",
                    "--connection=crm",
                    "--config=" + config,
                    "--no-browser",
                    "--port=0");
            get(again.awaitErr(ADDRESS) + "&decision=allow");
            said.append(failure(again.outcome()));

            OAuthGrant phone = github.grant(GrantSpec.usual());
            Running device = new Running(authorize(github, "code", phone, "--device"));
            String typed = device.awaitErr(Pattern.compile("type the code (\\S+)"));
            get(github.uri() + "/login/device/code/page?user_code=" + typed + "&decision=allow");
            said.append(success(device.outcome()));
            secretsOf("code", secrets);

            OAuthGrant given = notion.grant(GrantSpec.usual());
            oauth(notion, "wiki", given);
            secretsOf("wiki", secrets);
            long fault = notion.inject(Fault.status(403)
                    .on("POST", "/v1/oauth/revoke")
                    .body("{\"error\":\"access_denied\",\"error_description\":\"not " + String.join(" ", secrets)
                            + "\"}"));
            said.append(failure(Cli.run("connections", "revoke", "wiki", "--config", config)));
            notion.removeFault(fault);
            said.append(success(Cli.run("connections", "revoke", "wiki", "--config", config)));
        } finally {
            root.setLevel(usual);
            root.detachAppender(log);
            others.forEach(root::addAppender);
        }
        assertThat(secrets).hasSizeGreaterThan(8);
        int lines = 0;
        for (ILoggingEvent event : List.copyOf(log.list)) {
            lines++;
            said.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                said.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
        assertThat(lines).isGreaterThan(50);
        String all = said.toString();
        for (String secret : secrets) {
            assertThat(all.contains(secret))
                    .as("a secret is in " + around(all, secret))
                    .isFalse();
        }
        assertThat(all).doesNotContainPattern("(code|device)-[0-9a-f]{16}");
        Matcher candidates = Pattern.compile("(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
                .matcher(all);
        while (candidates.find()) {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(candidates.group().getBytes(UTF_8));
            assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(digest))
                    .as("that of the verifier")
                    .isNotEqualTo(challenge);
        }
    }

    private static String around(String all, String secret) {
        int at = all.indexOf(secret);
        return at < 0 ? "nothing" : all.substring(Math.max(0, at - 200), at);
    }

    private static String success(Cli.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.err() + outcome.out()).isZero();
        return outcome.out() + outcome.err();
    }

    private static String failure(Cli.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.err() + outcome.out()).isNotZero();
        return outcome.out() + outcome.err();
    }

    private void secretsOf(String name, List<String> secrets) {
        Secret secret = stored(name).secret();
        for (String field : List.of("client_secret", "refresh_token", "access_token")) {
            String value = secret.get(field);
            if (value != null && !value.isEmpty()) {
                secrets.add(value);
            }
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
