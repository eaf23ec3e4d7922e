package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialStore;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import dev.toolpost.worker.rig.WorkerProcess;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Work that a vendor only takes on: begun once, asked after, fetched, in one call. */
@Timeout(150)
class LongWorkTest {

    private static final Duration BOUND = Duration.ofSeconds(40);

    private static final String DEFINITION = """
            vendor: forge
            title: Forge
            pool: hubspot
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth: [{ kind: bearer }]
            retry: { max_attempts: 2, min_delay: 10ms, max_delay: 20ms }
            limits:
              second:
                permits: 100000
                window: 1s
                kind: sliding
                scope: connection
                corrections: { remaining: { header: X-Left }, reset: { header: X-Reset, form: seconds } }
            errors:
              message: /message
            tools:
              export:
                description: Exports things as text.
                effect: read
                arguments: &one { type: object, required: [name], properties: { name: { type: string } } }
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation: &export
                  values: { job: /id }
                  poll:
                    request: { path: "/jobs/{job}" }
                    every: 150ms
                    done: { body: { /state: done } }
                    failed: { when: { body: { /state: failed } }, means: CONFLICT, message: /why, remedy: Mend it. }
                    values: { file: /file }
                  download: { request: { link: file }, response: text }
                  deadline: 2h
              order:
                description: Orders a thing, once.
                effect: write
                arguments: *one
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation:
                  values: { place: { header: Location } }
                  poll:
                    request: { link: place }
                    every: 150ms
                    done: { status: 200, body: { /state: done } }
              fetch_elsewhere:
                description: Exports to another server.
                effect: read
                arguments: *one
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation:
                  values: { job: /id }
                  poll:
                    request: { path: "/jobs/{job}" }
                    every: 100ms
                    done: { body: { /state: done } }
                    values: { file: /elsewhere }
                  download: { request: { link: file, hosts: [127.0.0.1, 169.254.169.254] }, response: text }
              fetch_anywhere:
                description: Exports to wherever the vendor says.
                effect: read
                arguments: *one
                request: { method: POST, path: /jobs, body: { name: "{name}" } }
                operation:
                  values: { job: /id }
                  poll:
                    request: { path: "/jobs/{job}" }
                    every: 100ms
                    done: { body: { /state: done } }
                    values: { file: /elsewhere }
                  download: { request: { link: file }, response: text }
            """;

    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
    private static final Pattern JOB = Pattern.compile("GET /jobs/([^ ]+) ");

    private static final Map<String, AtomicInteger> BEGUN = new ConcurrentHashMap<>();
    private static final Map<String, AtomicInteger> ASKED = new ConcurrentHashMap<>();
    private static final Set<String> RELEASED = ConcurrentHashMap.newKeySet();
    private static final Set<String> SHAKEN = ConcurrentHashMap.newKeySet();

    private static final AtomicInteger refusedLookUps = new AtomicInteger();

    private static Rig rig;
    private static Agent agent;
    private static ScriptedServer server;
    private static ScriptedServer files;

    @BeforeAll
    static void start() throws IOException {
        files = Kiosk.answering(LongWorkTest::file);
        server = Kiosk.answering(LongWorkTest::answer);
        rig = Rig.start(2, SimulatedVendor.start()).with("worker.session_timeout", "2s");
        rig.owns(server);
        rig.owns(files);
        rig.withConnector("forge", DEFINITION);
        for (String connection : List.of("smith", "locked", "brittle")) {
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
        rig.worker(shaky(rig.credentials()));
    }

    /** A store that fails for single connections when the test says so. */
    private static CredentialStore shaky(CredentialStore store) {
        return (CredentialStore) Proxy.newProxyInstance(
                CredentialStore.class.getClassLoader(),
                new Class<?>[] {CredentialStore.class},
                (proxy, method, given) -> {
                    if (method.getName().startsWith("find") && SHAKEN.contains(String.valueOf(given[1]))) {
                        refusedLookUps.incrementAndGet();
                        throw given[1].equals("locked")
                                ? new CredentialsUnavailableException("the store is locked")
                                : new IllegalStateException("a bug");
                    }
                    try {
                        return method.invoke(store, given);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static String answer(String request) {
        Matcher job = JOB.matcher(request);
        if (request.startsWith("POST /jobs ")) {
            Matcher name = NAME.matcher(request);
            String id = name.find() ? name.group(1) : "none";
            count(BEGUN, id);
            return id.startsWith("nameless")
                    ? Kiosk.http("202 Accepted", "", "{}")
                    : Kiosk.http(
                            "202 Accepted",
                            "Location: " + server.uri("/jobs/" + id) + "\r\n",
                            "{\"id\":\"" + id + "\"}");
        }
        if (request.startsWith("GET /files/")) {
            return Kiosk.http("200 OK", "", "a,b\n1,2\n");
        }
        return job.find() ? state(job.group(1)) : Kiosk.http("404 Not Found", "", "{}");
    }

    /** A server of files, which is not the vendor's and has habits of its own. */
    private static String file(String request) {
        if (request.startsWith("GET /busy")) {
            return Kiosk.http("429 Too Many Requests", "Retry-After: 600\r\nX-Left: 0\r\nX-Reset: 600\r\n", "{}");
        }
        if (request.startsWith("GET /stale") && request.contains("?n=3 ")) {
            return Kiosk.http("401 Unauthorized", "", "<Error>expired</Error>");
        }
        return request.startsWith("GET /gone")
                ? Kiosk.http("403 Forbidden", "", "<Error>AccessDenied</Error>")
                : Kiosk.http("200 OK", "", "a file from elsewhere");
    }

    private static String elsewhere(String id, int asked) {
        return id.startsWith("inside")
                ? "https://169.254.169.254/latest/meta-data"
                : files.uri("/" + id + "?n=" + asked).toString();
    }

    private static String state(String id) {
        int asked = count(ASKED, id);
        if (id.startsWith("failing")) {
            return Kiosk.ok("{\"state\":\"failed\",\"why\":\"the anvil broke\"}");
        }
        if (id.startsWith("shaky") && asked < 6) {
            return Kiosk.http("503 Service Unavailable", "", "{}");
        }
        if (id.startsWith("patient") && asked == 1) {
            return Kiosk.http("200 OK", "Retry-After: 1\r\n", "{\"state\":\"running\"}");
        }
        boolean done = id.startsWith("held") ? RELEASED.contains(id) : !id.startsWith("endless") && asked >= 3;
        return done
                ? Kiosk.ok("{\"state\":\"done\",\"file\":\"/files/" + id + "?x=1\",\"elsewhere\":\""
                        + elsewhere(id, asked) + "\"}")
                : Kiosk.ok("{\"state\":\"running\"}");
    }

    private static int count(Map<String, AtomicInteger> counts, String id) {
        return counts.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
    }

    private static int of(Map<String, AtomicInteger> counts, String id) {
        AtomicInteger count = counts.get(id);
        return count == null ? 0 : count.get();
    }

    private static void begin(String id, String tool, String more) {
        agent.call(id, "forge_" + tool, "smith", "{\"name\":\"" + id + "\"}", more);
    }

    private static void awaitAsked(String id, int times) throws Exception {
        Await.until(id + " was asked after", BOUND, () -> of(ASKED, id) >= times);
    }

    private static void cancel(String id, String tool) {
        String call = agent.json(id, "forge_" + tool, "smith", "{\"name\":\"" + id + "\"}");
        agent.publish(
                rig.topics().calls("hubspot"),
                Rig.TENANT + "/smith",
                call.substring(0, call.length() - 1) + ",\"action\":\"cancel\"}");
    }

    @Test
    void anExportIsBegunAskedAfterAndFetchedInOneCall() {
        begin("simple", "export", "");

        ToolReply reply = agent.reply("simple", BOUND);
        assertThat(reply.getError()).isNull();
        assertThat(reply.getContent()).isEqualTo("\"a,b\\n1,2\\n\"");
        assertThat(reply.getStats().getAttempts()).isEqualTo(5);
        assertThat(of(BEGUN, "simple")).isEqualTo(1);
        assertThat(server.requests())
                .anySatisfy(request ->
                        assertThat(request).startsWith("GET /files/simple?x=1 ").contains("canary-token"));
    }

    @Test
    void theVendorsWishToWaitIsKept() {
        begin("patient", "export", "");

        assertThat(agent.reply("patient", BOUND).getStats().getTotalMs()).isGreaterThan(1_000);
    }

    @Test
    void aResultAtAServerThatTheConnectorNamesIsFetchedWithoutTheCredential() {
        begin("elsewhere", "fetch_elsewhere", "");

        assertThat(agent.reply("elsewhere", BOUND).getContent()).isEqualTo("\"a file from elsewhere\"");
        assertThat(files.requests())
                .isNotEmpty()
                .allSatisfy(request ->
                        assertThat(request).doesNotContain("canary-token").doesNotContain("Authorization"));
    }

    @Test
    void aServerThatALinkLeadsToPausesNothingOfTheVendor() throws Exception {
        begin("busy", "fetch_elsewhere", "");
        Await.until(
                "the file was asked for",
                BOUND,
                () -> files.requests().stream().anyMatch(request -> request.startsWith("GET /busy")));
        begin("beside-busy", "export", "");

        assertThat(agent.reply("beside-busy", BOUND).getError()).isNull();
        cancel("busy", "fetch_elsewhere");
        assertThat(agent.reply("busy", BOUND).getError().getCode()).isEqualTo("CANCELLED");
    }

    @Test
    void aLinkThatHasEndedIsAskedForOnceMore() {
        begin("stale", "fetch_elsewhere", "");

        ToolReply reply = agent.reply("stale", BOUND);
        assertThat(reply.getError()).isNull();
        assertThat(reply.getContent()).isEqualTo("\"a file from elsewhere\"");
        assertThat(of(BEGUN, "stale")).isEqualTo(1);
        assertThat(of(ASKED, "stale")).isEqualTo(4);
    }

    @Test
    void aLinkThatIsNeverGoodEndsTheCallWithAClearError() {
        begin("gone", "fetch_elsewhere", "");

        ToolReply reply = agent.reply("gone", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("REJECTED");
        assertThat(reply.getError().getMessage()).contains("127.0.0.1", "Forge's link", "403", "no longer");
        assertThat(reply.getError().getRetryable()).isFalse();
        assertThat(of(ASKED, "gone")).isEqualTo(4);
    }

    @Test
    void aLinkToAnAddressThatIsNotPublicIsRefusedThoughTheConnectorNamesIt() {
        begin("inside", "fetch_elsewhere", "");

        ToolReply reply = agent.reply("inside", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("NOT_ALLOWED");
        assertThat(reply.getError().getMessage()).contains("169.254.169.254", "is refused");
    }

    @Test
    void aResultAtAServerThatTheConnectorDoesNotNameIsNotFetched() {
        begin("anywhere", "fetch_anywhere", "");

        assertThat(agent.reply("anywhere", BOUND).getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
        assertThat(files.requests().stream().filter(request -> request.contains("anywhere")))
                .isEmpty();
    }

    @Test
    void workThatFailsSaysWhy() {
        begin("failing", "export", "");

        ToolReply reply = agent.reply("failing", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("CONFLICT");
        assertThat(reply.getError().getMessage()).isEqualTo("the anvil broke");
        assertThat(reply.getError().getRemedy()).isEqualTo("Mend it.");
    }

    @Test
    void anAnswerThatNamesNoWorkIsMalformed() {
        begin("nameless", "export", "");

        assertThat(agent.reply("nameless", BOUND).getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
    }

    @Test
    void aVendorThatFailsForAWhileIsAskedAgain() {
        begin("shaky", "export", "");

        assertThat(agent.reply("shaky", BOUND).getError()).isNull();
        assertThat(of(BEGUN, "shaky")).isEqualTo(1);
    }

    @Test
    void theDeadlineEndsTheCallAndNotTheWork() {
        begin("endless-1", "export", ",\"timeout_ms\":1500");

        ToolReply reply = agent.reply("endless-1", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(reply.getError().getMessage()).contains("work");
        assertThat(reply.getStats().getTotalMs()).isLessThan(5_000);
        assertThat(of(BEGUN, "endless-1")).isEqualTo(1);
    }

    @Test
    void aCancelEndsTheCallWhileItAsks() throws Exception {
        begin("endless-2", "export", "");
        awaitAsked("endless-2", 2);
        cancel("endless-2", "export");

        ToolReply reply = agent.reply("endless-2", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("CANCELLED");
        assertThat(reply.getError().getMessage()).contains("taken the work on");
    }

    @Test
    void aWriteIsBegunOnceAndItsRepetitionGetsTheSameReply() throws Exception {
        begin("held-order", "order", "");
        awaitAsked("held-order", 1);
        begin("held-order", "order", "");
        agent.call("held-order", "forge_order", "smith", "{\"name\":\"another\"}");
        RELEASED.add("held-order");

        agent.reply("held-order", BOUND);
        Await.until("all three are answered", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("held-order").size() >= 3;
        });
        assertThat(of(BEGUN, "held-order")).isEqualTo(1);
        assertThat(agent.frames("held-order"))
                .extracting(frame -> frame.reply().getError() == null
                        ? "ok"
                        : frame.reply().getError().getCode())
                .containsExactlyInAnyOrder("ok", "ok", "CALL_CONFLICT");
    }

    @Test
    void aRepetitionOfWorkThatWasTakenOnIsNeverAnsweredAsIfNothingHadBegun() throws Exception {
        begin("held-late", "order", "");
        awaitAsked("held-late", 1);
        begin("held-late", "order", ",\"timeout_ms\":300");

        ToolReply late = agent.reply("held-late", BOUND);
        assertThat(late.getError().getCode()).isEqualTo("OUTCOME_UNKNOWN");
        assertThat(late.getError().getMessage()).contains("an earlier call with this id");
        assertThat(late.getError().getRetryable()).isFalse();
        RELEASED.add("held-late");
        Await.until("the first is answered", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("held-late").size() >= 2;
        });
        assertThat(agent.frames("held-late").getLast().reply().getError()).isNull();

        begin("held-late", "order", ",\"timeout_ms\":1");
        Await.until("what was done is answered so, however late it is asked for", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("held-late").size() >= 3;
        });
        assertThat(agent.frames("held-late").getLast().reply().getError()).isNull();
        assertThat(of(BEGUN, "held-late")).isEqualTo(1);
    }

    @Test
    void aStoreThatCannotBeReadForAWhileEndsNoWorkThatWasTakenOn() throws Exception {
        agent.call("held-locked", "forge_order", "locked", "{\"name\":\"held-locked\"}");
        awaitAsked("held-locked", 1);
        long refused = refusedLookUps.get();
        SHAKEN.add("locked");
        Await.until("it was looked for and not found", BOUND, () -> refusedLookUps.get() >= refused + 3);
        RELEASED.add("held-locked");
        SHAKEN.remove("locked");

        assertThat(agent.reply("held-locked", BOUND).getError()).isNull();
        assertThat(of(BEGUN, "held-locked")).isEqualTo(1);
    }

    @Test
    void anErrorInsideToolpostAfterWorkWasTakenOnIsFinal() throws Exception {
        agent.call("held-brittle", "forge_export", "brittle", "{\"name\":\"held-brittle\"}");
        awaitAsked("held-brittle", 1);
        SHAKEN.add("brittle");

        ToolReply reply = agent.reply("held-brittle", BOUND);
        assertThat(reply.getError().getCode()).isEqualTo("INTERNAL");
        assertThat(reply.getError().getRetryable()).isFalse();
    }

    @Test
    void aCancelledWriteIsNotBegunAgain() throws Exception {
        begin("endless-order", "order", "");
        awaitAsked("endless-order", 2);
        cancel("endless-order", "order");
        assertThat(agent.reply("endless-order", BOUND).getError().getCode()).isEqualTo("CANCELLED");
        begin("endless-order", "order", "");

        Await.until("the repetition is answered", BOUND, () -> {
            agent.read(Duration.ofMillis(50));
            return agent.frames("endless-order").size() >= 2;
        });
        assertThat(agent.frames("endless-order").getLast().reply().getError().getCode())
                .isEqualTo("CANCELLED");
        assertThat(of(BEGUN, "endless-order")).isEqualTo(1);
    }

    @Test
    void aWorkerThatIsKilledWhileItAsksIsTakenOverAndNothingIsBegunTwice() throws Exception {
        try (Rig killed = Rig.start(1, SimulatedVendor.start()).with("worker.session_timeout", "2s")) {
            killed.withConnector("forge", DEFINITION);
            killed.connection(
                    new ConnectionRecord(
                            Rig.TENANT,
                            "smith",
                            "forge",
                            "bearer",
                            Map.of("api", server.uri("").toString()),
                            Map.of(),
                            Set.of(),
                            Map.of()),
                    Secret.of("token", "canary-token"));
            Agent other = killed.agent();
            WorkerProcess worker = killed.workerProcess();
            for (String id : List.of("held-export-killed", "held-order-killed")) {
                String tool = id.contains("order") ? "order" : "export";
                other.call(id, "forge_" + tool, "smith", "{\"name\":\"" + id + "\"}");
                awaitAsked(id, 2);
            }
            worker.kill();
            killed.workerProcess();
            int export = of(ASKED, "held-export-killed");
            int order = of(ASKED, "held-order-killed");
            awaitAsked("held-export-killed", export + 2);
            awaitAsked("held-order-killed", order + 2);
            RELEASED.addAll(List.of("held-export-killed", "held-order-killed"));

            assertThat(other.reply("held-export-killed", BOUND).getContent()).contains("a,b");
            assertThat(other.reply("held-order-killed", BOUND).getError()).isNull();
            assertThat(of(BEGUN, "held-export-killed")).isEqualTo(1);
            assertThat(of(BEGUN, "held-order-killed")).isEqualTo(1);
        }
    }
}
