package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SimulatedVendorTest {

    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static final String DEALS = "/crm/v3/objects/deals";

    private SimulatedVendor vendor =
            SimulatedVendor.builder().unlimited().records("contacts", 250).start();

    @AfterEach
    void stop() {
        vendor.close();
    }

    private void restart(SimulatedVendor.Builder builder) {
        vendor.close();
        vendor = builder.start();
    }

    private Http.Answer get(String path) throws Exception {
        return Http.vendor(vendor, "GET", path, null);
    }

    private Http.Answer post(String path, String body) throws Exception {
        return Http.vendor(vendor, "POST", path, body);
    }

    @Test
    void aTraversalSeesEveryRecordOnce() throws Exception {
        List<String> ids = new ArrayList<>();
        String after = "";
        int pages = 0;
        do {
            JsonNode page = get(CONTACTS + "?limit=100" + after).json();
            page.path("results").forEach(record -> ids.add(record.path("id").asString()));
            JsonNode next = page.path("paging").path("next");
            after = next.isMissingNode() ? "" : "&after=" + next.path("after").asString();
            pages++;
        } while (!after.isEmpty());
        assertThat(pages).isEqualTo(3);
        assertThat(ids).hasSize(250).doesNotHaveDuplicates().startsWith("51").endsWith("300");
    }

    @Test
    void aLimitThatIsLoweredCountsWhatWasUsedBefore() throws Exception {
        restart(SimulatedVendor.builder().limit(5, Duration.ofHours(1)));
        get(CONTACTS + "/77");
        get(CONTACTS + "/77");
        vendor.limit("", 3);
        Http.Answer last = get(CONTACTS + "/77");
        assertThat(last.header("X-HubSpot-RateLimit-Max")).isEqualTo("3");
        assertThat(last.header("X-HubSpot-RateLimit-Remaining")).isEqualTo("0");
        assertThat(get(CONTACTS + "/77").status()).isEqualTo(429);
        vendor.limit("", 2);
        assertThat(get(CONTACTS + "/77").header("X-HubSpot-RateLimit-Remaining"))
                .isEqualTo("0");
        vendor.limit("", 4);
        assertThat(get(CONTACTS + "/77").status()).isEqualTo(200);
        assertThatThrownBy(() -> vendor.limit("", 0)).hasMessageContaining("permits: 0");
        assertThatThrownBy(() -> vendor.limit("none", 1)).hasMessageContaining("none");
    }

    @Test
    void recordsAreTheSameForTheSameSeed() throws Exception {
        String first = get(CONTACTS + "/77").body();
        restart(SimulatedVendor.builder().unlimited().records("contacts", 1_000_000_000L));
        assertThat(get(CONTACTS + "/77").body()).isEqualTo(first);
        JsonNode far = get(CONTACTS + "?limit=1&after=900000000").json();
        assertThat(far.at("/results/0/id").asString()).isEqualTo("900000000");
        restart(SimulatedVendor.builder().unlimited().seed(2));
        assertThat(get(CONTACTS + "/77").body()).isNotEqualTo(first);
    }

    @Test
    void aContactHasHubSpotsShape() throws Exception {
        Http.Answer answer = get(CONTACTS + "/51?properties=city,email,unknown");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json;charset=utf-8");
        JsonNode contact = answer.json();
        assertThat(contact.propertyNames()).containsExactly("id", "properties", "createdAt", "updatedAt", "archived");
        assertThat(contact.path("properties").propertyNames())
                .containsExactlyInAnyOrder("createdate", "city", "email", "hs_object_id", "lastmodifieddate");
        String email = contact.at("/properties/email").asString();
        assertThat(get(CONTACTS + "/" + email + "?idProperty=email")
                        .json()
                        .path("id")
                        .asString())
                .isEqualTo("51");
    }

    @Test
    void aRecordLivesFromCreationToArchiving() throws Exception {
        Http.Answer created =
                post(CONTACTS, "{\"properties\":{\"email\":\"ada@example.org\",\"city\":\"Köln \\\"1\\\"\"}}");
        assertThat(created.status()).isEqualTo(201);
        String id = created.json().path("id").asString();
        assertThat(created.json().at("/properties/city").asString()).isEqualTo("Köln \"1\"");
        Http.Answer changed = Http.vendor(vendor, "PATCH", CONTACTS + "/" + id, "{\"properties\":{\"city\":\"Bonn\"}}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(get(CONTACTS + "/ada@example.org?idProperty=email&properties=city")
                        .json()
                        .at("/properties/city")
                        .asString())
                .isEqualTo("Bonn");
        assertThat(Http.vendor(vendor, "DELETE", CONTACTS + "/" + id, null).status())
                .isEqualTo(204);
        assertThat(Http.vendor(vendor, "DELETE", CONTACTS + "/" + id, null).status())
                .isEqualTo(204);
        assertThat(get(CONTACTS + "/" + id).json().path("category").asString()).isEqualTo("OBJECT_NOT_FOUND");
        assertThat(Http.vendor(vendor, "DELETE", CONTACTS + "/424242", null).status())
                .isEqualTo(404);
    }

    @Test
    void aRepeatedCreationIsACounterAndAConflict() throws Exception {
        String body = "{\"properties\":{\"email\":\"twice@example.org\"}}";
        assertThat(post(CONTACTS, body).status()).isEqualTo(201);
        assertThat(vendor.writes("create", "contacts", "twice@example.org")).isEqualTo(1);
        Http.Answer again = post(CONTACTS, body);
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.json().path("category").asString()).isEqualTo("CONFLICT");
        assertThat(vendor.writes("create", "contacts", "twice@example.org")).isEqualTo(2);
        assertThat(vendor.stats().repeatedWrites()).containsEntry("create contacts twice@example.org", 2);
        post(DEALS, "{\"properties\":{\"dealname\":\"Big\"}}");
        post(DEALS, "{\"properties\":{\"dealname\":\"Big\"}}");
        assertThat(vendor.writes("create", "deals", "Big")).isEqualTo(2);
    }

    @Test
    void invalidWritesNameTheField() throws Exception {
        JsonNode error = post(CONTACTS, "{\"properties\":{\"email\":\"nope\"}}").json();
        assertThat(error.path("category").asString()).isEqualTo("VALIDATION_ERROR");
        assertThat(error.at("/errors/0/code").asString()).isEqualTo("INVALID_EMAIL");
        assertThat(error.at("/errors/0/in").asString()).isEqualTo("email");
        assertThat(post(CONTACTS, "{\"properties\":{\"colour\":\"red\"}}")
                        .json()
                        .at("/errors/0/code")
                        .asString())
                .isEqualTo("PROPERTY_DOESNT_EXIST");
        assertThat(post(CONTACTS, "{").status()).isEqualTo(400);
        assertThat(post(CONTACTS, "{}").status()).isEqualTo(400);
        assertThat(get(CONTACTS + "?limit=101").status()).isEqualTo(400);
        assertThat(get(CONTACTS + "?after=x").status()).isEqualTo(400);
        assertThat(vendor.stats().writes()).isZero();
    }

    @Test
    void batchUpsertReportsThePartThatFailed() throws Exception {
        Http.Answer answer = post(
                CONTACTS + "/batch/upsert",
                "{\"inputs\":[{\"id\":\"new@example.org\",\"idProperty\":\"email\",\"properties\":{\"city\":\"A\"}},"
                        + "{\"id\":\"bad\",\"idProperty\":\"email\",\"properties\":{}},"
                        + "{\"id\":\"52\",\"properties\":{\"city\":\"B\"}}]}");
        assertThat(answer.status()).isEqualTo(207);
        assertThat(answer.json().path("results").size()).isEqualTo(2);
        assertThat(answer.json().at("/results/0/new").asBoolean()).isTrue();
        assertThat(answer.json().at("/results/1/new").asBoolean()).isFalse();
        assertThat(answer.json().path("numErrors").asInt()).isEqualTo(1);
    }

    @Test
    void searchFiltersSortsAndPages() throws Exception {
        Set<String> ids = new HashSet<>();
        String after = "0";
        double last = Double.MAX_VALUE;
        int total;
        do {
            JsonNode page = post(
                            DEALS + "/search",
                            "{\"filterGroups\":[{\"filters\":[{\"propertyName\":\"amount\",\"operator\":\"GTE\",\"value\":\"200000\"}]}],"
                                    + "\"sorts\":[{\"propertyName\":\"amount\",\"direction\":\"DESCENDING\"}],\"limit\":50,\"after\":\""
                                    + after + "\"}")
                    .json();
            total = page.path("total").asInt();
            for (JsonNode deal : page.path("results")) {
                double amount = Double.parseDouble(deal.at("/properties/amount").asString());
                assertThat(amount).isBetween(200_000.0, last);
                last = amount;
                ids.add(deal.path("id").asString());
            }
            after = page.at("/paging/next/after").asString("");
        } while (!after.isEmpty());
        assertThat(ids).hasSize(total).hasSizeBetween(100, 300);
    }

    @Test
    void searchHasHubSpotsBounds() throws Exception {
        assertThat(post(DEALS + "/search", "{\"limit\":201}").status()).isEqualTo(400);
        assertThat(post(DEALS + "/search", "{\"after\":\"9999\",\"limit\":2}").status())
                .isEqualTo(400);
        assertThat(post(DEALS + "/search", "{\"sorts\":[\"amount\",\"dealname\"]}")
                        .status())
                .isEqualTo(400);
        String group = "{\"filters\":[{\"propertyName\":\"amount\",\"operator\":\"EQ\",\"value\":\"1\"}]}";
        assertThat(post(
                                DEALS + "/search",
                                "{\"filterGroups\":["
                                        + String.join(",", List.of(group, group, group, group, group, group)) + "]}")
                        .status())
                .isEqualTo(400);
        assertThat(post(DEALS + "/search", "{\"query\":\"renewal\",\"limit\":1}")
                        .json()
                        .path("total")
                        .asInt())
                .isPositive();
    }

    @Test
    void tokensAreToldApart() throws Exception {
        vendor.token("old", TokenState.EXPIRED);
        vendor.token("reader", TokenState.READ_ONLY);
        assertThat(Http.send(vendor.uri(), "GET", CONTACTS, null)
                        .json()
                        .path("category")
                        .asString())
                .isEqualTo("INVALID_AUTHENTICATION");
        assertThat(Http.send(vendor.uri(), "GET", CONTACTS, null, "Authorization", "Bearer old")
                        .json()
                        .path("category")
                        .asString())
                .isEqualTo("EXPIRED_AUTHENTICATION");
        assertThat(Http.send(vendor.uri(), "GET", CONTACTS, null, "Authorization", "bearer reader")
                        .status())
                .isEqualTo(200);
        Http.Answer write =
                Http.send(vendor.uri(), "POST", CONTACTS, "{\"properties\":{}}", "Authorization", "Bearer reader");
        assertThat(write.status()).isEqualTo(403);
        assertThat(write.json().path("category").asString()).isEqualTo("MISSING_SCOPES");
        assertThat(vendor.stats().unauthorized()).isEqualTo(2);
    }

    @Test
    void theLimitIsStrictPerTokenAndSaidInHeaders() throws Exception {
        restart(SimulatedVendor.builder().limit(20, Duration.ofMillis(1500)).token("other"));
        List<Integer> statuses = burst(25);
        assertThat(statuses.stream().filter(status -> status == 200)).hasSize(20);
        assertThat(statuses.stream().filter(status -> status == 429)).hasSize(5);
        Http.Answer refused = get(CONTACTS);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().path("policyName").asString()).isEqualTo("TEN_SECONDLY_ROLLING");
        assertThat(refused.header("X-HubSpot-RateLimit-Max")).isEqualTo("20");
        assertThat(refused.header("X-HubSpot-RateLimit-Remaining")).isEqualTo("0");
        assertThat(refused.header("X-HubSpot-RateLimit-Interval-Milliseconds")).isEqualTo("1500");
        Http.Answer other = Http.send(vendor.uri(), "GET", CONTACTS, null, "Authorization", "Bearer other");
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.header("X-HubSpot-RateLimit-Remaining")).isEqualTo("19");
        assertThat(vendor.stats().violations()).isEqualTo(6);
        List<Arrival> arrivals = vendor.arrivals(100);
        assertThat(arrivals.stream().filter(Arrival::rejected)).hasSize(6);
        assertThat(arrivals).isSortedAccordingTo((a, b) -> Long.compare(a.nanos(), b.nanos()));
        long firstNanos = arrivals.getFirst().nanos();
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        Arrival last;
        do {
            get(CONTACTS);
            last = vendor.arrivals(1).getFirst();
        } while (last.rejected() && System.nanoTime() < deadline);
        assertThat(last.rejected()).isFalse();
        assertThat(last.nanos() - firstNanos)
                .isGreaterThanOrEqualTo(Duration.ofMillis(1500).toNanos());
    }

    @Test
    void searchHasALimitOfItsOwn() throws Exception {
        restart(SimulatedVendor.builder().searchLimit(2, Duration.ofSeconds(30)));
        assertThat(post(DEALS + "/search", "{}").header("X-HubSpot-RateLimit-Max"))
                .isEmpty();
        assertThat(post(DEALS + "/search", "{}").status()).isEqualTo(200);
        Http.Answer refused = post(DEALS + "/search", "{}");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().path("category").asString()).isEqualTo("RATE_LIMITS");
        assertThat(refused.json().has("policyName")).isFalse();
        assertThat(get(CONTACTS).header("X-HubSpot-RateLimit-Remaining")).isEqualTo("109");
    }

    @Test
    void theOverlayIsBounded() throws Exception {
        restart(SimulatedVendor.builder().unlimited().overlay(10));
        for (int i = 0; i < 30; i++) {
            assertThat(post(CONTACTS, "{\"properties\":{\"email\":\"n" + i + "@example.org\"}}")
                            .status())
                    .isEqualTo(201);
        }
        assertThat(get(CONTACTS + "/n0@example.org?idProperty=email").status()).isEqualTo(404);
        assertThat(get(CONTACTS + "/n29@example.org?idProperty=email").status()).isEqualTo(200);
        assertThat(vendor.writes("create", "contacts", "n0@example.org")).isEqualTo(1);
    }

    @Test
    void resetForgetsEverythingButTokens() throws Exception {
        post(CONTACTS, "{\"properties\":{\"email\":\"gone@example.org\"}}");
        vendor.inject(Fault.status(500));
        vendor.token("kept", TokenState.ACCEPTED);
        vendor.reset();
        assertThat(vendor.stats().requests()).isZero();
        assertThat(get(CONTACTS + "/gone@example.org?idProperty=email").status())
                .isEqualTo(404);
        assertThat(Http.send(vendor.uri(), "GET", CONTACTS, null, "Authorization", "Bearer kept")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theControlEndpointsDoWhatTheMethodsDo() throws Exception {
        try (RemoteVendor remote = new RemoteVendor(vendor.uri())) {
            post(CONTACTS, "{\"properties\":{\"email\":\"remote+1@example.org\"}}");
            assertThat(remote.writes("create", "contacts", "remote+1@example.org"))
                    .isEqualTo(1);
            long id = remote.inject(Fault.throttled(429, "{date+7}")
                    .on("GET", CONTACTS + "*")
                    .times(1)
                    .skip(1));
            assertThat(get(CONTACTS).status()).isEqualTo(200);
            Http.Answer throttled = get(CONTACTS);
            assertThat(throttled.status()).isEqualTo(429);
            assertThat(throttled.header("Retry-After")).endsWith("GMT");
            assertThat(get(CONTACTS).status()).isEqualTo(200);
            assertThat(remote.happened(id)).isEqualTo(1);
            remote.removeFault(id);
            assertThat(remote.happened(id)).isEqualTo(-1);
            remote.token("t", TokenState.EXPIRED);
            remote.removeToken("t");
            remote.records("contacts", 5);
            assertThat(get(CONTACTS + "?limit=100&after=0")
                            .json()
                            .path("results")
                            .size())
                    .isEqualTo(6);
            VendorStats stats = remote.stats();
            assertThat(stats).isEqualTo(withCpu(vendor.stats(), stats.cpuMillis()));
            assertThat(stats.byRoute()).containsEntry("GET " + CONTACTS, 4L);
            assertThat(remote.arrivals(2)).hasSize(2).isEqualTo(vendor.arrivals(2));
            assertThatThrownBy(() -> remote.records("nothing", 1)).hasMessageContaining("contacts");
            remote.reset();
            assertThat(remote.stats().requests()).isZero();
        }
    }

    private static VendorStats withCpu(VendorStats stats, long cpuMillis) {
        return new VendorStats(
                stats.requests(),
                stats.violations(),
                stats.unauthorized(),
                stats.faults(),
                stats.writes(),
                stats.byRoute(),
                stats.byToken(),
                stats.byStatus(),
                stats.repeatedWrites(),
                cpuMillis);
    }

    @Test
    void aRequestCostsMicroseconds() throws Exception {
        VendorLoad.Result result = VendorLoad.run(vendor, CONTACTS + "/51", 16, Duration.ofSeconds(1));
        System.out.printf(
                "Simulated vendor: %,.0f requests/s, %.1f us of one core each%n",
                result.perSecond(), result.cpuMicrosPerRequest());
        assertThat(result.cpuMicrosPerRequest()).isLessThan(60);
    }

    @Test
    void aPageOfAHundredRecordsCostsAFractionOfAMillisecondOverMillionsOfRecords() throws Exception {
        vendor.records("contacts", 5_000_000);
        vendor.logPages(1000);
        String path = CONTACTS + "?limit=100&after=3000000";
        assertThat(get(path).body().length()).isBetween(20_000, 40_000);
        VendorLoad.Result result = VendorLoad.run(vendor, path, 2, Duration.ofSeconds(1));
        System.out.printf(
                "Simulated vendor: %,.0f pages of 100 records/s, %.0f us of one core each%n",
                result.perSecond(), result.cpuMicrosPerRequest());
        assertThat(result.cpuMicrosPerRequest()).isLessThan(500);
    }

    @Test
    void aBusyPortIsSaidClearly() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            SimulatedVendor.builder().port(taken.getLocalPort()).start())
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    private List<Integer> burst(int count) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                answers.add(threads.submit(() -> get(CONTACTS + "/51").status()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
            return statuses;
        }
    }
}
