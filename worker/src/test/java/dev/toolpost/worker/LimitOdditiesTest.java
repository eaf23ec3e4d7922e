package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.ToolError;
import dev.toolpost.message.ToolReply;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.LimitOverride;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.ScriptedServer;
import dev.toolpost.worker.rig.Agent;
import dev.toolpost.worker.rig.Rig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The oddest ways in which vendors limit and ask for patience, each from a definition through a whole worker to a vendor that does so. */
@Timeout(120)
class LimitOdditiesTest {

    private static final String DEFINITION = """
            vendor: VENDOR
            title: Vendor
            pool: hubspot
            base_url: "{api}"
            variables:
              api: { kind: url, title: Address, description: Where the vendor is. }
            auth:
              - kind: bearer
            retry: { max_attempts: 3, min_delay: 1ms, max_delay: 1ms, waits: [] }
            tools:
              get_thing:
                description: Returns a thing.
                effect: read
                arguments:
                  type: object
                  properties: { ids: { type: array, items: { type: string }, description: "Ids, for example T-1." } }
                request: { path: /things, query: { ids: "{ids}" } }
              list_things:
                description: Lists things.
                effect: read
                request: { path: /things }
              query:
                description: Asks the graph.
                effect: read
                request: { method: POST, path: /graph }
            """;

    private static Rig rig;
    private static Agent agent;

    @BeforeAll
    static void start() {
        rig = Rig.start();
        vendor("textwait", """
                errors:
                  rules:
                    - when: { status: 403, body: { /error/message: { matches: "(?i)rate limit" } } }
                      means: THROTTLED
                      wait:
                        - { body: /error/message, matches: "[Rr]etry after ([0-9T:.Z-]+)", form: date }
                """);
        vendor("badrequest", """
                errors:
                  rules:
                    - when: { status: 400, body: { /errors/0/extensions/code: RATELIMITED } }
                      means: THROTTLED
                      wait: [{ header: X-Requests-Reset, form: epoch_millis }]
                """);
        vendor("rated", """
                errors:
                  rules:
                    - when: { status: 429 }
                      means: THROTTLED
                      wait: [{ header: X-Rate-Limit, form: rate, max: 1m }]
                """);
        vendor("windows", """
                errors:
                  rules:
                    - when: { status: [429, 503], headers: { X-Day-Remaining: { exists: true } } }
                      means: THROTTLED
                      wait: &both
                        - latest:
                            - { header: X-Minute-Reset, form: epoch_millis, remaining: { header: X-Minute-Remaining } }
                            - { header: X-Day-Reset, form: epoch_millis, remaining: { header: X-Day-Remaining } }
                """);
        vendor("seats", """
                errors:
                  rules:
                    - when: { status: 429 }
                      means: THROTTLED
                      wait:
                        - latest:
                            - { header: X-User-Reset, form: seconds, remaining: { header: X-User-Remaining } }
                            - { header: X-Org-Reset, form: seconds, remaining: { header: X-Org-Remaining } }
                """);
        vendor("quota", """
                limits:
                  tokens:
                    scope: connection
                    kind: fixed
                    permits: 50
                    window: 1d
                    resets_at: "RESETS_AT"
                    time_zone: Europe/Prague
                    interactive_reserve: 0
                    costs: { list_things: 20 }
                    cost_from: { argument: ids, times: 2, default: 1 }
                """.replace("RESETS_AT", farFromNow().toString()));
        vendor("pools", """
                limits:
                  rest: { scope: group, kind: sliding, permits: 1000, window: 1h, tools: [get_thing, list_things] }
                  graph: { scope: group, kind: sliding, permits: 1000, window: 1h, tools: [query] }
                errors:
                  rules:
                    - when: { status: 429, headers: { X-Resource: graph } }
                      means: THROTTLED
                      pause: 10m
                      limits: [graph]
                """);
        vendor("tillmidnight", """
                errors:
                  rules:
                    - when: { status: 403, body: { /errors/0: { matches: "request limit for today" } } }
                      means: THROTTLED
                      wait: [{ form: midnight, time_zone: ZONE }]
                """.replace("ZONE", lateEvening().toString()));
        vendor("graphcost", """
                limits:
                  points:
                    scope: connection
                    kind: token
                    permits: 1000
                    window: 1h
                    interactive_reserve: 0
                    cost: 400
                    settle: { body: /extensions/cost/actual }
                """);
        vendor("shared", """
                limits:
                  requests:
                    scope: connection
                    kind: fixed
                    permits: 1000
                    window: 1h
                    interactive_reserve: 0
                    corrections:
                      when: { X-Resource: core }
                      remaining: { header: X-Remaining }
                      reset: { header: X-Reset, form: duration }
                """);
        vendor("growing", """
                errors:
                  rules:
                    - { when: { status: 429 }, means: THROTTLED, pause: 300ms, pause_max: 2s }
                """);
        rig.worker();
        agent = rig.agent();
    }

    /** A time of day in Prague that no run of this test crosses. */
    private static LocalTime farFromNow() {
        return ZonedDateTime.now(ZoneId.of("Europe/Prague"))
                .toLocalTime()
                .plusHours(6)
                .truncatedTo(ChronoUnit.MINUTES);
    }

    /** A zone in which midnight is one to two hours away, whenever this runs. */
    private static ZoneId lateEvening() {
        int hours = 22 - Instant.now().atZone(ZoneId.of("UTC")).getHour();
        return ZoneId.of(
                String.format(Locale.ROOT, "%+03d:00", hours < -12 ? hours + 24 : hours > 12 ? hours - 24 : hours));
    }

    private static void vendor(String name, String more) {
        rig.withConnector(name, DEFINITION.replace("VENDOR", name) + more);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @Test
    void theWaitStandsOnlyInTheTextOfTheError() throws Exception {
        AtomicInteger requests = serve(
                "textwait",
                n -> n > 1
                        ? Kiosk.ok("{}")
                        : Kiosk.http(
                                "403 Forbidden",
                                "",
                                "{\"error\":{\"message\":\"User-rate limit exceeded.  Retry after "
                                        + Instant.now().plusMillis(2_000).truncatedTo(ChronoUnit.MILLIS) + "\"}}"));
        ToolReply reply = call("textwait", "get_thing", "{}");
        assertThat(reply.getError()).isNull();
        assertThat(reply.getStats().getWaitedMs()).isBetween(1_500L, 6_000L);
        assertThat(requests).hasValue(2);
    }

    @Test
    void aThrottleComesAsABadRequest() throws Exception {
        AtomicInteger requests = serve(
                "badrequest",
                n -> n > 1
                        ? Kiosk.ok("{}")
                        : Kiosk.http(
                                "400 Bad Request",
                                "X-Requests-Reset: " + (System.currentTimeMillis() + 2_000) + "\r\n",
                                "{\"errors\":[{\"extensions\":{\"code\":\"RATELIMITED\"}}]}"));
        ToolReply reply = call("badrequest", "get_thing", "{}");
        assertThat(reply.getError()).isNull();
        assertThat(reply.getStats().getWaitedMs()).isBetween(1_500L, 6_000L);
        assertThat(requests).hasValue(2);
    }

    @Test
    void theHeaderIsARateAndNotAWait() throws Exception {
        serve(
                "rated",
                n -> n > 1 ? Kiosk.ok("{}") : Kiosk.http("429 Too Many Requests", "X-Rate-Limit: 0.5\r\n", "{}"));
        ToolReply reply = call("rated", "get_thing", "{}");
        assertThat(reply.getError()).isNull();
        assertThat(reply.getStats().getWaitedMs()).isBetween(2_000L, 6_000L);
    }

    @Test
    void ofTwoWindowsTheOneThatIsUsedUpIsWaitedForAnd503IsALimit() throws Exception {
        long now = System.currentTimeMillis();
        serve("windows", n -> switch (n) {
            case 1 -> Kiosk.http("503 Service Unavailable", windows(0, now + 1_500, 40, now + 9_999_999), "{}");
            case 2 -> Kiosk.ok("{}");
            default -> Kiosk.http("429 Too Many Requests", windows(0, now + 60_000, 0, now + 7_200_000), "{}");
        });
        ToolReply minute = call("windows", "get_thing", "{}");
        assertThat(minute.getError()).isNull();
        assertThat(minute.getStats().getWaitedMs()).isLessThan(8_000);

        ToolError day = call("windows", "get_thing", "{}").getError();
        assertThat(day.getCode()).isEqualTo("RATE_LIMITED");
        assertThat(day.getRetryAt() - now)
                .isBetween(
                        Duration.ofMinutes(119).toMillis(),
                        Duration.ofMinutes(121).toMillis());
    }

    private static String windows(int minuteLeft, long minuteReset, int dayLeft, long dayReset) {
        return "X-Minute-Remaining: " + minuteLeft + "\r\nX-Minute-Reset: " + minuteReset + "\r\nX-Day-Remaining: "
                + dayLeft + "\r\nX-Day-Reset: " + dayReset + "\r\n";
    }

    @Test
    void theResetsOfUserAndOrganisationComeTogether() throws Exception {
        serve(
                "seats",
                n -> Kiosk.http(
                        "429 Too Many Requests",
                        "X-User-Remaining: 0\r\nX-User-Reset: 600\r\nX-Org-Remaining: 0\r\nX-Org-Reset: 1200\r\n",
                        "{}"));
        long now = System.currentTimeMillis();
        assertThat(call("seats", "get_thing", "{}").getError().getRetryAt() - now)
                .isBetween(1_195_000L, 1_260_000L);
    }

    @Test
    void aListCostsTwentyTokensOfADailyBudget() throws Exception {
        AtomicInteger requests = serve("quota", n -> Kiosk.ok("{}"));
        assertThat(call("quota", "list_things", "{}").getError()).isNull();
        assertThat(call("quota", "list_things", "{}").getError()).isNull();
        // 10 of 50 are left: too few for a list, and the day ends later than any deadline.
        ToolError error = call("quota", "list_things", "{}").getError();
        assertThat(error.getCode()).isEqualTo("RATE_LIMITED");
        assertThat(error.getRetryAt() - System.currentTimeMillis())
                .isBetween(Duration.ofHours(5).toMillis(), Duration.ofHours(7).toMillis());
        assertThat(call("quota", "get_thing", "{\"ids\":[\"a\",\"b\",\"c\",\"d\"]}")
                        .getError())
                .isNull();
        assertThat(call("quota", "get_thing", "{}").getError()).isNull();
        assertThat(call("quota", "get_thing", "{}").getError()).isNull();
        assertThat(call("quota", "get_thing", "{}").getError().getCode()).isEqualTo("RATE_LIMITED");
        assertThat(requests).hasValue(5);
    }

    @Test
    void aCallThatCostsMoreThanTheLimitIsRefusedAtOnce() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        connect(
                "quota",
                "costly",
                rig.owns(Kiosk.answering(request -> {
                    requests.incrementAndGet();
                    return Kiosk.ok("{}");
                })),
                Map.of("tokens", new LimitOverride(15, null)));
        String ids = "\"x\",".repeat(7) + "\"x\"";
        agent.call("costly", "quota_get_thing", "costly", "{\"ids\":[" + ids + "]}");
        ToolError error = agent.reply("costly").getError();
        assertThat(error.getCode()).isEqualTo("INVALID_ARGUMENTS");
        assertThat(error.getMessage())
                .contains("16 permits of the limit tokens")
                .contains("at most 15");
        assertThat(error.getFields().getFirst().getPath()).isEqualTo("/ids");

        // This plan is too small for a list whatever it asks for, which is not the caller's to mend.
        agent.call("costly-list", "quota_list_things", "costly", "{}");
        assertThat(agent.reply("costly-list").getError().getCode()).isEqualTo("INTERNAL");
        assertThat(requests).hasValue(0);
    }

    @Test
    void thePoolsOfRestAndGraphDoNotBlockOneAnother() throws Exception {
        AtomicInteger graph = new AtomicInteger();
        connect(
                "pools",
                "pools",
                rig.owns(Kiosk.answering(request -> {
                    if (!request.startsWith("POST /graph")) {
                        return Kiosk.ok("{}");
                    }
                    graph.incrementAndGet();
                    return Kiosk.http("429 Too Many Requests", "X-Resource: graph\r\n", "{}");
                })),
                Map.of());
        assertThat(call("pools", "query", "{}").getError().getCode()).isEqualTo("RATE_LIMITED");
        assertThat(call("pools", "get_thing", "{}").getError()).isNull();
        assertThat(call("pools", "query", "{}").getError().getCode()).isEqualTo("RATE_LIMITED");
        assertThat(call("pools", "list_things", "{}").getError()).isNull();
        assertThat(graph).as("asked again while its pool is paused").hasValue(1);
    }

    @Test
    void aQuotaOfTheDayIsWaitedForUntilMidnight() throws Exception {
        serve(
                "tillmidnight",
                n -> Kiosk.http(
                        "403 Forbidden", "", "{\"errors\":[\"You have reached your request limit for today.\"]}"));
        ZoneId zone = lateEvening();
        Instant midnight = ZonedDateTime.now(zone)
                .toLocalDate()
                .plusDays(1)
                .atStartOfDay(zone)
                .toInstant();
        ToolError error = call("tillmidnight", "get_thing", "{}").getError();
        assertThat(error.getCode()).isEqualTo("RATE_LIMITED");
        assertThat(Instant.ofEpochMilli(error.getRetryAt()))
                .isBetween(midnight.minusSeconds(2), midnight.plusSeconds(5));
    }

    @Test
    void whatAQueryHasCostIsSettledFromItsAnswer() throws Exception {
        AtomicInteger requests = serve(
                "graphcost", n -> Kiosk.ok("{\"extensions\":{\"cost\":{\"actual\":" + (n < 4 ? 100 : 700) + "}}}"));
        // 400 are taken and 300 given back, three times: 700 are left, and the fourth costs them all.
        for (int i = 0; i < 4; i++) {
            assertThat(call("graphcost", "query", "{}").getError()).isNull();
        }
        assertThat(call("graphcost", "query", "{}").getError().getCode()).isEqualTo("RATE_LIMITED");
        assertThat(requests).hasValue(4);
    }

    @Test
    void whatOthersSpendIsLearntFromTheAnswers() throws Exception {
        AtomicInteger requests = serve(
                "shared",
                n -> Kiosk.http(
                        "200 OK",
                        n == 1
                                ? "X-Resource: search\r\nX-Remaining: 0\r\nX-Reset: 30m\r\n"
                                : "X-Resource: core\r\nX-Remaining: " + (3 - n) + "\r\nX-Reset: 30m\r\n",
                        "{}"));
        assertThat(call("shared", "get_thing", "{}").getError()).isNull();
        assertThat(call("shared", "get_thing", "{}").getError()).isNull();
        assertThat(call("shared", "get_thing", "{}").getError()).isNull();
        ToolError error = call("shared", "get_thing", "{}").getError();
        assertThat(error.getCode()).isEqualTo("RATE_LIMITED");
        assertThat(error.getRetryAt() - System.currentTimeMillis())
                .isBetween(
                        Duration.ofMinutes(29).toMillis(),
                        Duration.ofMinutes(31).toMillis());
        assertThat(requests).hasValue(3);
    }

    @Test
    void thePauseGrowsWithEveryThrottleInARow() throws Exception {
        serve("growing", n -> n < 4 ? Kiosk.http("429 Too Many Requests", "", "{}") : Kiosk.ok("{}"));
        ToolReply reply = call("growing", "get_thing", "{}");
        assertThat(reply.getError()).isNull();
        // 300, 600 and 1,200 ms.
        assertThat(reply.getStats().getWaitedMs()).isBetween(2_000L, 8_000L);
    }

    private static final AtomicInteger CALLS = new AtomicInteger();

    private static ToolReply call(String vendor, String tool, String arguments) {
        String id = vendor + "-" + CALLS.incrementAndGet();
        agent.call(id, vendor + "_" + tool, vendor, arguments, ",\"timeout_ms\":25000");
        return agent.reply(id);
    }

    /** A vendor that answers by the number of the request, from 1, with a connection of its name. */
    private static AtomicInteger serve(String vendor, IntFunction<String> answer) throws IOException {
        AtomicInteger requests = new AtomicInteger();
        connect(
                vendor,
                vendor,
                rig.owns(Kiosk.answering(request -> answer.apply(requests.incrementAndGet()))),
                Map.of());
        return requests;
    }

    private static void connect(
            String vendor, String connection, ScriptedServer server, Map<String, LimitOverride> limits) {
        rig.connection(
                new ConnectionRecord(
                        Rig.TENANT,
                        connection,
                        vendor,
                        "bearer",
                        Map.of("api", server.uri("").toString()),
                        limits,
                        Set.of(),
                        Map.of()),
                Secret.of("token", Kiosk.TOKEN));
    }
}
