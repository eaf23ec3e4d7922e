package dev.toolpost.worker;

import static dev.toolpost.worker.http.RoutedServer.Answer.json;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.RoutedServer.Answer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Calls whose credentials are odd, through a whole worker: what they hold is nowhere but in the store and at its vendor. */
@Timeout(120)
class OddCredentialsTest {

    private static final Duration BOUND = Duration.ofSeconds(30);

    /** The HTTP client's own DEBUG lines name addresses, of which the worker warns at its start. */
    private static final List<String> TRACED = List.of("dev.toolpost.worker");

    private static final String KEY = "4711:canary-key-in-the-path";
    private static final String PASSWORD = "canary-password-7";
    private static final String SESSION = "canary-session-";

    private static final String TOOLS = """
            limits: { second: { scope: connection, kind: sliding, permits: 100000, window: 1s } }
            errors:
              message: /message
              rules:
                - when: { status: 403, body: { /code: session_ended } }
                  means: EXPIRED_CREDENTIAL
            tools:
              get_thing:
                description: Returns the thing.
                effect: read
                request: { path: /thing }
            """;

    private static final String BOT = """
            vendor: bot
            title: Bot
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - { kind: api_key_path, segment: "/bot{key}" }
            """ + TOOLS;

    private static final String DESK = """
            vendor: desk
            title: Desk
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - kind: session
                fields: [username, password]
                steps:
                  - request: { url: "{api}/login", json: { user: "{username}", password: "{password}" } }
                    take: { ticket: /ticket }
                  - request: { url: "{api}/exchange", form: { ticket: "{ticket}" } }
                    take: { session: /session }
                token: "{session}"
                send: { header: X-Session }
            """ + TOOLS;

    @Test
    void keysInPathsAndChainedLoginsWorkThroughAWorkerAndAreToldNowhere() throws Exception {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        for (String name : TRACED) {
            Logger log = (Logger) LoggerFactory.getLogger(name);
            log.addAppender(lines);
            log.setAdditive(false);
            log.setLevel(Level.TRACE);
        }
        List<String> texts = new ArrayList<>();
        try (Rig rig = Rig.start().withConnector("bot", BOT).withConnector("desk", DESK)) {
            RoutedServer vendor = rig.owns(RoutedServer.start());
            AtomicInteger sessions = new AtomicInteger();
            vendor.on("GET /bot" + KEY + "/thing", request -> json("{\"id\":1}"));
            vendor.on(
                    "POST /login",
                    request -> request.body().contains(PASSWORD)
                            ? json("{\"ticket\":\"canary-ticket-20261102\"}")
                            : Answer.of(401, "{\"message\":\"wrong\"}"));
            vendor.on(
                    "POST /exchange",
                    request -> json("{\"session\":\"" + SESSION + sessions.incrementAndGet() + "\"}"));
            vendor.on(
                    "GET /thing",
                    request -> request.header("X-Session").equals(SESSION + 2)
                            ? json("{\"id\":2}")
                            : Answer.of(403, "{\"code\":\"session_ended\",\"message\":\"over\"}"));
            add(rig, vendor, "bot", "api_key_path", Map.of("key", KEY));
            add(rig, vendor, "desk", "session", Map.of("username", "ann", "password", PASSWORD));
            Worker worker = rig.worker();
            Agent agent = rig.agent();

            assertThat(reply(rig, agent, "path", "bot", "").getStatus()).isEqualTo("ok");
            ToolReply shown = reply(rig, agent, "dry", "bot", "\"dry_run\":true,");
            assertThat(shown.getContent().toString()).contains("/***/thing");
            assertThat(reply(rig, agent, "session", "desk", "").getStatus())
                    .as("a session that ended as a 403 is made anew")
                    .isEqualTo("ok");
            assertThat(sessions).hasValue(2);
            assertThat(reply(rig, agent, "again", "desk", "").getStatus()).isEqualTo("ok");
            assertThat(sessions).hasValue(2);
            assertThat(reply(rig, agent, "dry2", "desk", "\"dry_run\":true,")
                            .getContent()
                            .toString())
                    .contains("***");

            vendor.on(
                    "POST /login",
                    request -> Answer.of(
                            401, "{\"message\":\"" + PASSWORD + " of canary-ticket-20261102 is no longer good\"}"));
            vendor.on("GET /thing", request -> Answer.of(401, "{\"message\":\"over\"}"));
            assertThat(reply(rig, agent, "dead", "desk", "").getError().getCode())
                    .isEqualTo("REAUTHORIZATION_REQUIRED");
            Await.until(
                    "told",
                    BOUND,
                    () -> !Agent.all(rig.topics().connectionEvents()).isEmpty());

            texts.add(worker.status().toString());
            for (String topic : List.of(
                    rig.topics().connectionEvents(),
                    rig.topics().deadLetters(),
                    rig.topics().state("common"),
                    rig.topics().resume("common"),
                    agent.replyTopic())) {
                for (ConsumerRecord<byte[], byte[]> message : Agent.all(topic)) {
                    texts.add(message.value() == null ? "" : new String(message.value(), ISO_8859_1));
                    texts.add(message.headers().toString());
                }
            }
        } finally {
            for (String name : TRACED) {
                Logger log = (Logger) LoggerFactory.getLogger(name);
                log.detachAppender(lines);
                log.setAdditive(true);
                log.setLevel(null);
            }
        }
        for (ILoggingEvent line : List.copyOf(lines.list)) {
            texts.add(line.getFormattedMessage());
            if (line.getThrowableProxy() != null) {
                texts.add(ThrowableProxyUtil.asString(line.getThrowableProxy()));
            }
        }
        assertThat(texts).hasSizeGreaterThan(10).noneMatch(text -> text.contains("canary"));
    }

    private static void add(Rig rig, RoutedServer vendor, String name, String auth, Map<String, String> secret) {
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT, name, name, auth, Map.of("api", vendor.url()), Map.of(), Set.of(), Map.of()),
                Secret.of(secret));
    }

    private static ToolReply reply(Rig rig, Agent agent, String id, String vendor, String more) {
        agent.publish(
                rig.topics().calls("common"),
                "acme/" + vendor,
                agent.json(id, vendor + "_get_thing", vendor, "{}").replaceFirst("\\{", "{" + more));
        return agent.reply(id, BOUND);
    }
}
