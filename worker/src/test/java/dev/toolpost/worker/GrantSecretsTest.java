package dev.toolpost.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What a grant holds is nowhere but in the store and in the requests to its vendor. */
@Timeout(120)
class GrantSecretsTest {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String TOKEN_PATH = "/oauth/v3/token";
    private static final List<String> TRACED = List.of("dev.toolpost.worker", "org.apache.hc");

    private final Set<String> secrets = new LinkedHashSet<>();

    @Test
    void noSecretOfAGrantIsInLogsMessagesAndTexts() throws Exception {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        for (String name : TRACED) {
            Logger log = (Logger) LoggerFactory.getLogger(name);
            log.addAppender(lines);
            log.setAdditive(false);
            log.setLevel(Level.TRACE);
        }
        try (Rig rig = Rig.start(1, SimulatedVendor.builder().unlimited().start())
                .withOAuthVendors()
                .with("pools", "hubspot")) {
            OAuthGrant grant =
                    rig.vendor().grant(GrantSpec.usual().withRotation(true).withReuseLeeway(Duration.ZERO));
            long past = System.currentTimeMillis() - 1_000;
            rig.grant(OAuthVendor.STRICT, "books", grant, past, past);
            remember(rig);
            Worker worker = rig.worker();
            Agent agent = rig.agent();

            assertThat(answer(rig, agent, "refreshed")).isEqualTo("ok");
            remember(rig);
            agent.publish(
                    rig.topics().calls("hubspot"),
                    "acme/books",
                    agent.json("dry", "ledger_list_contacts", "books", "{}").replaceFirst("\\{", "{\"dry_run\":true,"));
            assertThat(agent.reply("dry", BOUND).getStatus()).isEqualTo("ok");
            rig.vendor().expireTokens();
            String echo = String.join(" ", secrets);
            rig.vendor()
                    .inject(Fault.status(401)
                            .on("POST", TOKEN_PATH)
                            .times(1)
                            .body("{\"error\":\"" + grant.clientSecret() + "\",\"error_description\":\"bad " + echo
                                    + "\"}"));
            assertThat(answer(rig, agent, "failed")).isEqualTo("CREDENTIALS_UNAVAILABLE");
            Await.until(
                    "the pause is over",
                    BOUND,
                    () -> answer(rig, agent, "again" + System.nanoTime()).equals("ok"));
            rig.vendor().expireTokens();
            rig.vendor()
                    .inject(Fault.status(400)
                            .on("POST", TOKEN_PATH)
                            .body("{\"status\":\"BAD_REFRESH_TOKEN\",\"message\":\"unknown " + echo + " "
                                    + rig.vendor().grant(grant.id()).refreshToken() + "\"}"));
            remember(rig);
            assertThat(answer(rig, agent, "dead")).isEqualTo("REAUTHORIZATION_REQUIRED");
            Await.until(
                    "told",
                    BOUND,
                    () -> !Agent.all(rig.topics().connectionEvents()).isEmpty());

            remember(rig);
            OAuthGrant last = rig.vendor().grant(grant.id());
            secrets.addAll(List.of(last.accessToken(), last.refreshToken()));
            assertThat(secrets).hasSizeGreaterThan(6);
            StoredConnection stored = rig.credentials().find(Rig.TENANT, "books");
            List<String> texts =
                    new ArrayList<>(List.of(stored.toString(), worker.status().toString()));
            for (String topic : List.of(
                    rig.topics().connectionEvents(),
                    rig.topics().deadLetters(),
                    rig.topics().state("hubspot"),
                    rig.topics().resume("hubspot"),
                    agent.replyTopic())) {
                for (ConsumerRecord<byte[], byte[]> message : Agent.all(topic)) {
                    texts.add(message.value() == null ? "" : new String(message.value(), ISO_8859_1));
                    texts.add(message.headers().toString());
                }
            }
            assertNone(texts);
        } finally {
            for (String name : TRACED) {
                Logger log = (Logger) LoggerFactory.getLogger(name);
                log.detachAppender(lines);
                log.setAdditive(true);
                log.setLevel(null);
            }
        }
        List<String> logged = new ArrayList<>();
        for (ILoggingEvent line : List.copyOf(lines.list)) {
            logged.add(line.getFormattedMessage());
            if (line.getThrowableProxy() != null) {
                logged.add(ThrowableProxyUtil.asString(line.getThrowableProxy()));
            }
        }
        assertThat(logged).hasSizeGreaterThan(5);
        assertNone(logged);
    }

    private static String answer(Rig rig, Agent agent, String id) {
        agent.publish(
                rig.topics().calls("hubspot"), "acme/books", agent.json(id, "ledger_list_contacts", "books", "{}"));
        var reply = agent.reply(id, BOUND);
        return reply.getError() == null ? reply.getStatus() : reply.getError().getCode();
    }

    private void remember(Rig rig) {
        StoredConnection stored = rig.credentials().findNow(Rig.TENANT, "books");
        for (String name : List.of("client_id", "client_secret", "refresh_token", "access_token")) {
            secrets.add(stored.secret().get(name));
        }
    }

    private void assertNone(List<String> texts) {
        for (String secret : secrets) {
            assertThat(texts).noneMatch(text -> text.contains(secret));
        }
    }
}
