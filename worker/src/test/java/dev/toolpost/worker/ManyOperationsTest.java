package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.call.PoolWorker;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Thousands of operations under way in a worker that may have a hundred calls in hand: they wait as data. */
@Timeout(150)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManyOperationsTest {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int OPERATIONS = 2_000;
    private static final int WAITING = 250;

    private static final String DEFINITION = """
            vendor: forge
            title: Forge
            pool: hubspot
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth: [{ kind: bearer }]
            limits: { seldom: { scope: group, kind: sliding, permits: 10, window: 10s, tools: [take] } }
            tools:
              take:
                description: Takes one thing.
                effect: read
                arguments: { type: object, properties: {} }
                request: { path: /things }
              export:
                description: Exports things as text.
                effect: read
                arguments: { type: object, required: [name], properties: { name: { type: string } } }
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation:
                  values: { job: /id }
                  poll:
                    request: { path: "/jobs/{job}" }
                    every: 1h
                    done: { body: { /state: done } }
                  deadline: 3h
            """;

    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
    private static final Pattern JOB = Pattern.compile("GET /jobs/([^ ]+) ");
    private static final Set<String> ASKED = ConcurrentHashMap.newKeySet();

    private static Rig rig;
    private static Agent agent;
    private static Worker worker;

    @BeforeAll
    static void start() throws IOException {
        ScriptedServer server = Kiosk.answering(ManyOperationsTest::answer);
        rig = Rig.start(2, SimulatedVendor.start())
                .with("worker.session_timeout", "2s")
                .with("worker.max_in_flight", "100");
        rig.owns(server);
        rig.withConnector("forge", DEFINITION);
        rig.fastConnection("crm");
        for (String connection : List.of("smith", "anvil")) {
            rig.connection(
                    new ConnectionRecord(
                            Rig.TENANT,
                            connection,
                            "forge",
                            "bearer",
                            Map.of("api", server.uri("").toString()),
                            Map.of(),
                            Set.of(),
                            Map.of()),
                    Secret.of("token", "canary-token"));
        }
        agent = rig.agent();
        worker = rig.worker();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** Everything is asked after once at once; what is quick is done then, the rest is to be asked again in an hour. */
    private static String answer(String request) {
        Matcher job = JOB.matcher(request);
        if (request.startsWith("POST /jobs ")) {
            Matcher name = NAME.matcher(request);
            String id = name.find() ? name.group(1) : "none";
            return Kiosk.http("202 Accepted", "Retry-After: 0\r\n", "{\"id\":\"" + id + "\"}");
        }
        if (request.startsWith("GET /things ")) {
            return Kiosk.ok("{}");
        }
        if (!job.find()) {
            return Kiosk.http("404 Not Found", "", "{}");
        }
        ASKED.add(job.group(1));
        return Kiosk.ok(job.group(1).startsWith("quick") ? "{\"state\":\"done\"}" : "{\"state\":\"running\"}");
    }

    private static PoolWorker.Status status() {
        return worker.status().stream()
                .filter(pool -> pool.pool().equals("hubspot"))
                .findFirst()
                .orElseThrow();
    }

    private static String operation(String id) {
        return agent.json(id, "forge_export", "smith", "{\"name\":\"" + id + "\"}");
    }

    @Test
    @Order(1)
    void operationsThatWaitHoldNothingThatOtherCallsNeed() throws Exception {
        String calls = rig.topics().calls("hubspot");
        for (int i = 0; i < OPERATIONS; i++) {
            agent.publishLater(calls, Rig.TENANT + "/smith", operation("slow-" + i));
        }
        agent.flush();
        Await.until("all operations were begun and asked after", BOUND, () -> ASKED.size() >= OPERATIONS);
        Await.until("all of them wait", BOUND, () -> status().parked() == OPERATIONS && status().inFlight() == 0);
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("parked-hubspot"))
                .count();
        assertThat(threads).as("of %d calls", OPERATIONS).isEqualTo(1);

        List<String> interactive = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            interactive.add("list-" + i);
            agent.publishLater(
                    calls,
                    Rig.TENANT + "/crm",
                    agent.json("list-" + i, "hubspot_list_contacts", "crm", "{\"limit\":1}"));
        }
        agent.publishLater(calls, Rig.TENANT + "/smith", operation("quick"));
        agent.flush();
        agent.awaitReplies(interactive, BOUND);
        assertThat(agent.reply("quick", BOUND).getError()).isNull();
        assertThat(status().parked()).isEqualTo(OPERATIONS);

        String call = operation("slow-17");
        agent.publish(calls, Rig.TENANT + "/smith", call.substring(0, call.length() - 1) + ",\"action\":\"cancel\"}");
        assertThat(agent.reply("slow-17", BOUND).getError().getCode()).isEqualTo("CANCELLED");
        assertThat(status().parked()).isEqualTo(OPERATIONS - 1);
    }

    @Test
    @Order(2)
    void callsThatWaitForPermitsHoldNothingThatOtherCallsNeed() throws Exception {
        String calls = rig.topics().calls("hubspot");
        for (int i = 0; i < WAITING; i++) {
            agent.publishLater(calls, Rig.TENANT + "/anvil", agent.json("take-" + i, "forge_take", "anvil", "{}"));
        }
        agent.flush();
        Await.until("what has no permits waits", BOUND, () -> status().waitingInteractive() > WAITING - 50);
        Await.until("as data", BOUND, () -> status().inFlight() == 0 && status().parked() > OPERATIONS + WAITING - 60);

        String single = agent.json("while-waiting", "hubspot_list_contacts", "crm", "{\"limit\":1}");
        agent.publish(calls, Rig.TENANT + "/crm", single);
        assertThat(agent.reply("while-waiting", BOUND).getError()).isNull();
        // Which of them come first is not said: what was above the connection's bound went through the resume topic.
        Await.until("two windows of them are answered", BOUND, () -> {
            agent.read(Duration.ofMillis(100));
            return answered().size() >= 20;
        });
        List<Long> waits = answered().stream()
                .map(id -> agent.reply(id).getStats().getWaitedMs())
                .toList();
        assertThat(waits).as("waited in ms").hasSizeLessThan(WAITING).anyMatch(wait -> wait > 9_000);
    }

    private static List<String> answered() {
        return IntStream.range(0, WAITING)
                .mapToObj(i -> "take-" + i)
                .filter(id -> !agent.frames(id).isEmpty())
                .toList();
    }
}
