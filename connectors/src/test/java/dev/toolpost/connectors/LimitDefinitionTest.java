package dev.toolpost.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Limits and waits as definitions write them. */
class LimitDefinitionTest {

    private static final ConnectorLinter LINTER = new ConnectorLinter(new ConnectorLoader());

    @Test
    void costsAreConstantOrByToolOrFromAnArgument() {
        Limit limit = limit("""
                {scope: connection, kind: sliding, permits: 100, window: 1m, cost: 2, costs: {create_thing: 0, list_things: 20},
                 cost_from: {argument: fields, times: 0.5, plus: 1, default: 3, max: 10}}""");
        LimitCost cost = limit.cost();

        assertThat(limit.counts("acme_create_thing")).isFalse();
        assertThat(limit.counts("acme_list_things")).isTrue();
        assertThat(cost.standard("acme_list_things")).isEqualTo(20);
        assertThat(cost.depends("acme_list_things")).isFalse();
        assertThat(cost.depends("acme_get_thing")).isTrue();
        assertThat(costOf(cost, "{}")).isEqualTo(3);
        assertThat(costOf(cost, "{\"fields\": \"all\"}")).isEqualTo(3);
        assertThat(costOf(cost, "{\"fields\": []}")).isEqualTo(1);
        assertThat(costOf(cost, "{\"fields\": [1, 2, 3]}")).isEqualTo(3);
        assertThat(costOf(cost, "{\"fields\": 17.5}")).isEqualTo(10);
        assertThat(costOf(cost, "{\"fields\": -4}")).isEqualTo(1);
        assertThat(costOf(cost, "{\"fields\": 1e300}")).isEqualTo(10);
    }

    @Test
    void anExpressionOverTheArgumentsMayDecideTheCost() {
        LimitCost cost = limit("""
                {scope: connection, kind: sliding, permits: 100, window: 1m,
                 cost_from: {expression: "$count(fields) * 0.5 + wide", default: 2, max: 9}}""").cost();

        assertThat(cost.depends("acme_get_thing")).isTrue();
        assertThat(cost.standard("acme_get_thing")).isEqualTo(2);
        assertThat(costOf(cost, "{\"fields\": [1, 2, 3], \"wide\": 1}")).isEqualTo(3);
        assertThat(costOf(cost, "{\"fields\": [1, 2, 3]}"))
                .as("nothing comes of it")
                .isEqualTo(2);
        assertThat(costOf(cost, "{\"wide\": -7}")).isEqualTo(1);
        assertThat(costOf(cost, "{\"wide\": 1e300}")).isEqualTo(9);
        assertThat(costOf(cost, "{\"wide\": \"x\"}")).as("it fails").isEqualTo(9);
        refused(
                "{scope: connection, kind: sliding, permits: 5, window: 1m, cost_from: {expression: '1', max: 6}}",
                "a call that costs 6 never gets its permits of 5");
        refused(
                "{scope: connection, kind: sliding, permits: 5, window: 1m, cost_from: {expression: 'a/b', max: 5}}",
                "regular expressions are refused");
    }

    @Test
    void eachValueOfAnArgumentMayHavePermitsOfItsOwn() {
        Limit limit =
                limit("{scope: group, kind: sliding, permits: 1, window: 1s, per: {argument: id}, tools: [get_thing]}");

        assertThat(limit.perArgument()).isEqualTo("id");
        assertThat(limit.with(5, null).perArgument()).isEqualTo("id");
        assertThat(share(limit, "{\"id\": \"C1\"}")).isEqualTo("C1");
        assertThat(share(limit, "{\"id\": 7}")).isEqualTo("7");
        assertThat(share(limit, "{}")).isEmpty();
        assertThat(share(
                        limit("{scope: group, kind: sliding, permits: 1, window: 1s, tools: [get_thing]}"),
                        "{\"id\": \"C1\"}"))
                .isEmpty();
        refused(
                "{scope: connection, kind: sliding, permits: 5, window: 1m, per: {argument: id}}",
                "not every tool has the argument 'id'");
        refused(
                "{scope: group, kind: sliding, permits: 5, window: 1m, per: {argument: idd}, tools: [get_thing]}",
                "acme_get_thing has no argument 'idd'");
        refused(
                "{scope: group, kind: sliding, permits: 5, window: 1m, per: {argument: id}, settle: {body: /cost}, tools: [get_thing]}",
                "settle does not go with this kind of limit");
    }

    @Test
    void weatherWeighsByVariablesAndDays() {
        LimitCost weight = Objects.requireNonNull(ConnectorCatalogue.bundled().byVendor("openmeteo"))
                .limits()
                .getFirst()
                .cost();
        String twelve = "\"hourly\":[1,2,3,4,5,6,7,8,9,10,11,12]";

        assertThat(weigh(weight, "geocode", "{\"name\":\"Bern\"}")).isEqualTo(1);
        assertThat(weigh(weight, "forecast", "{\"current\":[1,2],\"forecast_days\":14}"))
                .isEqualTo(1);
        assertThat(weigh(weight, "forecast", "{" + twelve + "}")).isEqualTo(2);
        assertThat(weigh(weight, "forecast", "{" + twelve + ",\"past_days\":92}"))
                .isEqualTo(9);
        assertThat(weigh(
                        weight,
                        "history",
                        "{" + twelve + ",\"start_date\":\"2025-01-01\",\"end_date\":\"2025-12-31\"}"))
                .isEqualTo(32);
        assertThat(weigh(
                        weight,
                        "history",
                        "{" + twelve + ",\"start_date\":\"1940-01-01\",\"end_date\":\"2025-12-31\"}"))
                .isEqualTo(600);
        assertThat(weigh(weight, "history", "{\"start_date\":\"soon\",\"end_date\":\"later\"}"))
                .isEqualTo(600);
    }

    private static int weigh(LimitCost cost, String tool, String arguments) {
        return cost.of("openmeteo_" + tool, JsonMapper.shared().readTree(arguments), null);
    }

    private static String share(Limit limit, String arguments) {
        return limit.share(JsonMapper.shared().readTree(arguments));
    }

    private static int costOf(LimitCost cost, String arguments) {
        return cost.of("acme_get_thing", JsonMapper.shared().readTree(arguments), null);
    }

    @Test
    void theSizeOfThePageMayDecideTheCost() {
        LimitCost cost = limit("""
                {scope: connection, kind: sliding, permits: 500, window: 1m, cost_from: {argument: limit, plus: 1}}""").cost();
        assertThat(cost.of("acme_list_things", JsonMapper.shared().createObjectNode(), 50))
                .isEqualTo(51);
        assertThat(cost.of("acme_get_thing", JsonMapper.shared().createObjectNode(), null))
                .isEqualTo(1);
    }

    @Test
    void answersSettleAndCorrectALimit() {
        Feedback feedback = limit("""
                {scope: connection, kind: token, permits: 100, window: 1m, settle: {body: /cost},
                 corrections: {when: {X-Resource: core}, remaining: {header: X-Left}, used: {header: X-Use, matches: "=([0-9]+)/"},
                               limit: {header: X-Most}, reset: {header: X-Reset, form: epoch_seconds}}}""").feedback();
        assertThat(feedback.isSilent()).isFalse();
        assertThat(feedback.when()).hasSize(1);
        assertThat(feedback.remaining()).isEqualTo(ValueSource.header("X-Left"));
        assertThat(feedback.used().extract().firstGroup("api-usage=18/15000")).isEqualTo("18");
        assertThat(feedback.reset().form()).isEqualTo(WaitSource.Form.EPOCH_SECONDS);
        assertThat(feedback.cost().place()).isInstanceOf(ValueSource.Body.class);
        assertThat(limit("{scope: connection, kind: token, permits: 1, window: 1m}")
                        .feedback()
                        .isSilent())
                .isTrue();
    }

    @Test
    void aDayResetsAtATimeOfAZoneAlsoWhenClocksChange() {
        WindowReset reset = limit("""
                {scope: connection, kind: fixed, permits: 100, window: 1d, resets_at: "00:00", time_zone: Europe/Prague}""").resetsAt();
        assertThat(reset).isEqualTo(new WindowReset(LocalTime.MIDNIGHT, ZoneId.of("Europe/Prague")));
        assertThat(reset.after(Instant.parse("2026-11-01T22:59:59Z"))).isEqualTo(Instant.parse("2026-11-01T23:00:00Z"));
        assertThat(reset.after(Instant.parse("2026-11-01T23:00:00Z"))).isEqualTo(Instant.parse("2026-11-02T23:00:00Z"));
        // The day on which summer time ended had 25 hours.
        assertThat(reset.after(Instant.parse("2026-10-24T22:00:00Z"))).isEqualTo(Instant.parse("2026-10-25T23:00:00Z"));
        assertThat(new WindowReset(LocalTime.of(2, 30), ZoneId.of("Europe/Prague"))
                        .after(Instant.parse("2026-03-28T12:00:00Z")))
                .as("a time that is left out comes when it would have")
                .isEqualTo(Instant.parse("2026-03-29T01:30:00Z"));
    }

    @Test
    void refusesLimitsThatCannotWork() {
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1m, cost: 11}",
                "costs 11 never gets its permits of 10");
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1m, costs: {get_thing: 20}}",
                "costs 20 never gets its permits of 10");
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1m, costs: {get_things: 2}}",
                "did you mean 'get_thing'?");
        refused(
                "{scope: group, tools: [get_thing], kind: sliding, permits: 10, window: 1m, costs: {list_things: 2}}",
                "unknown tool 'list_things'");
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1m, cost_from: {argument: weight}}",
                "no tool that the limit counts has the argument 'weight'");
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1m, cost_from: {argument: name, default: 12}}",
                "costs 12 never gets");
        refused(
                "{scope: connection, kind: concurrent, permits: 10, settle: {header: X}}",
                "settle does not go with this kind");
        refused(
                "{scope: connection, kind: sliding, permits: 10, window: 1d, resets_at: \"00:00\"}",
                "resets_at does not go with this kind of limit - write kind: fixed and window: 1d");
        refused(
                "{scope: connection, kind: fixed, permits: 10, window: 1d, resets_at: \"00:00\", time_zone: Europe/Prag}",
                "'Europe/Prag' (expected: a name like Europe/Prague");
        refused(
                "{scope: connection, kind: token, permits: 10, window: 1m, corrections: {reset: {header: X, form: seconds}}}",
                "nothing of the answer is named");
        refused(
                "{scope: connection, kind: token, permits: 10, window: 1m, settle: {header: X, matches: \"a(b)(c)\"}}",
                "the expression has 2 groups (expected: 1)");
        refused(
                "{scope: connection, kind: token, permits: 10, window: 1m, settle: {header: X, body: /a}}",
                "exclude each other");
    }

    private static void refused(String limit, String message) {
        assertThat(LINTER.lint("acme.yaml", withLimit(limit))).anySatisfy(problem -> {
            assertThat(problem.severity()).isEqualTo(Problem.Severity.ERROR);
            assertThat(problem.toString()).contains(message);
        });
    }

    @Test
    void limitsOfDifferentCostsDoNotHideEachOther() {
        assertThat(LINTER.lint(
                        "acme.yaml",
                        withLimit(
                                "{scope: connection, kind: sliding, permits: 10, window: 1m, costs: {get_thing: 0}}")))
                .isEmpty();
    }

    @Test
    void waitsAreReadFromAnywhereAndRulesHaveTheirOwn() {
        Connector connector = new ConnectorLoader()
                .load("acme.yaml", Definitions.acme("errors:\n", """
                retry:
                  waits:
                    - { header: X-Wait, form: duration, min: 1s, max: 1m }
                    - latest:
                        - { header: X-A, form: seconds, remaining: { header: X-A-Left } }
                        - { form: midnight, time_zone: Europe/Prague, remaining: { body: /left } }
                errors:
                """).replace("      pause: 2s\n", """
                      pause: 2s
                      pause_max: 5m
                      limits: [lists]
                      wait: [{ body: "", matches: "after ([0-9]+) s", form: seconds }]
                """));
        List<WaitRule> waits = connector.retry().waits();
        assertThat(waits).hasSize(2);
        assertThat(waits.get(0).sources().getFirst().max()).isEqualTo(Duration.ofMinutes(1));
        assertThat(waits.get(1).sources())
                .extracting(WaitSource::form)
                .containsExactly(WaitSource.Form.SECONDS, WaitSource.Form.MIDNIGHT);
        Patience patience = connector.errors().rules().getFirst().patience();
        assertThat(patience.pause()).isEqualTo(Duration.ofSeconds(2));
        assertThat(patience.pauseMax()).isEqualTo(Duration.ofMinutes(5));
        assertThat(patience.limits()).isEqualTo(Set.of("lists"));
        assertThat(patience.waits()).hasSize(1);
        assertThat(connector.errors().rules().get(1).patience()).isEqualTo(Patience.NONE);
    }

    @Test
    void refusesWaitsThatSayNothing() {
        Map<String, String> wrong = Map.of(
                "{ form: seconds }", "where the value stands is missing",
                "{ header: X }", "how the wait is spelt is missing",
                "{ header: X, form: midnight }", "midnight is no part of an answer",
                "{ header: X, form: seconds, min: 2m, max: 1m }", "min is longer than max",
                "{ header: X, form: seconds, matches: \"[0-9]+\" }", "the expression has 0 groups",
                "{ header: X, latest: [{ header: X, form: seconds }] }", "either latest or a wait of its own");
        wrong.forEach((wait, message) -> assertThat(LINTER.lint(
                        "acme.yaml", Definitions.acme("errors:\n", "retry: { waits: [" + wait + "] }\nerrors:\n")))
                .as(wait)
                .anySatisfy(problem ->
                        assertThat(problem.toString()).contains("error: ").contains(message)));
        Map<String, String> ofRules = Map.of(
                "pause: 2s\n      limits: [list]", "unknown limit 'list' - did you mean 'lists'?",
                "pause: 2s\n      pause_max: 1s", "pause_max is shorter than pause");
        ofRules.forEach((rule, message) -> assertThat(LINTER.lint("acme.yaml", Definitions.acme("pause: 2s", rule)))
                .as(rule)
                .anySatisfy(problem ->
                        assertThat(problem.toString()).contains("error: ").contains(message)));
    }

    @Test
    void warnsOfAMidnightForEveryError() {
        assertThat(LINTER.lint(
                        "acme.yaml",
                        Definitions.acme("errors:\n", "retry: { waits: [{ form: midnight }] }\nerrors:\n")))
                .anySatisfy(problem -> assertThat(problem.toString())
                        .contains("warning: every passing error would wait until midnight"));
    }

    private static Limit limit(String limit) {
        return new ConnectorLoader()
                .load("acme.yaml", withLimit(limit))
                .limits()
                .getFirst();
    }

    private static String withLimit(String limit) {
        return Definitions.acme("limits:\n", "limits:\n  first: " + limit + "\n");
    }
}
