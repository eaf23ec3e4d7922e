package dev.toolpost.worker.classify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.HeaderCondition;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.connectors.TextPattern;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.connectors.WaitRule;
import dev.toolpost.connectors.WaitSource;
import dev.toolpost.connectors.WaitSource.Form;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.ratelimit.LimitFeedback;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonPointer;

/** What answers say about waits and limits. */
class AnswerValuesTest {

    private static final Instant NOW = Instant.parse("2026-11-01T08:49:37Z");
    private static final ZoneId PRAGUE = ZoneId.of("Europe/Prague");

    private static AnswerValues answer(String body, String... headers) {
        ResponseHeaders all = ResponseHeaders.of(headers);
        return new AnswerValues(all, new AnswerBody(body.getBytes(StandardCharsets.UTF_8), all), NOW);
    }

    private static ValueSource body(String pointer, @Nullable String matches) {
        return new ValueSource(
                new ValueSource.Body(JsonPointer.compile(pointer)),
                matches == null ? null : TextPattern.compile(matches));
    }

    private static WaitSource wait(@Nullable ValueSource value, Form form, ZoneId zone) {
        return new WaitSource(value, null, form, zone, Duration.ZERO, null);
    }

    private static @Nullable Duration wait(Form form, String value, ZoneId zone) {
        return answer("", "X", value).wait(wait(ValueSource.header("X"), form, zone));
    }

    @Test
    void spansRatesAndTimesOfDayAreRead() {
        assertThat(wait(Form.DURATION, "1m30s", PRAGUE)).isEqualTo(Duration.ofSeconds(90));
        assertThat(wait(Form.DURATION, "6m0s", PRAGUE)).isEqualTo(Duration.ofMinutes(6));
        assertThat(wait(Form.DURATION, "250ms", PRAGUE)).isEqualTo(Duration.ofMillis(250));
        assertThat(wait(Form.DURATION, "34.074824224s", PRAGUE)).isEqualTo(Duration.ofMillis(34_074));
        assertThat(wait(Form.DURATION, "1d 2h", PRAGUE)).isEqualTo(RetryAfter.LONGEST);
        assertThat(wait(Form.DURATION, "PT1M30S", PRAGUE)).isEqualTo(Duration.ofSeconds(90));
        for (String nothing : List.of("", "90", "s", "-5s", "PT-5S", "1s1m", "soon", "PT99999999999999999999H")) {
            assertThat(wait(Form.DURATION, nothing, PRAGUE)).as(nothing).isNull();
        }

        assertThat(wait(Form.RATE, "0.5", PRAGUE)).isEqualTo(Duration.ofSeconds(2));
        assertThat(wait(Form.RATE, "0.0167", PRAGUE)).isEqualTo(Duration.ofMillis(59_881));
        assertThat(wait(Form.RATE, "20", PRAGUE)).isEqualTo(Duration.ofMillis(50));
        assertThat(wait(Form.RATE, "0.000000001", PRAGUE)).isEqualTo(RetryAfter.LONGEST);
        assertThat(wait(Form.RATE, "0", PRAGUE)).isNull();
        assertThat(wait(Form.RATE, "-1", PRAGUE)).isNull();

        // It is 09:49:37 in Prague.
        assertThat(wait(Form.TIME_OF_DAY, "10:00", PRAGUE)).isEqualTo(Duration.ofSeconds(10 * 60 + 23));
        assertThat(wait(Form.TIME_OF_DAY, "09:49", PRAGUE))
                .isEqualTo(Duration.ofHours(24).minusSeconds(37));
        assertThat(wait(Form.TIME_OF_DAY, "25:00", PRAGUE)).isNull();
        assertThat(answer("").wait(wait(null, Form.MIDNIGHT, PRAGUE)))
                .isEqualTo(Duration.between(NOW, Instant.parse("2026-11-01T23:00:00Z")));
    }

    @Test
    void datesWithoutAnOffsetAreMeantInTheZone() {
        assertThat(wait(Form.DATE, "2026-11-01 09:50:37", PRAGUE)).isEqualTo(Duration.ofMinutes(1));
        assertThat(wait(Form.DATE, "2026-11-01T08:50:37", ZoneOffset.UTC)).isEqualTo(Duration.ofMinutes(1));
        assertThat(wait(Form.DATE, "2026-11-01T08:50:37Z", PRAGUE)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void theVendorsOwnTimeCountsWhereItSendsOne() {
        AnswerValues values = answer("", "Date", "Sun, 01 Nov 2026 10:00:00 GMT", "X", "1793527230");
        assertThat(values.wait(wait(ValueSource.header("X"), Form.EPOCH_SECONDS, PRAGUE)))
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aWaitIsFoundInTextsJsonOrNot() {
        WaitSource inText = wait(body("/error/message", "(?i)retry after ([0-9]+) s"), Form.SECONDS, PRAGUE);
        assertThat(answer("{\"error\":{\"message\":\"Slow down. Retry after 17 s.\"}}")
                        .wait(inText))
                .isEqualTo(Duration.ofSeconds(17));
        assertThat(answer("{\"error\":{\"message\":\"Slow down.\"}}").wait(inText))
                .isNull();
        assertThat(answer("{\"error\":{\"message\":{\"text\":\"Retry after 17 s\"}}}")
                        .wait(inText))
                .isNull();
        assertThat(answer("Retry after 17 s").wait(inText)).isNull();

        WaitSource anywhere = wait(body("", "after ([0-9]+) s"), Form.SECONDS, PRAGUE);
        assertThat(answer("<h1>Try again after 17 s</h1>").wait(anywhere)).isEqualTo(Duration.ofSeconds(17));
        assertThat(answer("{\"wait\":17}").wait(wait(body("/wait", null), Form.SECONDS, PRAGUE)))
                .isEqualTo(Duration.ofSeconds(17));
    }

    @Test
    void onlyTheBeginningOfATextIsLookedAt() {
        WaitSource inText = wait(body("", "after ([0-9]+) s"), Form.SECONDS, PRAGUE);
        String wait = "after 17 s";
        assertThat(answer("x".repeat(AnswerValues.LONGEST_TEXT - wait.length()) + wait)
                        .wait(inText))
                .isNotNull();
        assertThat(answer("x".repeat(AnswerValues.LONGEST_TEXT) + wait).wait(inText))
                .isNull();
        WaitSource inHeader = wait(
                new ValueSource(new ValueSource.Header("X"), TextPattern.compile("(?:a+)+b([0-9]+)$")),
                Form.SECONDS,
                PRAGUE);
        assertThat(answer("", "X", "a".repeat(1_000_000)).wait(inHeader)).isNull();
        // What is found is held to the length of a wait.
        assertThat(answer("after " + "9".repeat(500) + " s").wait(inText)).isNull();
    }

    @Test
    void ofSeveralWindowsTheLatestThatIsUsedUpCounts() {
        WaitRule windows = new WaitRule(List.of(used("X-Minute", Form.SECONDS), used("X-Day", Form.SECONDS)));
        List<WaitRule> rules = List.of(windows, WaitRule.of(WaitSource.ofHeader("Retry-After", Form.RETRY_AFTER)));
        String[][] rows = {
            // left of the minute, its reset, left of the day, its reset, retry-after; the wait
            {"0", "30", "0", "3000", "5", "3000"},
            {"0", "30", "7", "3000", "5", "30"},
            {"3", "30", "0", "3000", "5", "3000"},
            {"3", "30", "7", "3000", "5", "5"},
            {"", "30", "", "3000", "5", "5"},
            {"0", "", "7", "3000", "5", "5"},
            {"-1", "30", "0.0", "20", "5", "30"},
        };
        for (String[] row : rows) {
            AnswerValues values = answer(
                    "",
                    "X-Minute-Left",
                    row[0],
                    "X-Minute-Reset",
                    row[1],
                    "X-Day-Left",
                    row[2],
                    "X-Day-Reset",
                    row[3],
                    "Retry-After",
                    row[4]);
            assertThat(values.wait(rules)).as("%s", (Object) row).isEqualTo(Duration.ofSeconds(Long.parseLong(row[5])));
        }
    }

    private static WaitSource used(String window, Form form) {
        return new WaitSource(
                ValueSource.header(window + "-Reset"),
                ValueSource.header(window + "-Left"),
                form,
                ZoneOffset.UTC,
                Duration.ZERO,
                null);
    }

    @Test
    void aWaitKeepsItsBounds() {
        WaitSource bounded = new WaitSource(
                ValueSource.header("X"), null, Form.SECONDS, PRAGUE, Duration.ofSeconds(5), Duration.ofSeconds(60));
        assertThat(answer("", "X", "0").wait(bounded)).isEqualTo(Duration.ofSeconds(5));
        assertThat(answer("", "X", "30").wait(bounded)).isEqualTo(Duration.ofSeconds(30));
        assertThat(answer("", "X", "3000").wait(bounded)).isEqualTo(Duration.ofSeconds(60));
        assertThat(answer("").wait(bounded)).isNull();
    }

    @Test
    void whatAnAnswerSaysOfLimitsIsReadWhateverItMeans() {
        Limit core = limit(
                "core",
                new Feedback(
                        List.of(new HeaderCondition("X-Resource", new HeaderCondition.EqualToAny(List.of("core")))),
                        body("/cost", null),
                        ValueSource.header("X-Left"),
                        null,
                        ValueSource.header("X-Most"),
                        WaitSource.ofHeader("X-Reset", Form.SECONDS)));
        Limit silent = limit("silent", Feedback.NONE);
        List<Limit> limits = List.of(silent, core);

        HttpOutcome outcome = answered(
                429, "{\"cost\":2.5}", "X-Resource", "core", "X-Left", "17.9", "X-Most", "5000", "X-Reset", "60");
        assertThat(VendorFeedback.of(limits, "acme_list", outcome, NOW))
                .containsExactly(new LimitFeedback("core", 3L, 17L, null, 5000L, Duration.ofMinutes(1)));
        assertThat(VendorFeedback.of(
                        limits, "acme_list", answered(200, "{\"cost\":4}", "X-Resource", "search", "X-Left", "1"), NOW))
                .as("of another limit")
                .containsExactly(new LimitFeedback("core", 4L, null, null, null, null));
        assertThat(VendorFeedback.of(
                        limits, "acme_list", answered(200, "[]", "X-Resource", "core", "X-Left", "many"), NOW))
                .isEmpty();
        assertThat(VendorFeedback.of(
                        limits,
                        "acme_list",
                        answered(200, "", "X-Resource", "core", "X-Left", "999999999999999999"),
                        NOW))
                .containsExactly(new LimitFeedback("core", null, (long) Integer.MAX_VALUE, null, null, null));
        assertThat(VendorFeedback.of(
                        limits,
                        "acme_list",
                        new HttpOutcome.Unanswered(HttpOutcome.UnansweredCause.BROKEN, "reset", null, Duration.ZERO),
                        NOW))
                .isEmpty();
    }

    private static HttpOutcome answered(int status, String body, String... headers) {
        return new HttpOutcome.Answered(
                status, ResponseHeaders.of(headers), body.getBytes(StandardCharsets.UTF_8), Duration.ZERO);
    }

    private static Limit limit(String name, Feedback feedback) {
        return new Limit(
                name,
                Limit.Scope.CONNECTION,
                Limit.Kind.TOKEN,
                100,
                Duration.ofMinutes(1),
                Set.of(),
                Set.of(),
                null,
                null,
                0,
                LimitCost.ONE,
                feedback,
                null);
    }
}
