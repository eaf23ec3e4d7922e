package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVault;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.RoutedServer.Answer;
import dev.toolpost.worker.http.RoutedServer.Received;
import dev.toolpost.worker.http.TestCertificates;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A canary in every place that holds a credential, on every path that a call can take, with every logger at TRACE: it is in the store and at the vendor, and
 * nowhere else.
 */
@Timeout(120)
class CanaryTest {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final String CANARY = "canary";

    /** How each token of the simulated Vault begins, that of its root and those that logins give. */
    private static final String VAULT_TOKENS = "hvs.SIM";

    /** The broker runs in this process too; what it logs is its own. */
    private static final Set<String> NOT_OURS = Set.of("kafka", "state.change.logger", "org.apache.kafka.server");

    private static final String TOOLS = """
            limits:
              second: { scope: connection, kind: sliding, permits: 100000, window: 1s }
              all: { scope: vendor, kind: sliding, permits: 100000, window: 1s }
            retry: { max_attempts: 2, min_delay: 5ms, max_delay: 10ms }
            timeouts: { request: 5s }
            errors: { message: /message, vendor_code: /code }
            tools:
              get_thing:
                description: Returns the thing of the account.
                effect: read
                arguments:
                  type: object
                  additionalProperties: false
                  properties: { how: { type: string, description: "How the server is to answer." } }
                request: { path: /thing, query: { how: "{how}" } }
              make_thing:
                description: Makes a thing in the account.
                effect: write
                arguments:
                  type: object
                  additionalProperties: false
                  properties: { how: { type: string, description: "How the server is to answer." } }
                request: { method: POST, path: /thing, body: { how: "{how}" } }
            """;

    private static final String CAGE = """
            vendor: cage
            title: Cage
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - { kind: bearer }
              - { kind: basic }
              - { kind: api_key_header, name: X-Key }
              - { kind: api_key_query, name: key }
              - { kind: api_key_path, segment: "/bot{key}" }
              - { kind: api_key_body, name: api_key }
              - { kind: client_certificate }
              - { kind: oauth2, token_url: "{api}/token", default_lifetime: 1h }
              - { kind: oauth2, id: in_query, token_url: "{api}/token", request: query, send: { query: session } }
              - { kind: oauth2_client_credentials, token_url: "{api}/token", send: { cookie: session } }
              - kind: oauth2_jwt
                token_url: "{api}/token"
                fields: [issuer]
                assertion: { algorithm: RS256, claims: { iss: "{issuer}" } }
              - kind: session
                fields: [username, password]
                steps: [{ request: { url: "{api}/login", query: { pass: "{password}" } }, take: { ticket: /access_token } }]
                token: "{ticket}"
            """ + TOOLS;

    private static final String PIT = """
            vendor: pit
            title: Pit
            executor: sql
            base_url: jdbc:postgresql://{host}:{port}/{database}
            variables: { host: { kind: host }, port: { kind: port }, database: { kind: segment } }
            driver: { sslmode: disable }
            auth: [{ kind: password }]
            retry: { max_attempts: 1 }
            tools:
              get_thing:
                description: Returns the thing of the account.
                effect: read
                arguments: { type: object, additionalProperties: false, properties: {} }
                statement: { sql: "SELECT 1 AS thing" }
            """;

    private static final List<String> WAYS = List.of(
            "bearer",
            "basic",
            "api_key_header",
            "api_key_query",
            "api_key_path",
            "oauth2",
            "in_query",
            "oauth2_client_credentials",
            "oauth2_jwt",
            "session");

    /** Everything that must be nowhere: what the store holds, what vendors gave, and how they look on their way. */
    private final Set<String> untold = ConcurrentHashMap.newKeySet();

    @TempDir
    private Path directory;

    private final Queue<String> found = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicReference<String> tokenHow = new AtomicReference<>("ok");

    /** Looks at each line as it comes, so that no line has to be kept. */
    private final class Watch extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            lines.incrementAndGet();
            look(event.getLoggerName(), event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                look(event.getLoggerName(), ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
    }

    private void look(String where, String text) {
        for (String secret : untold) {
            if (text.contains(secret)) {
                found.add(where + ": " + text.substring(0, Math.min(600, text.length())));
                return;
            }
        }
    }

    @Test
    void aCanaryInEveryCredentialIsInNoLogReplyTopicPageOrText() throws Exception {
        untold.add(CANARY);
        untold.add(VAULT_TOKENS);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Map<Logger, Level> levels = new HashMap<>();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        List<Appender<ILoggingEvent>> usual = new ArrayList<>();
        for (Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders(); all.hasNext(); ) {
            usual.add(all.next());
        }
        Watch watch = new Watch();
        watch.setContext(context);
        watch.start();
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        try (SimulatedVault vault = SimulatedVault.start();
                RoutedServer vendor = RoutedServer.start();
                TellTaleRedis redis = new TellTaleRedis();
                Rig rig = Rig.start()
                        .withConnector("cage", CAGE)
                        .withConnector("pit", PIT)
                        .with("worker.health_port", "0")
                        .with("credentials.vault.address", vault.uri().toString())
                        .with("credentials.vault.token", SimulatedVault.ROOT_TOKEN)
                        .with("credentials.vault.retry_for", "200ms")
                        .with("limits.redis.url", redis.url())
                        .with("limits.redis.password", "canary-redis-password")) {
            System.setOut(new PrintStream(console, true, UTF_8));
            System.setErr(new PrintStream(console, true, UTF_8));
            usual.forEach(root::detachAppender);
            root.addAppender(watch);
            for (Logger each : context.getLoggerList()) {
                if (each.getLevel() != null || each.equals(root)) {
                    levels.put(each, each.getLevel());
                    each.setLevel(NOT_OURS.contains(each.getName()) ? Level.OFF : Level.TRACE);
                }
            }
            for (String name : NOT_OURS) {
                context.getLogger(name).setLevel(Level.OFF);
            }
            CredentialStore store = rig.owns(WorkerMain.credentials(rig.config()));
            answers(vendor);
            connections(store, vendor);
            appRole(vault);
            rig.with("credentials.vault.auth", "approle")
                    .with("credentials.vault.role_id", "role-of-workers")
                    .with("credentials.vault.secret_id", "canary-secret-id");
            Worker worker = rig.worker(rig.owns(WorkerMain.credentials(rig.config())));
            Agent agent = rig.agent();
            calls(agent);

            vault.endTokens();
            agent.call("anew", "cage_get_thing", "nobody-else", "{}");
            assertThat(agent.reply("anew", BOUND).getError().getCode()).isEqualTo("UNKNOWN_CONNECTION");
            vault.seal();
            agent.call("sealed", "cage_get_thing", "nobody", "{}");
            assertThat(agent.reply("sealed", BOUND).getError().getCode()).isEqualTo("CREDENTIALS_UNAVAILABLE");
            vault.unseal();
            agent.publish(rig.topics().calls("common"), "acme/bearer", "{\"call_id\": \"broken\", ");
            Await.until(
                    "the dead letter",
                    BOUND,
                    () -> !Agent.all(rig.topics().deadLetters()).isEmpty());

            look("status", worker.status().toString());
            look("configuration", rig.config().toString());
            texts(store);
            refusedLogins(rig);
            pages(worker);
            topics(rig, agent);
            assertThat(vendor.received().toString())
                    .as("the vendor did get them")
                    .contains("canary-query", "canary-path", "canary-refresh", "canary-body");
            assertThat(vault.logins()).isGreaterThan(1);
            assertThat(redis.wasToldThePassword()).isTrue();
        } finally {
            System.setOut(out);
            System.setErr(err);
            root.detachAppender(watch);
            usual.forEach(root::addAppender);
            levels.forEach(Logger::setLevel);
            for (String name : NOT_OURS) {
                Logger each = context.getLogger(name);
                each.setLevel(levels.get(each));
            }
        }
        look("console", console.toString(UTF_8));
        assertThat(lines.get()).isGreaterThan(1_000);
        assertThat(found).isEmpty();
    }

    /** Says back what it is asked, as Redis does of commands that it does not know. */
    private static final class TellTaleRedis implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final AtomicReference<String> heard = new AtomicReference<>("");

        private TellTaleRedis() throws IOException {
            Thread.ofVirtual().start(this::serve);
        }

        private String url() {
            return "redis://127.0.0.1:" + server.getLocalPort();
        }

        private boolean wasToldThePassword() {
            return heard.get().contains("canary-redis-password");
        }

        private void serve() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    byte[] asked = new byte[4_096];
                    for (int read = socket.getInputStream().read(asked);
                            read > 0;
                            read = socket.getInputStream().read(asked)) {
                        String text = new String(asked, 0, read, UTF_8);
                        heard.accumulateAndGet(text, String::concat);
                        String echo = "-ERR unknown command, with args beginning with: "
                                + text.replaceAll("[\\r\\n]+", " ") + "\r\n";
                        socket.getOutputStream().write(echo.getBytes(UTF_8));
                    }
                } catch (IOException gone) {
                    // The next one may stay.
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static void appRole(SimulatedVault vault) throws Exception {
        admin(vault, "sys/auth/approle", "{\"type\":\"approle\"}");
        admin(
                vault,
                "sys/policies/acl/worker",
                "{\"policy\":\"path \\\"secret/*\\\" { capabilities = [\\\"read\\\", \\\"update\\\"] }\"}");
        admin(vault, "auth/approle/role/worker", "{\"token_policies\":[\"worker\"],\"token_ttl\":\"1h\"}");
        admin(vault, "auth/approle/role/worker/role-id", "{\"role_id\":\"role-of-workers\"}");
        admin(vault, "auth/approle/role/worker/custom-secret-id", "{\"secret_id\":\"canary-secret-id\"}");
    }

    private static void admin(SimulatedVault vault, String path, String body) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(vault.uri() + "/v1/" + path))
                            .header("X-Vault-Token", SimulatedVault.ROOT_TOKEN)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path + answer.body()).isBetween(200, 299);
        }
    }

    /** What Vault does not take is told, but not what it was. */
    private void refusedLogins(Rig rig) throws Exception {
        rig.with("credentials.vault.secret_id", "canary-wrong-secret-id");
        refusedLogin(rig);
        Path jwt = Files.writeString(directory.resolve("jwt"), "canary-header.canary-claims.canary-signature");
        rig.with("credentials.vault.auth", "kubernetes")
                .with("credentials.vault.role", "worker")
                .with("credentials.vault.jwt_file", jwt.toString());
        refusedLogin(rig);
        rig.with("credentials.vault.auth", "token").with("credentials.vault.token", "canary-wrong-token");
        refusedLogin(rig);
    }

    private void refusedLogin(Rig rig) {
        look("configuration", rig.config().toString());
        try (CredentialStore refused = WorkerMain.credentials(rig.config())) {
            assertThatThrownBy(() -> refused.findNow(Rig.TENANT, "bearer"))
                    .isInstanceOf(CredentialsUnavailableException.class)
                    .satisfies(failure -> {
                        StringWriter trace = new StringWriter();
                        failure.printStackTrace(new PrintWriter(trace));
                        look("exception", trace.toString());
                    });
        }
    }

    private void answers(RoutedServer vendor) {
        for (String path : List.of("/thing", "/bot4711:canary-path-key/thing")) {
            vendor.on("GET " + path, this::answered);
            vendor.on("POST " + path, this::answered);
        }
        for (String route : List.of("POST /token", "GET /token", "GET /login", "POST /login")) {
            vendor.on(route, this::token);
        }
    }

    private Answer token(Received request) {
        String echo = request.query() + " " + request.body() + " " + request.headers();
        return switch (tokenHow.get()) {
            case "ok" ->
                Answer.json(
                        "{\"access_token\":\"canary-access-%d\",\"refresh_token\":\"canary-refresh-%d\",\"expires_in\":3600}"
                                .formatted(tokens.incrementAndGet(), tokens.get()));
            case "down" -> Answer.of(503, quoted(echo));
            case "broken" -> Answer.of(200, "{\"access_token\": \"canary-broken");
            default ->
                Answer.of(400, "{\"error\":\"invalid_grant\",\"error_description\":" + quoted("no such " + echo) + "}");
        };
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** As the call asks it; the echoes hold the whole request. */
    private Answer answered(Received request) {
        String how = (request.query() + request.body()).replaceFirst(".*how[\":=]+([a-z0-9]+).*", "$1");
        String echo = quoted(
                request.path() + "?" + request.query() + " " + request.headers().entrySet() + " " + request.body());
        String decoded = request.header("Authorization").startsWith("Basic ")
                ? quoted(new String(
                        Base64.getDecoder()
                                .decode(request.header("Authorization").substring(6)),
                        UTF_8))
                : "\"\"";
        return switch (how) {
            case "echo" ->
                Answer.json("{\"message\":" + echo + ",\"plain\":" + decoded + "}")
                        .with("X-Echo", request.header("Authorization") + request.header("X-Key"));
            case "refused" -> Answer.of(401, "{\"message\":" + echo + "}");
            case "failed" -> Answer.of(500, "{\"code\":" + echo + ",\"message\":" + echo + "}");
            case "invalid" -> Answer.of(400, "{\"code\":" + echo + ",\"message\":" + echo + "}");
            case "broken" -> Answer.json("{\"message\": " + echo);
            case "late" -> {
                try {
                    Thread.sleep(1_500);
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
                yield Answer.json("{}");
            }
            default -> Answer.json("{\"id\":1}");
        };
    }

    private void connections(CredentialStore store, RoutedServer vendor) throws Exception {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(KeyPairGenerator.getInstance("RSA")
                                .generateKeyPair()
                                .getPrivate()
                                .getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        untold.add(pem.split("\n", -1)[5]);
        Secret all = Secret.of("token", "canary-bearer-token")
                .with("username", "ann")
                .with("password", "canary-password-1")
                .with("client_id", "app-1")
                .with("client_secret", "canary-client-secret")
                .with("refresh_token", "canary-refresh-0")
                .with("issuer", "me")
                .with("private_key", pem);
        untold.add(Base64.getEncoder().encodeToString("ann:canary-password-1".getBytes(UTF_8)));
        for (String way : WAYS) {
            String key = switch (way) {
                case "api_key_query" -> "canary-query-key";
                case "api_key_path" -> "4711:canary-path-key";
                default -> "canary-header-key";
            };
            put(store, "cage", way, way, Map.of("api", vendor.url()), all.with("key", key));
        }
        put(
                store,
                "cage",
                "api_key_body",
                "api_key_body",
                Map.of("api", vendor.url()),
                Secret.of("key", "canary-body-key"));
        TestCertificates certificates = new TestCertificates(directory, "vendor");
        String privateKey = certificates.privateKey("vendor");
        untold.add(privateKey.split("\n", -1)[5]);
        Secret certificate =
                Secret.of("certificate", certificates.certificate("vendor")).with("private_key", privateKey);
        put(
                store,
                "cage",
                "certificate",
                "client_certificate",
                Map.of("api", vendor.url().replace("http:", "https:")),
                certificate);
        put(store, "cage", "certificate-in-the-clear", "client_certificate", Map.of("api", vendor.url()), certificate);
        put(
                store,
                "cage",
                "certificate-broken",
                "client_certificate",
                Map.of("api", vendor.url()),
                certificate.with("private_key", privateKey.replace("PRIVATE KEY-----\n", "PRIVATE KEY-----\ncanary!")));
        put(
                store,
                "pit",
                "pit",
                "password",
                Map.of("host", "127.0.0.1", "port", "1", "database", "shop"),
                Secret.of("username", "ann").with("password", "canary-sql-password"));
    }

    private static void put(
            CredentialStore store,
            String vendor,
            String name,
            String way,
            Map<String, String> variables,
            Secret secret) {
        store.put(
                new ConnectionRecord(Rig.TENANT, name, vendor, way, variables, Map.of(), Set.of(), Map.of()),
                secret,
                CredentialStore.ANY);
    }

    private void calls(Agent agent) throws Exception {
        List<String> ids = new ArrayList<>();
        for (String how : List.of("well", "echo", "failed", "invalid", "broken", "late")) {
            String more = how.equals("late") ? ", \"timeout_ms\": 500" : "";
            for (String way : WAYS) {
                ids.add(call(agent, "get", way, how, more));
            }
            ids.add(call(agent, "make", "bearer", how, more));
            ids.add(call(agent, "make", "api_key_body", how, more));
        }
        List<String> certificates = new ArrayList<>();
        for (String connection : List.of("certificate", "certificate-in-the-clear", "certificate-broken")) {
            certificates.add(call(agent, "get", connection, "well", ""));
            ids.add(call(agent, "get", connection, "dry", ", \"dry_run\": true"));
        }
        ids.add(call(agent, "make", "api_key_body", "dry", ", \"dry_run\": true"));
        ids.addAll(certificates);
        for (String way : WAYS) {
            ids.add(call(agent, "get", way, "dry", ", \"dry_run\": true"));
            ids.add(call(agent, "get", way, "echo", ", \"select\": \"message\""));
        }
        agent.call("sql", "pit_get_thing", "pit", "{}");
        agent.awaitReplies(ids, BOUND);
        for (String way : WAYS) {
            assertThat(agent.reply("get-" + way + "-well0").getError()).as(way).isNull();
            ToolReply echoed = agent.reply("get-" + way + "-echo0");
            assertThat(echoed.getStatus()).isEqualTo("ok");
            assertThat(String.valueOf(echoed.getContent())).contains("***");
        }
        assertThat(String.valueOf(agent.reply("make-api_key_body-echo0").getContent()))
                .contains("***");
        for (String id : List.of("get-certificate-well0", "get-certificate-broken-well0")) {
            assertThat(agent.reply(id).getStatus()).as(id).isEqualTo("error");
        }
        assertThat(agent.reply("sql", BOUND).getStatus()).isEqualTo("error");
        // Rejected tokens are replaced, then the endpoint fails in its ways, and in the end every credential is dead.
        for (String tokenAnswer : List.of("ok", "down", "broken", "dead")) {
            tokenHow.set(tokenAnswer);
            List<String> refused = new ArrayList<>();
            for (String way : WAYS) {
                refused.add(call(agent, "get", way, "refused", ", \"timeout_ms\": 3000", tokenAnswer));
            }
            refused.add(call(agent, "make", "api_key_body", "refused", ", \"timeout_ms\": 3000", tokenAnswer));
            agent.awaitReplies(refused, BOUND);
            refused.forEach(id -> assertThat(agent.reply(id).getStatus()).isEqualTo("error"));
        }
    }

    private static String call(Agent agent, String tool, String way, String how, String more) {
        return call(agent, tool, way, how, more, more.length() + "");
    }

    private static String call(Agent agent, String tool, String way, String how, String more, String id) {
        String name = tool + "-" + way + "-" + how + id;
        agent.call(name, "cage_" + tool + "_thing", way, "{\"how\":\"" + how + "\"}", more);
        return name;
    }

    private void texts(CredentialStore store) {
        for (String way : WAYS) {
            look("toString", String.valueOf(store.findNow(Rig.TENANT, way)));
        }
        look(
                "toString",
                new VendorRequest(
                                "GET",
                                URI.create("https://api.acme.example/x?key=canary-query-key"),
                                List.of(Map.entry("Authorization", "Bearer canary")),
                                CANARY.getBytes(UTF_8))
                        .toString());
    }

    private void pages(Worker worker) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String page : List.of("/health/ready", "/health/live", "/metrics", "/limits")) {
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                        + worker.healthAddress().getPort() + page))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                look(page, answer.body() + answer.headers());
            }
        }
    }

    private void topics(Rig rig, Agent agent) {
        for (String topic : List.of(
                rig.topics().connectionEvents(),
                rig.topics().deadLetters(),
                rig.topics().audit(),
                rig.topics().state("common"),
                rig.topics().resume("common"),
                rig.topics().batch("common"),
                agent.replyTopic())) {
            for (ConsumerRecord<byte[], byte[]> each : Agent.all(topic)) {
                look(topic, each.value() == null ? "" : new String(each.value(), ISO_8859_1));
                each.headers().forEach(header -> look(topic, header.key() + new String(header.value(), ISO_8859_1)));
            }
        }
    }
}
