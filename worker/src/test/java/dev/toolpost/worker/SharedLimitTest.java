package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.RedisServer;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two workers whose connections share one allowance, kept in a real Redis. */
@Timeout(120)
class SharedLimitTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int PERMITS = 20;
    private static final Duration WINDOW = Duration.ofSeconds(1);

    private static final String DEFINITION = """
            vendor: well
            title: Well
            pool: hubspot
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth: [{ kind: bearer }]
            limits:
              all:
                scope: vendor
                kind: sliding
                permits: 20
                window: 1s
                corrections: { limit: { header: X-Limit } }
            tools:
              draw:
                description: Draws one bucket.
                effect: read
                arguments: { type: object, properties: {} }
                request: { path: /buckets }
            """;

    @Test
    void workersThatShareALimitThroughRedisNeverExceedItGoOnByPartsWhenItIsGoneAndTellEachOtherWhenItIsLowered()
            throws Exception {
        Queue<Long> arrivals = new ConcurrentLinkedQueue<>();
        AtomicInteger allowed = new AtomicInteger(PERMITS);
        try (RedisServer redis = RedisServer.start();
                Rig rig = Rig.start(8, SimulatedVendor.start())
                        .with("worker.session_timeout", "2s")
                        .with("limits.redis.url", redis.uri().toString())
                        .with("limits.redis.jitter", "500ms")) {
            ScriptedServer server = Kiosk.answering(request -> {
                arrivals.add(System.nanoTime());
                return Kiosk.http("200 OK", "X-Limit: " + allowed + "\r\n", "{}");
            });
            rig.owns(server);
            rig.withConnector("well", DEFINITION);
            List<String> connections = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                connections.add("c" + i);
                rig.connection(
                        new ConnectionRecord(
                                Rig.TENANT,
                                "c" + i,
                                "well",
                                "bearer",
                                Map.of("api", server.uri("").toString()),
                                Map.of(),
                                Set.of(),
                                Map.of()),
                        Secret.of("token", "canary-token"));
            }
            List<Worker> workers = List.of(rig.worker(), rig.worker());
            Agent agent = rig.agent();
            agent.awaitReplies(draw(agent, rig, connections, "with", 48), BOUND);
            assertThat(most(arrivals)).isBetween(2, PERMITS);

            redis.kill();
            agent.awaitReplies(draw(agent, rig, connections, "without", 32), BOUND);
            assertThat(most(arrivals)).isLessThanOrEqualTo(PERMITS);

            allowed.set(8);
            agent.awaitReplies(draw(agent, rig, connections.subList(0, 1), "lowered", 1), BOUND);
            for (Worker worker : workers) {
                Await.until("every worker knows of the lower limit", BOUND, () -> withheld(worker) == PERMITS - 8);
            }
        }
    }

    private static int withheld(Worker worker) {
        return worker.limits().stream()
                .flatMap(each -> each.view().bandwidths().stream())
                .mapToInt(BandwidthView::withheld)
                .max()
                .orElse(0);
    }

    private static List<String> draw(Agent agent, Rig rig, List<String> connections, String name, int calls) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            String id = name + "-" + i;
            String connection = connections.get(i % connections.size());
            agent.publishLater(
                    rig.topics().calls("hubspot"),
                    Rig.TENANT + "/" + connection,
                    agent.json(id, "well_draw", connection, "{}"));
            ids.add(id);
        }
        agent.flush();
        return ids;
    }

    /** The most that arrived within any stretch of one window. */
    private static int most(Queue<Long> arrivals) {
        List<Long> times = arrivals.stream().sorted().toList();
        int most = 0;
        int first = 0;
        for (int last = 0; last < times.size(); last++) {
            while (times.get(last) - times.get(first) > WINDOW.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
