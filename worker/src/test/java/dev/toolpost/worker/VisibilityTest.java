package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Stats;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Await;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a worker shows of its limits while calls wait for them, and what replies say of the time. */
class VisibilityTest {

    private static final String READ = "hubspot_get_contact";
    private static final Duration WITHIN = Duration.ofSeconds(30);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What is neither waiting nor the vendor's: Kafka, threads, a machine with other work. */
    private static final long OTHER_MILLIS = 1_500;

    private static Rig rig;
    private static Agent agent;
    private static Worker worker;

    @BeforeAll
    static void start() {
        rig = Rig.start(1, SimulatedVendor.builder().unlimited().start())
                .with("worker.health_port", "0")
                .with("worker.max_in_flight_per_connection", "4");
        Map<String, LimitOverride> three = Map.of("ten_seconds", new LimitOverride(3, Duration.ofSeconds(1)));
        for (String connection : List.of("narrow", "paged", "throttled", "first")) {
            rig.connection(Rig.TENANT, connection, three);
        }
        worker = rig.worker();
        agent = rig.agent();
        // The first call waits for the worker to join its group, which is nobody's limit.
        agent.call("first", READ, "first", "{\"contact_id\":\"51\"}");
        agent.awaitReplies(List.of("first"), WITHIN);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void whoWaitsIsSeenWhileHeWaitsAndEveryReplySaysHowLongThatWas() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            ids.add("narrow-" + i);
            agent.call("narrow-" + i, READ, "narrow", "{\"contact_id\":\"5" + i + "\"}");
        }
        Await.until("calls to wait for permits", WITHIN, () -> waiting("narrow") > 0);
        JsonNode seen = only("narrow");
        assertThat(seen.path("tenant").asString()).isEqualTo(Rig.TENANT);
        assertThat(seen.path("vendor").asString()).isEqualTo("hubspot");
        assertThat(seen.path("interactive").path("estimated_ms").asLong()).isBetween(1L, 10_000L);
        assertThat(metrics())
                .contains("toolpost_waiting_calls{lane=\"interactive\",pool=\"hubspot\",vendor=\"hubspot\"}");

        agent.awaitReplies(ids, WITHIN);
        long longest = 0;
        int atOnce = 0;
        for (String id : ids) {
            Stats stats = agent.reply(id).getStats();
            assertAccountedFor(id, stats);
            longest = Math.max(longest, stats.getWaitedMs());
            atOnce += stats.getWaitedMs() < 900 ? 1 : 0;
        }
        assertThat(atOnce).as("those of the first window").isLessThanOrEqualTo(3);
        assertThat(longest)
                .as("those of the third window: more than the connection's bound, so by way of the resume topic")
                .isGreaterThanOrEqualTo(1_500);
    }

    @Test
    void theTurnsOfATraversalAddUpWhatTheyWaited() {
        agent.traverse("paged-1", "hubspot_list_contacts", "paged", "{\"limit\":2}", ",\"max_pages\":9");
        List<ToolReply> frames = agent.answer("paged-1", WITHIN);

        Stats stats = frames.getLast().getStats();
        assertThat(frames.getLast().getError()).isNull();
        assertThat(stats.getPages()).isEqualTo(9);
        assertThat(stats.getWaitedMs()).isGreaterThanOrEqualTo(1_500);
        assertAccountedFor("paged-1", stats);
    }

    /** The waited time is right: beside it and the vendor's there is next to nothing. */
    private static void assertAccountedFor(String id, Stats stats) {
        long rest = stats.getTotalMs() - stats.getWaitedMs() - stats.getVendorMs();
        assertThat(rest).as("%s: %s", id, stats).isBetween(-100L, OTHER_MILLIS);
    }

    @Test
    void aThrottleIsCountedAndItsPauseShown() throws Exception {
        rig.vendor().inject(Fault.throttled(429, "1").on("GET", "*/contacts/77").times(1));
        agent.call("throttled-1", READ, "throttled", "{\"contact_id\":\"77\"}");
        Await.until("the throttle to be seen", WITHIN, () -> throttles(only("throttled")) == 1);

        agent.awaitReplies(List.of("throttled-1"), WITHIN);
        assertThat(agent.reply("throttled-1").getStats().getWaitedMs()).isGreaterThanOrEqualTo(900);
        assertThat(metrics())
                .containsPattern("toolpost_limit_throttles_total\\{limit=\"[^\"]+\",vendor=\"hubspot\"\\} 1\\.0");
    }

    @Test
    void metricsNameNeitherTenantsNorConnectionsNorServers() throws Exception {
        agent.call("named", READ, "narrow", "{\"contact_id\":\"51\"}");
        agent.awaitReplies(List.of("named"), WITHIN);
        String metrics = metrics();

        assertThat(metrics)
                .contains(
                        "toolpost_calls_total{code=\"OK\",lane=\"interactive\",pool=\"hubspot\"}",
                        "toolpost_call_waited_seconds_bucket{lane=\"interactive\",pool=\"hubspot\",le=\"0.01\"}",
                        "toolpost_vendor_request_seconds_bucket{status=\"2xx\",vendor=\"hubspot\",le=\"0.25\"}",
                        "toolpost_limit_permits{limit=\"ten_seconds\",state=\"free\",vendor=\"hubspot\"}",
                        "toolpost_breaker_servers{pool=\"hubspot\",position=\"closed\",vendor=\"hubspot\"} 1.0",
                        "toolpost_calls_in_flight{pool=\"hubspot\"}",
                        "toolpost_commit_rejections_total{pool=\"hubspot\"}",
                        "toolpost_partition_pauses_total{pool=\"hubspot\"}",
                        "toolpost_tokens_total{event=\"refreshed\",pool=\"hubspot\"}",
                        "toolpost_kafka_last_poll_seconds_ago{client=\"intake\",pool=\"hubspot\"}",
                        "jvm_memory_used_bytes")
                .doesNotContain(Rig.TENANT, "narrow", "throttled\"", "127.0.0.1", SimulatedVendor.DEFAULT_TOKEN);
    }

    private static long waiting(String connection) {
        return only(connection).path("interactive").path("waiting").asLong();
    }

    /** Those of the limit, and those that paused everything. */
    private static long throttles(JsonNode connection) {
        long count = connection.path("throttles").path("count").asLong();
        for (JsonNode limit : connection.path("limits")) {
            count += limit.path("throttles").path("count").asLong();
        }
        return count;
    }

    private static JsonNode only(String connection) {
        try {
            return JsonMapper.shared()
                    .readTree(get("/limits?connection=" + connection))
                    .at("/connections/0");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String metrics() throws IOException, InterruptedException {
        return get("/metrics");
    }

    private static String get(String path) throws IOException, InterruptedException {
        int port = worker.healthAddress().getPort();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(WITHIN)
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
