package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.GrantSpec;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.SimulatedVendor;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.oauth.OAuthVendor;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Vendors that stall, break off, throttle, storm, flood and lie, each met through a whole worker. */
@Timeout(120)
class VendorFaultsTest {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String THING = "{\"id\":\"T-1\"}";
    private static final String CONTACTS = "/crm/v3/objects/contacts";

    private static Rig rig;
    private static SimulatedVendor salesforce;
    private static Worker worker;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start(
                        3,
                        SimulatedVendor.builder()
                                .unlimited()
                                .records("contacts", 10_000)
                                .start())
                .withPools("salesforce");
        Kiosk.register(rig, "1s", "stalling");
        Kiosk.register(rig, "10s", "breaking", "throttling", "storming", "shaky", "flooding", "linking", "lying");
        salesforce = rig.owns(SimulatedVendor.builder()
                .profile("salesforce")
                .unlimited()
                .records("Contact", 1_000)
                .start());
        worker = rig.worker();
        agent = rig.agent();
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void aBodyThatStallsOrDripsEndsAtTheTotalDeadlineAndTheCallIsAnswered() throws Exception {
        AtomicInteger drips = new AtomicInteger();
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n[");
                if (!connection.lastRequest().contains("drip")) {
                    connection.stall();
                }
                while (true) {
                    Thread.sleep(50);
                    connection.write(" ");
                    drips.incrementAndGet();
                }
            }
        })) {
            Kiosk.connect(rig, "stalling", "stalling", vendor);
            agent.call("stalled", "stalling_get_thing", "stalling", THING, ",\"timeout_ms\":20000");
            agent.call("dripped", "stalling_get_thing", "stalling", "{\"id\":\"drip\"}", ",\"timeout_ms\":20000");
            agent.call("stalled-write", "stalling_add_thing", "stalling", THING, ",\"timeout_ms\":20000");
            agent.call("stalled-late", "stalling_put_thing", "stalling", THING, ",\"timeout_ms\":700");

            for (String read : List.of("stalled", "dripped")) {
                ToolReply reply = agent.reply(read);
                assertThat(reply.getError().getCode()).as(read).isEqualTo("UNAVAILABLE");
                assertThat(reply.getStats().getAttempts()).as(read).isEqualTo(3);
                // Three attempts of one second.
                assertThat(reply.getStats().getTotalMs()).as(read).isBetween(3_000L, 10_000L);
            }
            assertThat(drips).hasPositiveValue();
            assertThat(agent.reply("stalled-write").getError().getCode()).isEqualTo("OUTCOME_UNKNOWN");
            assertThat(agent.reply("stalled-write").getStats().getAttempts()).isEqualTo(1);
            assertThat(agent.reply("stalled-late").getStats().getTotalMs()).isLessThan(5_000);
            assertThat(agent.reply("stalled-late").getError()).isNotNull();
        }
    }

    @Test
    void afterAResetTheMethodAndTheIdempotencyKeyDecideWhetherItIsSentAgain() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedServer vendor = new ScriptedServer(connection -> {
            while (connection.readRequest()) {
                // Every first request of a kind is read to its end, carried out for all anybody knows, and broken off.
                if (requests.getAndIncrement() < 1) {
                    connection.reset();
                    return;
                }
                connection.write(Kiosk.ok("{\"ok\":true}"));
            }
        })) {
            Kiosk.connect(rig, "breaking", "breaking", vendor);
            for (String tool : List.of("get_thing", "put_thing", "buy_thing")) {
                requests.set(0);
                agent.call("reset-" + tool, "breaking_" + tool, "breaking", THING);
                assertThat(agent.reply("reset-" + tool).getError()).as(tool).isNull();
                assertThat(requests).as(tool).hasValue(2);
            }
            List<String> keys = keys(vendor);
            assertThat(keys).hasSize(2);
            assertThat(keys.get(0)).isNotBlank().isEqualTo(keys.get(1));

            requests.set(0);
            agent.call("reset-add", "breaking_add_thing", "breaking", THING);
            ToolError unknown = agent.reply("reset-add").getError();
            assertThat(unknown.getCode()).isEqualTo("OUTCOME_UNKNOWN");
            assertThat(unknown.getRetryable()).isFalse();
            assertThat(unknown.getRemedy()).isNotBlank();
            assertThat(requests).hasValue(1);

            // The same purchase again is answered from the record, another one has another key.
            agent.call("reset-buy_thing", "breaking_buy_thing", "breaking", THING);
            agent.call("another", "breaking_buy_thing", "breaking", THING);
            assertThat(agent.reply("another").getError()).isNull();
            while (agent.frames("reset-buy_thing").size() < 2) {
                agent.read(Duration.ofMillis(100));
            }
            assertThat(keys(vendor)).hasSize(3);
            assertThat(keys(vendor).get(2)).isNotEqualTo(keys.get(0));
        }
    }

    private static List<String> keys(ScriptedServer vendor) {
        Pattern header = Pattern.compile("(?i)Idempotency-Key: (.*)\r");
        List<String> keys = new ArrayList<>();
        for (String request : vendor.requests()) {
            Matcher matcher = header.matcher(request);
            if (matcher.find()) {
                keys.add(matcher.group(1));
            }
        }
        return keys;
    }

    @Test
    void everyRetryAfterIsWaitedForOrAnsweredWithTheTimeToComeAgain() throws Exception {
        String past = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).minusDays(400));
        Map<String, Long> leastMillis =
                Map.of("2", 2_000L, past, 0L, "0", 0L, "-30", 900L, "soon", 900L, "1e999999", 900L, "", 900L);
        String future = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusYears(900));
        List<String> absurd = List.of("99999999999999999999", "864000000", future);
        Map<String, AtomicInteger> requests = new HashMap<>();
        for (String value :
                Stream.concat(leastMillis.keySet().stream(), absurd.stream()).toList()) {
            AtomicInteger count = new AtomicInteger();
            requests.put(value, count);
            String header = value.isEmpty() ? "" : "Retry-After: " + value + "\r\n";
            Kiosk.connect(
                    rig,
                    "throttling",
                    waiting(value),
                    rig.owns(Kiosk.answering(request -> count.getAndIncrement() == 0
                            ? Kiosk.http("429 Too Many Requests", header, "{}")
                            : Kiosk.ok("{\"ok\":true}"))));
            agent.call(waiting(value), "throttling_add_thing", waiting(value), THING);
        }

        leastMillis.forEach((value, least) -> {
            ToolReply reply = agent.reply(waiting(value));
            assertThat(reply.getError()).as(value).isNull();
            assertThat(reply.getStats().getWaitedMs()).as(value).isBetween(least, 8_000L);
            assertThat(requests.get(value)).as(value).hasValue(2);
        });
        for (String value : absurd) {
            ToolError error = agent.reply(waiting(value)).getError();
            assertThat(error.getCode()).as(value).isEqualTo("RATE_LIMITED");
            // Nobody is sent away for longer than the longest quota that there is.
            assertThat(error.getRetryAt() - System.currentTimeMillis())
                    .as(value)
                    .isBetween(
                            Duration.ofHours(23).toMillis(),
                            Duration.ofHours(24).toMillis());
            assertThat(requests.get(value)).as(value).hasValue(1);
        }
    }

    private static String waiting(String retryAfter) {
        return "wait" + Integer.toHexString(retryAfter.hashCode());
    }

    @Test
    void inAStormOf503sTheVendorIsSparedAndOthersAreServedAsEver() throws Exception {
        AtomicBoolean storm = new AtomicBoolean(true);
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedServer vendor = Kiosk.answering(request -> {
            requests.incrementAndGet();
            return storm.get() ? Kiosk.http("503 Service Unavailable", "", "{}") : Kiosk.ok("{\"ok\":true}");
        })) {
            List<String> stormed = new ArrayList<>();
            List<String> calm = new ArrayList<>();
            for (int connection = 0; connection < 4; connection++) {
                Kiosk.connect(rig, "storming", "storming" + connection, vendor);
                rig.fastConnection("calm" + connection);
            }
            for (int i = 0; i < 300; i++) {
                stormed.add("storm-" + i);
                later("storm-" + i, "storming_get_thing", "storming" + i % 4, THING, 6_000);
                calm.add("calm-" + i);
                later("calm-" + i, "hubspot_get_contact", "calm" + i % 4, "{\"contact_id\":\"60\"}", 20_000);
            }
            agent.flush();
            agent.awaitReplies(calm, BOUND);
            assertThat(breakers()).containsEntry("storming", "OPEN").doesNotContainEntry("hubspot", "OPEN");
            agent.awaitReplies(stormed, BOUND);
            assertThat(requests.get()).isLessThanOrEqualTo(330);
            for (String id : stormed) {
                ToolError error = agent.reply(id).getError();
                assertThat(error.getCode()).as(id).isEqualTo("UNAVAILABLE");
                assertThat(error.getRetryable()).as(id).isTrue();
            }
            for (String id : calm) {
                assertThat(agent.reply(id).getError()).as(id).isNull();
                assertThat(agent.reply(id).getStats().getAttempts()).as(id).isEqualTo(1);
            }

            storm.set(false);
            agent.call("after-the-storm", "storming_get_thing", "storming0", THING);
            assertThat(agent.reply("after-the-storm").getError()).isNull();
        }
    }

    @Test
    void whileAVendorFailsEveryFourthTimeItGetsATenthMoreRequestsAtMost() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ScriptedServer vendor = Kiosk.answering(request -> requests.incrementAndGet() % 4 == 0
                ? Kiosk.http("503 Service Unavailable", "", "{}")
                : Kiosk.ok("{\"ok\":true}"))) {
            List<String> ids = new ArrayList<>();
            for (int connection = 0; connection < 4; connection++) {
                Kiosk.connect(rig, "shaky", "shaky" + connection, vendor);
            }
            for (int i = 0; i < 600; i++) {
                ids.add("shaky-" + i);
                later("shaky-" + i, "shaky_get_thing", "shaky" + i % 4, THING, 20_000);
            }
            agent.flush();
            agent.awaitReplies(ids, BOUND);
            assertThat(requests.get()).isLessThanOrEqualTo(660);
            List<ToolReply> replies = ids.stream().map(agent::reply).toList();
            assertThat(replies).anySatisfy(reply -> {
                assertThat(reply.getError()).isNull();
                assertThat(reply.getStats().getAttempts()).isGreaterThan(1);
            });
            assertThat(replies)
                    .filteredOn(reply -> reply.getError() != null)
                    .allSatisfy(reply -> assertThat(reply.getError().getCode()).isEqualTo("UNAVAILABLE"));
        }
    }

    private static void later(String id, String tool, String connection, String arguments, int timeoutMillis) {
        String call = agent.json(id, tool, connection, arguments);
        agent.publishLater(
                agent.calls(tool),
                Rig.TENANT + "/" + connection,
                call.substring(0, call.length() - 1) + ",\"timeout_ms\":" + timeoutMillis + "}");
    }

    @Test
    void endlessBodiesAndBombsAreCappedInPagesAndTraversalsAndTheWorkerStaysWell() {
        Map<Fault.Kind, String> kinds = Map.of(
                Fault.Kind.ENDLESS, "RESULT_TOO_LARGE",
                Fault.Kind.GZIP_BOMB, "RESULT_TOO_LARGE",
                Fault.Kind.NESTING_BOMB, "MALFORMED_RESPONSE",
                Fault.Kind.NOT_JSON, "MALFORMED_RESPONSE");
        kinds.forEach((kind, code) -> {
            String id = "flood-" + kind;
            String connection = id.toLowerCase(Locale.ROOT).replace('_', '-');
            rig.fastConnection(connection);
            long read = rig.vendor().inject(Fault.of(kind).on("GET", CONTACTS));
            long write = rig.vendor().inject(Fault.of(kind).on("POST", CONTACTS));
            String create = "{\"properties\":{\"email\":\"" + connection + "@example.com\"}}";
            agent.call(id, "hubspot_list_contacts", connection, "{}");
            agent.traverse(id + "-all", "hubspot_list_contacts", connection, "{}", "");
            agent.call(id + "-write", "hubspot_create_contact", connection, create);
            assertThat(agent.reply(id).getError().getCode()).as(id).isEqualTo(code);
            List<ToolReply> all = agent.answer(id + "-all", BOUND);
            assertThat(all).as(id).hasSize(1);
            assertThat(all.getFirst().getError().getCode()).as(id).isEqualTo(code);
            ToolError written = agent.reply(id + "-write").getError();
            assertThat(written.getCode()).as("%s: %s", id, written).isIn(code, "OUTCOME_UNKNOWN");
            assertThat(written.getRetryable()).as(id).isFalse();
            assertThat(rig.vendor().writes("create", "contacts", connection + "@example.com"))
                    .as(id)
                    .isEqualTo(1);
            rig.vendor().removeFault(read);
            rig.vendor().removeFault(write);

            agent.call(id + "-well", "hubspot_list_contacts", connection, "{\"limit\":3}");
            assertThat(agent.reply(id + "-well").getError()).as(id).isNull();
        });
    }

    @Test
    void aLinkToAnotherHostIsNeverFollowedNeitherPageByPageNorWhole() throws Exception {
        try (ScriptedServer collector = ScriptedServer.answering(Kiosk.ok("{\"items\":[{\"id\":\"stolen\"}]}"))) {
            List<String> foreign = List.of(
                    collector.uri("/things?page=2").toString(),
                    "http://localhost:" + collector.port() + "/things",
                    "//127.0.0.1:" + collector.port() + "/things",
                    "http://anybody@127.0.0.1:" + collector.port() + "/things",
                    "https://127.0.0.1:" + collector.port() + "/things");
            for (int i = 0; i < foreign.size(); i++) {
                String link = foreign.get(i);
                try (ScriptedServer vendor = Kiosk.answering(request -> request.contains("/shelves")
                        ? Kiosk.http("200 OK", "Link: <" + link + ">; rel=\"next\"\r\n", "[{\"id\":\"1\"}]")
                        : Kiosk.ok("{\"items\":[{\"id\":\"1\"}],\"next\":\"" + link + "\"}"))) {
                    Kiosk.connect(rig, "linking", "linking" + i, vendor);
                    for (String tool : List.of("linking_list_things", "linking_list_shelves")) {
                        agent.call(tool + i, tool, "linking" + i, "{}");
                        agent.traverse(tool + i + "-all", tool, "linking" + i, "{}", "");
                        ToolError page = agent.reply(tool + i).getError();
                        assertThat(page.getCode()).as(link).isEqualTo("MALFORMED_RESPONSE");
                        assertThat(agent.reply(tool + i).getNextCursor())
                                .as(link)
                                .isNull();
                        ToolReply all = agent.answer(tool + i + "-all", BOUND).getLast();
                        assertThat(all.getError().getCode()).as(link).isEqualTo("MALFORMED_RESPONSE");
                        // It would be the same again, so nobody asks again.
                        assertThat(all.getStats().getAttempts()).as(link).isEqualTo(1);
                    }
                }
            }
            // Nor does a redirect lead a credential away.
            try (ScriptedServer vendor = Kiosk.answering(
                    request -> Kiosk.http("302 Found", "Location: " + collector.uri("/things/T-1") + "\r\n", "{}"))) {
                Kiosk.connect(rig, "linking", "redirecting", vendor);
                agent.call("redirected", "linking_get_thing", "redirecting", THING);
                assertThat(agent.reply("redirected").getError()).isNotNull();
            }
            assertThat(collector.connections()).isZero();
            assertThat(breakers()).containsEntry("linking", "CLOSED");
        }
    }

    @Test
    void aRedirectIsFollowedOnceWithTheSameRequestAndOnlyWithinTheServer() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (ScriptedServer vendor = Kiosk.answering(request -> {
            seen.add(request.substring(0, request.indexOf(" HTTP/")));
            if (request.startsWith("GET /things/moved ")) {
                return Kiosk.http("301 Moved Permanently", "Location: /items/7?x=1\r\n", "{}");
            }
            if (request.startsWith("POST /things ")) {
                return Kiosk.http("307 Temporary Redirect", "Location: /items\r\n", "{}");
            }
            if (request.startsWith("PUT /things/")) {
                return Kiosk.http("302 Found", "Location: /items\r\n", "{}");
            }
            if (request.startsWith("GET /things/")) {
                return Kiosk.http("308 Permanent Redirect", "Location: /things/round\r\n", "{}");
            }
            assertThat(request).contains("Authorization: Bearer " + Kiosk.TOKEN);
            return Kiosk.ok("{\"body\":" + request.endsWith("{\"id\":\"T-1\"}") + "}");
        })) {
            Kiosk.connect(rig, "linking", "moving", vendor);
            agent.call("moved", "linking_get_thing", "moving", "{\"id\":\"moved\"}");
            assertThat(agent.reply("moved").getError()).isNull();
            assertThat(agent.reply("moved").getStats().getAttempts()).isEqualTo(2);
            agent.call("moved-write", "linking_add_thing", "moving", THING);
            assertThat(agent.reply("moved-write").getContent()).isEqualTo("{\"body\":true}");
            agent.call("moved-put", "linking_put_thing", "moving", THING);
            assertThat(agent.reply("moved-put").getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
            agent.call("moved-round", "linking_get_thing", "moving", "{\"id\":\"round\"}");
            assertThat(agent.reply("moved-round").getError().getCode()).isEqualTo("MALFORMED_RESPONSE");
        }
        assertThat(seen)
                .containsExactly(
                        "GET /things/moved",
                        "GET /items/7?x=1",
                        "POST /things",
                        "POST /items",
                        "PUT /things/T-1",
                        "GET /things/round",
                        "GET /things/round");
        assertThat(breakers()).containsEntry("linking", "CLOSED");
    }

    @Test
    void aRepeatedCursorEndsThePageAndTheTraversalBehindWhatWasRead() {
        rig.fastConnection("repeating");
        grant("repeating");
        String hubspot = "hubspot_list_contacts";
        String soql = "{\"soql\":\"SELECT Id FROM Contact\",\"limit\":200}";
        agent.call("repeat-hubspot-1", hubspot, "repeating", "{\"limit\":10}");
        agent.call("repeat-salesforce-1", "salesforce_query", "repeating-org", soql);
        String hubspotCursor = agent.reply("repeat-hubspot-1").getNextCursor();
        String salesforceCursor = agent.reply("repeat-salesforce-1").getNextCursor();
        long inHubSpot = rig.vendor().inject(Fault.of(Fault.Kind.REPEAT_CURSOR).on("GET", CONTACTS));
        long inSalesforce = salesforce.inject(Fault.of(Fault.Kind.REPEAT_CURSOR));

        agent.call("repeat-hubspot-2", hubspot, "repeating", cursor(hubspotCursor));
        agent.call("repeat-salesforce-2", "salesforce_query", "repeating-org", cursor(salesforceCursor));
        agent.traverse("repeat-hubspot-all", hubspot, "repeating", "{\"limit\":10}", "");
        agent.traverse("repeat-salesforce-all", "salesforce_query", "repeating-org", soql, "");
        for (String vendor : List.of("hubspot", "salesforce")) {
            assertThat(agent.reply("repeat-" + vendor + "-2").getError().getCode())
                    .isEqualTo("MALFORMED_RESPONSE");
            List<ToolReply> all = agent.answer("repeat-" + vendor + "-all", BOUND);
            assertThat(all).as(vendor).hasSize(2);
            assertThat(all.getFirst().getError()).as(vendor).isNull();
            assertThat(all.getLast().getError().getCode()).as(vendor).isEqualTo("MALFORMED_RESPONSE");
        }
        rig.vendor().removeFault(inHubSpot);
        salesforce.removeFault(inSalesforce);
    }

    @Test
    void aCursorThatTheVendorHasForgottenIsInvalid() {
        grant("forgotten");
        String soql = "{\"soql\":\"SELECT Id FROM Contact\",\"limit\":200}";
        agent.call("forgotten-1", "salesforce_query", "forgotten-org", soql);
        String cursor = agent.reply("forgotten-1").getNextCursor();
        // Locators live for two days; the access token ends meanwhile too and is fetched anew.
        salesforce.advanceClock(Duration.ofDays(3));

        agent.call("forgotten-2", "salesforce_query", "forgotten-org", cursor(cursor));
        agent.traverse("forgotten-3", "salesforce_query", "forgotten-org", cursor(cursor), "");
        for (ToolReply reply : List.of(
                agent.reply("forgotten-2"), agent.answer("forgotten-3", BOUND).getLast())) {
            assertThat(reply.getError().getCode()).isEqualTo("INVALID_CURSOR");
            assertThat(reply.getError().getVendorCode()).isEqualTo("INVALID_QUERY_LOCATOR");
            assertThat(reply.getError().getRetryable()).isFalse();
            assertThat(reply.getError().getRemedy()).contains("first page");
        }
        agent.call("forgotten-4", "salesforce_query", "forgotten-org", soql);
        assertThat(agent.reply("forgotten-4").getError()).isNull();
    }

    @Test
    void whenPage500Of1000FailsWhatWasReadStaysAndTheCursorBringsTheRestOnce() {
        rig.fastConnection("long");
        long fault = rig.vendor().inject(Fault.status(500).on("GET", CONTACTS).skip(499));
        agent.traverse("long", "hubspot_list_contacts", "long", "{\"limit\":10}", "");
        List<ToolReply> first = agent.answer("long", Duration.ofSeconds(60));
        rig.vendor().removeFault(fault);

        ToolReply broken = first.getLast();
        assertThat(broken.getError().getCode()).isEqualTo("UNAVAILABLE");
        assertThat(broken.getError().getRetryable()).isTrue();
        assertThat(broken.getStats().getPages()).isEqualTo(499);
        assertThat(first).hasSize(500);
        agent.traverse("rest", "hubspot_list_contacts", "long", "{}", ",\"cursor\":\"" + broken.getNextCursor() + "\"");
        List<String> ids = new ArrayList<>(ids(first.subList(0, 499)));
        assertThat(ids).hasSize(4_990);
        ids.addAll(ids(agent.answer("rest", BOUND)));
        assertThat(ids).doesNotHaveDuplicates().hasSizeBetween(10_000, 10_004);
    }

    /** An answer with the status of a success that is none, or the other way round. */
    private record Lie(
            String id, String tool, String answer, @Nullable String code, int requests) {}

    private static List<Lie> lies() {
        String limited = "{\"ok\":false,\"error\":\"rate_limited\"}";
        return List.of(
                new Lie(
                        "200-not-found",
                        "get_thing",
                        Kiosk.ok("{\"ok\":false,\"error\":\"not_found\"}"),
                        "NOT_FOUND",
                        1),
                new Lie(
                        "200-anything-else",
                        "add_thing",
                        Kiosk.ok("{\"ok\":false,\"error\":\"closed\"}"),
                        "REJECTED",
                        1),
                new Lie(
                        "200-bad-cursor",
                        "list_things",
                        Kiosk.ok("{\"ok\":false,\"error\":\"bad_cursor\"}"),
                        "INVALID_CURSOR",
                        1),
                new Lie(
                        "200-expired",
                        "get_thing",
                        Kiosk.ok("{\"ok\":false,\"error\":\"token_expired\"}"),
                        "REAUTHORIZATION_REQUIRED",
                        1),
                new Lie("200-internal-read", "get_thing", Kiosk.ok("{\"ok\":false,\"error\":\"internal\"}"), null, 2),
                new Lie(
                        "200-internal-write",
                        "add_thing",
                        Kiosk.ok("{\"ok\":false,\"error\":\"internal\"}"),
                        "OUTCOME_UNKNOWN",
                        1),
                new Lie("200-rate-limit", "add_thing", Kiosk.ok(limited), null, 2),
                new Lie("400-rate-limit", "add_thing", Kiosk.http("400 Bad Request", "", limited), null, 2),
                new Lie("503-rate-limit", "add_thing", Kiosk.http("503 Service Unavailable", "", limited), null, 2),
                new Lie(
                        "403-rate-limit",
                        "add_thing",
                        Kiosk.http("403 Forbidden", "X-RateLimit-Remaining: 0\r\n", "{}"),
                        null,
                        2),
                new Lie(
                        "403-without-its-sign",
                        "add_thing",
                        Kiosk.http("403 Forbidden", "", "{}"),
                        "INSUFFICIENT_SCOPE",
                        1),
                new Lie(
                        "400-without-its-sign",
                        "add_thing",
                        Kiosk.http("400 Bad Request", "", "{}"),
                        "INVALID_ARGUMENTS",
                        1),
                new Lie(
                        "503-without-its-sign",
                        "add_thing",
                        Kiosk.http("503 Service Unavailable", "", "{}"),
                        "OUTCOME_UNKNOWN",
                        1));
    }

    @Test
    void theConnectorsRulesSeeThroughErrorsWithAStatusOfSuccessAndRateLimitsWithAnyStatus() throws Exception {
        Map<String, AtomicInteger> requests = new HashMap<>();
        for (Lie lie : lies()) {
            AtomicInteger count = new AtomicInteger();
            requests.put(lie.id(), count);
            Kiosk.connect(
                    rig,
                    "lying",
                    lie.id(),
                    rig.owns(Kiosk.answering(request ->
                            count.getAndIncrement() == 0 ? lie.answer() : Kiosk.ok("{\"ok\":true,\"items\":[]}"))));
            agent.call(lie.id(), "lying_" + lie.tool(), lie.id(), lie.tool().equals("list_things") ? "{}" : THING);
        }
        for (Lie lie : lies()) {
            ToolReply reply = agent.reply(lie.id());
            assertThat(reply.getError() == null ? null : reply.getError().getCode())
                    .as("%s: %s", lie, reply)
                    .isEqualTo(lie.code());
            assertThat(requests.get(lie.id())).as(lie.id()).hasValue(lie.requests());
            if (lie.id().endsWith("rate-limit")) {
                assertThat(reply.getStats().getWaitedMs()).as(lie.id()).isGreaterThanOrEqualTo(900);
            }
        }
        assertThat(breakers()).containsEntry("lying", "CLOSED");
    }

    private static Map<String, String> breakers() {
        Map<String, String> byVendor = new HashMap<>();
        worker.status().stream()
                .filter(status -> status.pool().equals("hubspot"))
                .findFirst()
                .orElseThrow()
                .breakers()
                .forEach((server, position) -> byVendor.merge(
                        server.substring(0, server.indexOf(' ')),
                        position,
                        (one, other) -> one.equals("CLOSED") ? other : one));
        return byVendor;
    }

    private static String cursor(String cursor) {
        return "{\"next_cursor\":\"" + cursor + "\"}";
    }

    private static List<String> ids(List<ToolReply> frames) {
        List<String> ids = new ArrayList<>();
        for (ToolReply frame : frames) {
            for (JsonNode record : JSON.readTree(frame.getContent())) {
                ids.add(record.path("id").asString());
            }
        }
        return ids;
    }

    private static void grant(String name) {
        OAuthGrant grant = salesforce.grant(GrantSpec.usual());
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT,
                        name + "-org",
                        "salesforce",
                        "oauth2",
                        Map.of(
                                "base_url", salesforce.uri().toString(),
                                "token_url", grant.tokenUri().toString()),
                        Map.of(),
                        Set.of(),
                        Map.of()),
                OAuthVendor.secret(grant, grant.expiresAtMillis()));
    }
}
