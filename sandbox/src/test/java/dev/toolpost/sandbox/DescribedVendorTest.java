package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The engine of described vendors, on a vendor that has something of everything ({@code workshop.json}). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DescribedVendorTest {

    private static final String FORM = "application/x-www-form-urlencoded";

    private SimulatedVendor vendor;

    @BeforeAll
    void start() throws IOException {
        try (var in = Objects.requireNonNull(DescribedVendorTest.class.getResourceAsStream("workshop.json"))) {
            vendor = SimulatedVendor.builder()
                    .description(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .start();
        }
    }

    @AfterAll
    void stop() {
        vendor.close();
    }

    @BeforeEach
    void forget() {
        vendor.reset();
        vendor.token(SimulatedVendor.DEFAULT_TOKEN, TokenState.ACCEPTED);
    }

    private Http.Answer get(String path) throws IOException, InterruptedException {
        return Http.vendor(vendor, "GET", path, null);
    }

    private Http.Answer post(String path, String type, String body, String... more)
            throws IOException, InterruptedException {
        List<String> headers = new ArrayList<>(
                List.of("Authorization", "Bearer " + SimulatedVendor.DEFAULT_TOKEN, "Content-Type", type));
        headers.addAll(List.of(more));
        return Http.send(vendor.uri(), "POST", path, body, headers.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/cursor/parts?limit=7", "/path/parts?limit=7", "/link/parts?per_page=7", "/offset/parts?limit=7"
            })
    void everyKindOfPageLeadsToTheEndWithEveryRecordOnce(String first) throws Exception {
        Set<String> ids = new LinkedHashSet<>();
        String next = first;
        int pages = 0;
        while (next != null) {
            Http.Answer answer = get(next);
            assertThat(answer.status()).isEqualTo(200);
            JsonNode body = answer.json();
            for (JsonNode part : body.isArray() ? body : body.path("parts")) {
                assertThat(ids.add(part.path("id").asString())).isTrue();
            }
            pages++;
            next = next(first, answer);
        }
        assertThat(ids).hasSize(60).contains("part-0001", "part-0060");
        assertThat(pages).isEqualTo(9);
    }

    private @Nullable String next(String first, Http.Answer answer) {
        JsonNode body = answer.json();
        if (first.startsWith("/cursor/")) {
            String cursor = body.path("next").asString("");
            return cursor.isEmpty() ? null : first + "&cursor=" + cursor;
        }
        if (first.startsWith("/path/")) {
            return body.path("more").isMissingNode() ? null : body.path("more").asString();
        }
        if (first.startsWith("/offset/")) {
            return body.path("next").isNull()
                    ? null
                    : first + "&start=" + body.path("next").asLong();
        }
        String link = answer.header("Link");
        int end = link.indexOf(">; rel=\"next\"");
        return end < 0 ? null : link.substring(link.lastIndexOf('<', end) + 1, end);
    }

    @Test
    void aPageCanBeNamedByTheLastRecordBeforeItNewestFirst() throws Exception {
        JsonNode first = get("/last/parts?limit=25").json();
        JsonNode second = get("/last/parts?limit=25&after=part-0036").json();
        JsonNode third = get("/last/parts?limit=25&after=part-0011").json();

        assertThat(first.path("data").path(0).path("id").asString()).isEqualTo("part-0060");
        assertThat(first.path("data").path(24).path("id").asString()).isEqualTo("part-0036");
        assertThat(first.path("has_more").asBoolean()).isTrue();
        assertThat(second.path("data").path(0).path("id").asString()).isEqualTo("part-0035");
        assertThat(third.path("data").size()).isEqualTo(10);
        assertThat(third.path("has_more").asBoolean()).isFalse();
        JsonNode back = get("/last/parts?limit=25&before=part-0035").json();
        assertThat(back.path("data").path(24).path("id").asString()).isEqualTo("part-0036");
    }

    @Test
    void aPlaceMayStandInTheBodyOfAPost() throws Exception {
        JsonNode first =
                post("/search", "application/json", "{\"page_size\":40}").json();
        JsonNode second = post(
                        "/search",
                        "application/json",
                        "{\"page_size\":40,\"start\":\"" + first.path("next").asString() + "\"}")
                .json();

        assertThat(first.path("parts").size()).isEqualTo(40);
        assertThat(second.path("parts").size()).isEqualTo(20);
        assertThat(second.path("next").isNull()).isTrue();
    }

    @Test
    void filtersKeepWhatTheArgumentsAskFor() throws Exception {
        for (JsonNode part : get("/cursor/parts?colour=red&limit=50").json().path("parts")) {
            assertThat(part.path("colour").asString()).isEqualTo("red");
        }
        assertThat(get("/cursor/parts?words=bolt%2042").json().path("parts").size())
                .isLessThanOrEqualTo(1);
        assertThat(get("/cursor/parts?weight%5Bgte%5D=101").json().path("parts").size())
                .isZero();
        JsonNode searched = post(
                        "/search", "application/json", "{\"filter\":{\"colour\":[\"red\",\"green\"]},\"page_size\":50}")
                .json();
        assertThat(searched.path("parts"))
                .isNotEmpty()
                .allSatisfy(part -> assertThat(part.path("colour").asString()).isIn("red", "green"));
    }

    @Test
    void recordsAreCreatedFromFormsWithBracketsChangedAndDeleted() throws Exception {
        Http.Answer created =
                post("/parts", FORM, "name=wheel+nut&weight=12&metadata%5Btier%5D=b&tags%5B%5D=x&tags%5B%5D=y");
        JsonNode part = created.json();
        String id = part.path("id").asString();

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).endsWith("/parts/" + id);
        assertThat(part.path("weight").isNumber()).isTrue();
        assertThat(part.path("metadata").path("tier").asString()).isEqualTo("b");
        assertThat(part.path("tags").size()).isEqualTo(2);
        assertThat(part.path("state").asString()).isEqualTo("new");
        assertThat(part.path("made").asLong()).isGreaterThan(1_700_000_000);

        assertThat(post("/parts/" + id, "application/json", "{\"name\":\"nut\",\"unheard\":1}")
                        .json()
                        .path("name")
                        .asString())
                .isEqualTo("nut");
        assertThat(get("/parts/" + id).json().path("metadata").path("tier").asString())
                .isEqualTo("b");
        assertThat(Http.vendor(vendor, "DELETE", "/parts/" + id, null).body())
                .isEqualTo("{\"id\":\"" + id + "\",\"deleted\":true}");
        assertThat(get("/parts/" + id).status()).isEqualTo(410);
        assertThat(get("/parts/part-9999").status()).isEqualTo(404);
        assertThat(vendor.writes("create", "parts", "wheel nut")).isOne();
        assertThat(vendor.writes("update", "parts", id)).isOne();
        assertThat(vendor.writes("delete", "parts", id)).isOne();
    }

    @ParameterizedTest
    @CsvSource({
        "name=, no_name",
        "name=abcdefghijklmnopqrstuvwxyz, name_too_long",
        "name=a&colour=mauve, bad_colour",
        "name=a&weight=101, bad_weight",
        "name=a&fits=part-7777, unknown_part"
    })
    void checksAnswerWithTheirErrors(String body, String error) throws Exception {
        Http.Answer answer = post("/parts", FORM, body);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"ok\":false,\"error\":\"" + error + "\"}");
        assertThat(vendor.stats().writes()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"/header, x-key, 200", "/header, x-other, 401", "/query?key=sandbox-token, x-other, 200"})
    void aKeyIsLookedForWhereTheDescriptionSays(String path, String header, int status) throws Exception {
        assertThat(Http.send(vendor.uri(), "GET", path, null, header, SimulatedVendor.DEFAULT_TOKEN)
                        .status())
                .isEqualTo(status);
    }

    @Test
    void theUserOfBasicMayBeTheKey() throws Exception {
        String basic = Base64.getEncoder().encodeToString("sandbox-token:".getBytes(StandardCharsets.UTF_8));
        assertThat(Http.send(vendor.uri(), "GET", "/header", null, "Authorization", "Basic " + basic)
                        .status())
                .isEqualTo(200);
        assertThat(Http.send(vendor.uri(), "GET", "/header", null, "Authorization", "Bearer nobody")
                        .body())
                .isEqualTo("{\"error\":\"bad key\"}");
    }

    @Test
    void anExpiredTokenAndAReadOnlyOneAreToldApart() throws Exception {
        vendor.token(SimulatedVendor.DEFAULT_TOKEN, TokenState.EXPIRED);
        assertThat(get("/parts/part-0001").body()).isEqualTo("{\"error\":\"old key\"}");
        vendor.token(SimulatedVendor.DEFAULT_TOKEN, TokenState.READ_ONLY);
        assertThat(get("/parts/part-0001").status()).isEqualTo(200);
        assertThat(post("/parts", FORM, "name=a").status()).isEqualTo(403);
    }

    @Test
    void costsArePaidOutOfAFixedWindowThatStartsAgain() throws Exception {
        assertThat(get("/costly").header("x-points-remaining")).isEqualTo("3");
        Http.Answer refused = get("/costly");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("no points left");
        assertThat(Long.parseLong(refused.header("x-points-reset")) * 1000)
                .isBetween(System.currentTimeMillis(), System.currentTimeMillis() + 3_600_999);

        vendor.advanceClock(Duration.ofHours(1));
        assertThat(get("/costly").status()).isEqualTo(200);
        assertThat(vendor.stats().violations()).isOne();
    }

    @Test
    void aWindowMayBelongToAnArgument() throws Exception {
        assertThat(post("/ring", "application/json", "{\"bell\":\"a\"}").status())
                .isEqualTo(204);
        Http.Answer again = post("/ring", "application/json", "{\"bell\":\"a\"}");
        assertThat(again.status()).isEqualTo(429);
        assertThat(again.header("Retry-After")).isEqualTo("60");
        assertThat(post("/ring", "application/json", "{\"bell\":\"b\"}").status())
                .isEqualTo(204);
    }

    @Test
    void theSameKeyGetsTheSameAnswerAndOtherParametersAreRefused() throws Exception {
        Http.Answer first = post("/parts", FORM, "name=once", "Idempotency-Key", "k1");
        Http.Answer second = post("/parts", FORM, "name=once", "Idempotency-Key", "k1");
        Http.Answer other = post("/parts", FORM, "name=twice", "Idempotency-Key", "k1");

        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.status()).isEqualTo(201);
        assertThat(first.header("Replayed")).isEmpty();
        assertThat(second.header("Replayed")).isEqualTo("true");
        assertThat(other.body()).contains("idempotency_mismatch");
        assertThat(vendor.writes("create", "parts", "once")).isOne();
        assertThat(post("/parts", FORM, "name=", "Idempotency-Key", "k2").status())
                .isEqualTo(200);
        assertThat(post("/parts", FORM, "name=good", "Idempotency-Key", "k2").status())
                .isEqualTo(201);
    }

    @Test
    void pagesAreLoggedAndFaultsPerformedAsWithEveryVendor() throws Exception {
        vendor.logPages(10);
        String cursor = get("/cursor/parts?limit=5").json().path("next").asString();
        long _ = vendor.inject(Fault.of(Fault.Kind.REPEAT_CURSOR));
        JsonNode repeated = get("/cursor/parts?limit=5&cursor=" + cursor).json();
        vendor.clearFaults();
        long _ = vendor.inject(Fault.status(503));
        Http.Answer down = get("/cursor/parts");

        assertThat(repeated.path("next").asString()).isEqualTo(cursor);
        assertThat(down.status()).isEqualTo(503);
        assertThat(down.body()).isEqualTo("{\"ok\":false,\"error\":\"status_503\"}");
        List<ServedPage> pages = vendor.pages(10);
        assertThat(pages).hasSize(2);
        assertThat(pages.getFirst().firstId()).isEqualTo("part-0001");
        assertThat(pages.getFirst().lastId()).isEqualTo("part-0005");
        assertThat(pages.getLast().asked()).isEqualTo(cursor);
    }

    @Test
    void seriesHaveAValueForEveryPointInTime() throws Exception {
        JsonNode body = get("/series?hourly=rain,wind&forecast_days=2").json();
        assertThat(body.path("hourly").path("time").size()).isEqualTo(48);
        assertThat(body.path("hourly").path("wind").size()).isEqualTo(48);
        assertThat(body.has("daily")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("vendors")
    void everyVendorStarts(String name) {
        try (SimulatedVendor started = SimulatedVendor.builder().profile(name).start()) {
            assertThat(started.name()).isEqualTo(name);
        }
    }

    static List<String> vendors() {
        return SimulatedVendor.vendors();
    }
}
