package dev.toolpost.worker.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.hotupdate.ConnectorsStatus;
import dev.toolpost.worker.ratelimit.ConnectionLimits;
import dev.toolpost.worker.ratelimit.LimiterView;
import dev.toolpost.worker.ratelimit.LimiterView.BandwidthView;
import dev.toolpost.worker.ratelimit.LimiterView.LaneView;
import dev.toolpost.worker.ratelimit.LimiterView.Refill;
import dev.toolpost.worker.ratelimit.LimiterView.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

/** What a worker answers over HTTP about its limits. */
class HealthServerTest {

    private static final int CONNECTIONS = 1_000;

    private static HealthServer server;

    @BeforeAll
    static void start() throws IOException {
        List<ConnectionLimits> limits = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            limits.add(limits(i % 2 == 0 ? "hubspot" : "jira", "tenant-" + i % 10, "crm-" + i, i % 7));
        }
        server = HealthServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new HealthServer.Sources(
                        "toolpost-1",
                        List::of,
                        () -> new ConnectorsStatus(0, 0, 0, 0, Map.of(), List.of()),
                        () -> limits,
                        () -> "up 1\n"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void whoWaitsMostIsShownAndTheRestIsCounted() throws Exception {
        JsonNode report = limits("");

        assertThat(report.path("worker").asString()).isEqualTo("toolpost-1");
        assertThat(report.path("connections").size()).isEqualTo(50);
        report.path("connections")
                .forEach(each -> assertThat(
                                each.path("interactive").path("waiting").asInt())
                        .isEqualTo(6));
        assertThat(report.path("rest").path("connections").asInt()).isEqualTo(CONNECTIONS - 50);
        assertThat(report.path("rest").path("waiting_interactive").asInt()).isEqualTo(sumOfWaiting() - 50 * 6);
    }

    private static int sumOfWaiting() {
        int sum = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            sum += i % 7;
        }
        return sum;
    }

    @Test
    void theAnswerIsBoundedHoweverMuchIsAskedFor() throws Exception {
        assertThat(limits("?top=500").path("connections").size()).isEqualTo(500);
        HttpResponse<String> tooMany = get("/limits?top=501");
        assertThat(tooMany.statusCode()).isEqualTo(400);
        assertThat(tooMany.body()).contains("501", "0 to 500");
        assertThat(limits("?top=0").path("rest").path("connections").asInt()).isEqualTo(CONNECTIONS);
    }

    @Test
    void vendorTenantAndConnectionNarrowIt() throws Exception {
        JsonNode jira = limits("?vendor=jira&top=500");
        assertThat(jira.path("connections").size()).isEqualTo(500);
        jira.path("connections")
                .forEach(each -> assertThat(each.path("vendor").asString()).isEqualTo("jira"));
        assertThat(limits("?tenant=tenant-3&top=500").path("connections").size())
                .isEqualTo(100);
        assertThat(limits("?tenant=tenant-3&connection=crm-13")
                        .path("connections")
                        .size())
                .isEqualTo(1);
        assertThat(limits("?vendor=nobody").path("connections").isEmpty()).isTrue();
        HttpResponse<String> unknown = get("/limits?vendr=jira");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("vendr", "vendor");
    }

    @Test
    void aLimitIsShownWithAllThatIsKnownOfIt() throws Exception {
        JsonNode limit = limits("?connection=crm-6").at("/connections/0/limits/0");

        assertThat(limit.toString())
                .isEqualTo("{\"limit\":\"rolling\",\"scope\":\"connection\",\"kind\":\"sliding\",\"tool\":null,"
                        + "\"permits\":100,\"part\":100,\"window_ms\":10000,\"free\":3,\"withheld\":20,\"in_flight\":7,"
                        + "\"refill_in_ms\":1500,\"refill_permits\":12,\"paused_ms\":250,"
                        + "\"corrections\":{\"count\":2,\"last_ms_ago\":9000},"
                        + "\"throttles\":{\"count\":1,\"last_ms_ago\":400,\"last_wait_ms\":1000},\"costs_settled\":5}");
    }

    @Test
    void metricsAreInPrometheusTextFormat() throws Exception {
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.body()).isEqualTo("up 1\n");
        assertThat(metrics.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    }

    private static JsonNode limits(String query) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get("/limits" + query).body());
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + server.address().getPort() + path))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static ConnectionLimits limits(String vendor, String tenant, String connection, int waiting) {
        BandwidthView rolling = new BandwidthView(
                "rolling",
                Limit.Scope.CONNECTION,
                Limit.Kind.SLIDING,
                null,
                100,
                100,
                Duration.ofSeconds(10),
                3,
                20,
                7,
                new Refill(Duration.ofMillis(1_500), 12),
                Duration.ofMillis(250),
                new Seen(2, Duration.ofSeconds(9), null),
                new Seen(1, Duration.ofMillis(400), Duration.ofSeconds(1)),
                5);
        LaneView lane = new LaneView(waiting, Duration.ofSeconds(waiting), Duration.ofSeconds(2));
        LaneView nobody = new LaneView(0, Duration.ZERO, Duration.ZERO);
        return new ConnectionLimits(
                vendor,
                vendor,
                tenant,
                connection,
                new LimiterView(List.of(rolling), lane, nobody, Duration.ZERO, Seen.NEVER));
    }
}
