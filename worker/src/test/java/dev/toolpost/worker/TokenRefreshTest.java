package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ConnectionEvent;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.OAuthStats;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerHealth;
import dev.toolpost.worker.rig.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls whose access token has ended, one worker or several, whatever happens meanwhile. */
@Timeout(180)
class TokenRefreshTest {

    private static final String POOL = "hubspot";
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String TOKEN_PATH = "/oauth/v3/token";

    /** Every use gives another refresh token, and a replaced one that comes again ends the grant. */
    private static final GrantSpec ROTATING =
            GrantSpec.usual().withRotation(true).withReuseLeeway(Duration.ZERO);

    @Test
    void aThousandCallsMeetAnExpiredTokenAndOneTokenRequestIsMade() {
        try (Rig rig = rig(3)) {
            OAuthGrant grant = expired(rig, "books");
            Worker worker = rig.worker();
            Agent agent = rig.agent();

            List<String> ids = calls(rig, agent, "books", "a", 1_000);
            allOk(agent, ids);

            assertThat(rig.vendor().oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            assertThat(worker.status().getFirst().tokens().refreshed()).isEqualTo(1);
            assertThat(events(rig)).containsExactly("books refreshed");
        }
    }

    @Test
    void aThousandCallsMeetATokenThatTheVendorEndedEarlyAndOneTokenRequestIsMade() {
        try (Rig rig = rig(3)) {
            OAuthGrant grant = valid(rig, "books");
            rig.vendor().expireTokens();
            rig.worker();
            Agent agent = rig.agent();

            List<String> ids = calls(rig, agent, "books", "a", 1_000);
            allOk(agent, ids);

            assertThat(rig.vendor().oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
        }
    }

    @Test
    void aThousandCallsAcrossTwoWorkerProcessesMeetAnExpiredTokenAndOneTokenRequestIsMade() throws Exception {
        try (Rig rig = rig(2)) {
            List<OAuthGrant> grants = IntStream.range(0, 20)
                    .mapToObj(i -> expired(rig, "books" + i))
                    .toList();
            WorkerHealth first = WorkerHealth.of(rig);
            WorkerProcess leaving = rig.workerProcess();
            WorkerHealth second = WorkerHealth.of(rig);
            rig.workerProcess();
            Await.until(
                    "each has a shard",
                    BOUND,
                    () -> first.owned(POOL).size() == 1 && second.owned(POOL).size() == 1);
            int moved = connectionAt(first.owned(POOL), 20);
            String connection = "books" + moved;
            Agent agent = rig.agent();
            rig.vendor()
                    .inject(Fault.latency(Duration.ofSeconds(5))
                            .on("POST", TOKEN_PATH)
                            .times(1));

            List<String> ids = new ArrayList<>(calls(rig, agent, connection, "a", 500));
            Await.until(
                    "the first worker asks",
                    BOUND,
                    () -> rig.vendor().oauth().all().asked() == 1);
            Thread leaver = Thread.ofPlatform().start(() -> terminate(leaving));
            Await.until(
                    "the second has the connection",
                    BOUND,
                    () -> second.owned(POOL).size() == 2);
            ids.addAll(calls(rig, agent, connection, "b", 500));
            Await.until(
                    "the second waits for the first one's refresh",
                    BOUND,
                    () -> second.pool(POOL).path("tokens").path("underWay").asInt() == 1);
            assertThat(rig.vendor().oauth().all().asked()).isEqualTo(1);

            allOk(agent, ids);
            leaver.join();
            assertThat(rig.vendor().oauth().of(grants.get(moved).id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            assertThat(second.pool(POOL).path("tokens").path("requests").asInt())
                    .isZero();
        }
    }

    @Test
    void aGrantThatNobodyUsesIsRefreshedByTheOwnerOfItsShardAloneBeforeItDies() throws Exception {
        try (Rig rig = rig(2).with("credentials.idle_check", "1s").with("credentials.refresh_idle_after", "1h")) {
            OAuthGrant idle = rig.vendor().grant(ROTATING);
            long longAgo = System.currentTimeMillis() - Duration.ofMinutes(50).toMillis();
            rig.grant(OAuthVendor.STRICT, "idle", idle, longAgo, System.currentTimeMillis() + 3_600_000);
            OAuthGrant used = valid(rig, "used");
            rig.worker();
            rig.worker();
            Await.until(
                    "it was refreshed",
                    BOUND,
                    () -> rig.vendor().oauth().of(idle.id()).granted() == 1);
            Await.until("told", BOUND, () -> events(rig).contains("idle refreshed"));
            assertThat(rig.credentials().findNow(Rig.TENANT, "idle").secret().get("refresh_token"))
                    .isEqualTo(rig.vendor().grant(idle.id()).refreshToken())
                    .isNotEqualTo(idle.refreshToken());
            assertThat(rig.vendor().oauth().of(idle.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            assertThat(rig.vendor().oauth().of(used.id())).isEqualTo(OAuthStats.Counts.NONE);
        }
    }

    @Test
    void callsOfManyConnectionsInTwoWorkerProcessesAreOneTokenRequestAConnection() throws Exception {
        try (Rig rig = rig(4)) {
            List<OAuthGrant> grants = IntStream.range(0, 20)
                    .mapToObj(i -> expired(rig, "books" + i))
                    .toList();
            WorkerHealth first = WorkerHealth.of(rig);
            rig.workerProcess();
            Agent agent = rig.agent();
            rig.vendor().inject(Fault.latency(Duration.ofMillis(700)).on("POST", TOKEN_PATH));
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.addAll(calls(rig, agent, "books" + i, "a" + i, 25));
            }
            WorkerHealth second = WorkerHealth.of(rig);
            rig.workerProcess();
            for (int i = 0; i < 20; i++) {
                ids.addAll(calls(rig, agent, "books" + i, "b" + i, 25));
            }
            allOk(agent, ids);
            Await.until(
                    "both had a part",
                    BOUND,
                    () -> first.owned(POOL).size() == 2 && second.owned(POOL).size() == 2);
            for (OAuthGrant grant : grants) {
                assertThat(rig.vendor().oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            }
        }
    }

    @Test
    void killedBetweenRotationAndSavingTheGrantIsFoundDeadWithoutALoopAndWithinALeewayRecovered() throws Exception {
        try (Rig rig = rig(1).with("credentials.refresh_timeout", "3s").with("worker.session_timeout", "2s")) {
            OAuthGrant strict = expired(rig, "strict");
            OAuthGrant lenient = rig.vendor().grant(ROTATING.withReuseLeeway(Duration.ofMinutes(10)));
            rig.grant(OAuthVendor.LENIENT, "lenient", lenient, past(), past());
            WorkerProcess killed = rig.workerProcess();
            Agent agent = rig.agent();
            rig.vendor()
                    .inject(Fault.latency(Duration.ofSeconds(20))
                            .on("POST", TOKEN_PATH)
                            .times(2));
            agent.call("s0", "ledger_list_contacts", "strict", "{}");
            agent.call("l0", "abacus_list_contacts", "lenient", "{}");
            Await.until(
                    "both were rotated", BOUND, () -> rig.vendor().oauth().all().granted() == 2);
            killed.kill();

            rig.worker();
            List<String> ids = new ArrayList<>(calls(rig, agent, "strict", "s", 50));
            agent.call("l1", "abacus_list_contacts", "lenient", "{}");
            assertThat(agent.reply("l0", BOUND).getStatus()).isEqualTo("ok");
            assertThat(agent.reply("l1", BOUND).getStatus()).isEqualTo("ok");
            ids.add("s0");
            agent.awaitReplies(ids, BOUND);
            ids.addAll(calls(rig, agent, "strict", "t", 50));
            agent.awaitReplies(ids, BOUND);
            for (String id : ids) {
                ToolReply reply = agent.reply(id);
                assertThat(reply.getError().getCode()).as(id).isEqualTo("REAUTHORIZATION_REQUIRED");
                assertThat(reply.getError().getRemedy()).contains("toolpost connections add strict --vendor ledger");
            }
            assertThat(rig.vendor().oauth().of(strict.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            assertThat(rig.vendor().oauth().of(lenient.id())).isEqualTo(new OAuthStats.Counts(2, 2, 0, 0, 1));
            Await.until(
                    "told once",
                    BOUND,
                    () -> events(rig).equals(List.of("lenient refreshed", "strict reauthorization_required")));

            OAuthGrant anew = rig.vendor().grant(ROTATING);
            rig.grant(OAuthVendor.STRICT, "strict", anew, 0, past());
            agent.call("u", "ledger_list_contacts", "strict", "{}");
            assertThat(agent.reply("u", BOUND).getStatus()).isEqualTo("ok");
        }
    }

    @Test
    void whileTheTokenEndpointIsDownAStillValidTokenGoesOnAndAnEndedOneMeansLater() throws Exception {
        try (Rig rig = rig(3)) {
            OAuthGrant grant = rig.vendor().grant(ROTATING);
            long now = System.currentTimeMillis();
            rig.grant(
                    OAuthVendor.STRICT,
                    "books",
                    grant,
                    now - Duration.ofHours(1).toMillis(),
                    now + 60_000);
            Worker worker = rig.worker();
            Agent agent = rig.agent();
            rig.vendor().inject(Fault.status(503).on("POST", TOKEN_PATH));

            allOk(agent, calls(rig, agent, "books", "a", 300));
            Await.until("it tried", BOUND, () -> rig.vendor().oauth().all().asked() > 0);
            allOk(agent, calls(rig, agent, "books", "b", 300));

            StoredConnection stored = rig.credentials().find(Rig.TENANT, "books");
            rig.grant(OAuthVendor.STRICT, "books", grant, stored.grant().obtainedAt(), past());
            List<String> ids = calls(rig, agent, "books", "c", 300);
            agent.awaitReplies(ids, BOUND);
            long retryAt = 0;
            for (String id : ids) {
                var error = agent.reply(id).getError();
                assertThat(error.getCode()).isEqualTo("CREDENTIALS_UNAVAILABLE");
                assertThat(error.getRetryable()).isTrue();
                retryAt = Math.max(retryAt, error.getRetryAt());
            }
            assertThat(rig.vendor().oauth().all().asked()).as("no herd").isLessThanOrEqualTo(12);
            assertThat(worker.status().getFirst().tokens().failures())
                    .isEqualTo(rig.vendor().oauth().all().asked());

            rig.vendor().clearFaults();
            long from = retryAt;
            Await.until("the time to try again", BOUND, () -> System.currentTimeMillis() > from);
            agent.call("d", "ledger_list_contacts", "books", "{}");
            assertThat(agent.reply("d", BOUND).getStatus()).isEqualTo("ok");
        }
    }

    @Test
    void aPausedOwnerAndItsNewOwnerRefreshAtOnceAndOneTokenRequestReachesTheVendor() throws Exception {
        try (Rig rig = rig(2).with("worker.session_timeout", "2s")) {
            List<OAuthGrant> grants = new ArrayList<>();
            IntStream.range(0, 20).forEach(i -> grants.add(valid(rig, "books" + i)));
            WorkerHealth health = WorkerHealth.of(rig);
            WorkerProcess paused = rig.workerProcess();
            Worker other = rig.with("worker.health_port", "0").worker();
            Agent agent = rig.agent();
            rig.vendor().inject(Fault.latency(Duration.ofMillis(300)).on("POST", TOKEN_PATH));
            for (int seed = 1; seed <= 2; seed++) {
                Await.until(
                        "each has a shard",
                        BOUND,
                        () -> health.owned(POOL).size() == 1
                                && other.status().getFirst().owned().size() == 1);
                Random random = new Random(seed);
                int number = connectionAt(health.owned(POOL), 20);
                String connection = "books" + number;
                OAuthGrant grant = rig.vendor().grant(ROTATING);
                rig.grant(OAuthVendor.STRICT, connection, grant, 0, past());

                List<String> ids = new ArrayList<>(calls(rig, agent, connection, "a" + seed, 20));
                if (seed == 1) {
                    Await.until(
                            "it asked",
                            BOUND,
                            () -> rig.vendor().oauth().of(grant.id()).asked() == 1);
                } else {
                    Thread.sleep(random.nextInt(60));
                }
                paused.freeze();
                Await.until(
                        "the other took over",
                        BOUND,
                        () -> other.status().getFirst().owned().size() == 2);
                ids.addAll(calls(rig, agent, connection, "b" + seed, 20));
                if (seed == 1) {
                    Await.until(
                            "the other waits for its refresh",
                            BOUND,
                            () -> other.status().getFirst().tokens().underWay() == 1);
                }
                Thread.sleep(300 + random.nextInt(1_000));
                paused.thaw();
                allOk(agent, ids);
                Await.until(
                        "its past is over",
                        BOUND,
                        () -> health.pool(POOL).path("tokens").path("underWay").asInt() == 0);
                assertThat(rig.vendor().oauth().of(grant.id()))
                        .as("seed %d", seed)
                        .isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
            }
        }
    }

    private static Rig rig(int partitions) {
        return Rig.start(partitions, SimulatedVendor.builder().unlimited().start())
                .withOAuthVendors()
                .with("pools", POOL);
    }

    private static long past() {
        return System.currentTimeMillis() - 1_000;
    }

    private static OAuthGrant expired(Rig rig, String connection) {
        OAuthGrant grant = rig.vendor().grant(ROTATING);
        rig.grant(OAuthVendor.STRICT, connection, grant, past(), past());
        return grant;
    }

    private static OAuthGrant valid(Rig rig, String connection) {
        OAuthGrant grant = rig.vendor().grant(ROTATING);
        rig.grant(OAuthVendor.STRICT, connection, grant, System.currentTimeMillis(), grant.expiresAtMillis());
        return grant;
    }

    private static int connectionAt(List<Integer> shards, int connections) {
        return IntStream.range(0, connections)
                .filter(i -> shards.contains(Shards.of(Rig.TENANT, "books" + i, 2)))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> calls(Rig rig, Agent agent, String connection, String prefix, int many) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            String id = prefix + "-" + i;
            ids.add(id);
            agent.publishLater(
                    rig.topics().calls(POOL),
                    Rig.TENANT + "/" + connection,
                    agent.json(id, "ledger_list_contacts", connection, "{\"limit\":1}"));
        }
        agent.flush();
        return ids;
    }

    private static void allOk(Agent agent, List<String> ids) {
        agent.awaitReplies(ids, BOUND);
        for (String id : ids) {
            assertThat(agent.reply(id).getError()).as(id).isNull();
        }
    }

    private static List<String> events(Rig rig) {
        MessageCodec<ConnectionEvent> codec =
                MessageCodec.of(ConnectionEvent.class, new HttpSchemaRegistry(RegistrySettings.at(Rig.registryUrl())));
        List<String> events = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> message : Agent.all(rig.topics().connectionEvents())) {
            ConnectionEvent event =
                    codec.decode(message.topic(), message.value()).value();
            events.add(event.getConnection() + " " + event.getKind());
        }
        return events.stream().sorted().toList();
    }

    private static void terminate(WorkerProcess process) {
        try {
            process.terminate();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
