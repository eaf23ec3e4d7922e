package dev.toolpost.worker.classify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.classify.Verdict.CredentialRejected;
import dev.toolpost.worker.classify.Verdict.Failed;
import dev.toolpost.worker.classify.Verdict.Failure;
import dev.toolpost.worker.classify.Verdict.Retryable;
import dev.toolpost.worker.classify.Verdict.Success;
import dev.toolpost.worker.classify.Verdict.Throttled;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.HttpOutcome.Answered;
import dev.toolpost.worker.http.HttpOutcome.NotSentCause;
import dev.toolpost.worker.http.HttpOutcome.UnansweredCause;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.request.AcmeConnector;
import dev.toolpost.worker.request.AskedPage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ClassifierTest {

    private static final Instant NOW = Instant.parse("2026-11-01T08:00:00Z");
    private static final Duration TOOK = Duration.ofMillis(5);

    private static Verdict classify(String tool, HttpOutcome outcome, @Nullable String sentCursor) {
        AskedPage asked = new AskedPage(URI.create("https://eu.acme.example/api/things"), sentCursor, 50);
        return Classifier.classify(AcmeConnector.CONNECTOR, AcmeConnector.tool(tool), outcome, asked, NOW);
    }

    private static Verdict answer(String tool, int status, String body, String... headers) {
        return classify(tool, new Answered(status, ResponseHeaders.of(headers), body.getBytes(UTF_8), TOOK), null);
    }

    private static VendorError error(Verdict verdict) {
        return ((Verdict.Failure) verdict).error();
    }

    private static String text(Verdict verdict) {
        return new String(((Success) verdict).body(), UTF_8);
    }

    @Test
    void aPageIsPassedOnByteForByteWithItsCursorAndItsRecordsCounted() {
        String body =
                " {\"results\":[{\"id\":1.10,\"x\":[1,2]},{},{\"results\":[7,8,9]}],\"paging\":{\"next\":{\"after\":\"52\"}}}\n";
        Success page = (Success) answer("list_things", 200, body, "Content-Type", "application/json;charset=utf-8");

        assertThat(text(page)).isEqualTo(body);
        assertThat(page.contentType()).isEqualTo("application/json");
        assertThat(page.nextCursor()).isEqualTo("52");
        assertThat(page.records()).isEqualTo(3);
    }

    @Test
    void theListEndsWhereTheCursorIsAbsentNullOrEmpty() {
        for (String body : List.of(
                "{\"results\":[]}",
                "{\"results\":[],\"paging\":null}",
                "{\"results\":[],\"paging\":{}}",
                "{\"results\":[],\"paging\":{\"next\":{\"after\":null}}}",
                "{\"results\":[],\"paging\":{\"next\":{\"after\":\"\"}}}")) {
            assertThat(((Success) answer("list_things", 200, body)).nextCursor())
                    .as(body)
                    .isNull();
        }
    }

    @Test
    void aNumberAsCursorKeepsItsDigits() {
        Success page = (Success)
                answer("list_things", 200, "{\"paging\":{\"next\":{\"after\":12345678901234567890}},\"results\":[1]}");

        assertThat(page.nextCursor()).isEqualTo("12345678901234567890");
    }

    @Test
    void aPageThatNamesItselfAsItsNextIsMalformed() {
        Answered same = new Answered(
                200,
                ResponseHeaders.NONE,
                "{\"results\":[1],\"paging\":{\"next\":{\"after\":\"52\"}}}".getBytes(UTF_8),
                TOOK);

        assertThat(classify("list_things", same, "51")).isInstanceOf(Success.class);
        assertThat(error(classify("list_things", same, "52")).code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
    }

    @Test
    void aCursorThatIsAnObjectIsMalformed() {
        assertThat(error(answer("list_things", 200, "{\"paging\":{\"next\":{\"after\":{}}}}"))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED_RESPONSE);
    }

    @Test
    void whatIsNotJsonWhereJsonIsPromisedIsMalformedAndAReadMayBeTriedAgain() {
        for (String body : List.of(
                "<html>Bad gateway</html>",
                "{\"a\":1",
                "{\"a\":1}{\"b\":2}",
                "{\"a\":1} x",
                "{'a':1}",
                "{\"a\":NaN}",
                "   ",
                "\u0000\u0001")) {
            Verdict verdict = answer("get_thing", 200, body);
            assertThat(verdict)
                    .as(body.substring(0, Math.min(20, body.length())))
                    .isInstanceOf(Retryable.class);
            assertThat(error(verdict).code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
            assertThat(error(verdict).vendorStatus()).isEqualTo(200);
        }
    }

    @Test
    void aMalformedAnswerToAWriteIsFinalSinceTheWriteWasAccepted() {
        Verdict verdict = answer("create_thing", 201, "<html>");

        assertThat(verdict).isInstanceOf(Failed.class);
        assertThat(((Failed) verdict).provablyNotProcessed()).isFalse();
        assertThat(error(verdict).message()).contains("accepted");
        assertThat(error(verdict).remedy()).isNotBlank();
    }

    @Test
    void anEmptyBodyIsNull() {
        assertThat(text(answer("create_thing", 204, ""))).isEqualTo("null");
        assertThat(((Success) answer("list_things", 204, "")).nextCursor()).isNull();
    }

    @Test
    void textBecomesAJsonString() {
        Success log =
                (Success) answer("read_log", 200, "line \"1\"\nline 2", "Content-Type", "Text/Plain; charset=utf-8");

        assertThat(text(log)).isEqualTo("\"line \\\"1\\\"\\nline 2\"");
        assertThat(log.contentType()).isEqualTo("text/plain");
    }

    @Test
    void anotherCharsetAndAByteOrderMarkBecomePlainUtf8() {
        Answered latin = new Answered(
                200,
                ResponseHeaders.of("Content-Type", "application/json; charset=ISO-8859-1"),
                "{\"a\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1),
                TOOK);
        assertThat(text(classify("get_thing", latin, null))).isEqualTo("{\"a\":\"ü\"}");
        assertThat(text(answer("get_thing", 200, "\ufeff{\"a\":1}"))).isEqualTo("{\"a\":1}");
    }

    @Test
    void anErrorInTwoHundredIsTold() {
        assertThat(answer("get_thing", 200, "{\"ok\":false,\"error\":{\"code\":\"token_expired\"}}"))
                .isInstanceOf(CredentialRejected.class);
        assertThat(answer("get_thing", 200, "{\"ok\":false,\"error\":{\"code\":\"ratelimited\"}}"))
                .isInstanceOfSatisfying(
                        Throttled.class,
                        throttled -> assertThat(throttled.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
        VendorError rejected =
                error(answer("get_thing", 200, "{\"ok\":false,\"error\":{\"code\":\"nope\",\"text\":\"No, thanks\"}}"));
        assertThat(rejected.code()).isEqualTo(ErrorCode.REJECTED);
        assertThat(rejected.vendorCode()).isEqualTo("nope");
        assertThat(rejected.message()).isEqualTo("No, thanks");
        assertThat(rejected.vendorStatus()).isEqualTo(200);
        assertThat(answer("get_thing", 200, "{\"ok\":true}")).isInstanceOf(Success.class);
    }

    @Test
    void aRateLimitIsToldByTheVendorsHabit() {
        assertThat(answer("get_thing", 429, "")).isInstanceOf(Throttled.class);
        assertThat(answer("get_thing", 403, "{}", "x-remaining", "0")).isInstanceOf(Throttled.class);
        assertThat(answer("get_thing", 400, "{\"message\":\"Quota exceeded\"}")).isInstanceOf(Throttled.class);
        assertThat(error(answer("get_thing", 403, "{}", "x-remaining", "1")).code())
                .isEqualTo(ErrorCode.INSUFFICIENT_SCOPE);
        assertThat(error(answer("get_thing", 400, "{\"message\":\"bad\"}")).code())
                .isEqualTo(ErrorCode.INVALID_ARGUMENTS);
    }

    @Test
    void standardStatusesMeanWhatTheyMean() {
        assertThat(answer("get_thing", 401, "")).isInstanceOf(CredentialRejected.class);
        assertThat(error(answer("get_thing", 404, "")).code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(error(answer("get_thing", 409, "")).code()).isEqualTo(ErrorCode.CONFLICT);
        assertThat(error(answer("get_thing", 418, "")).code()).isEqualTo(ErrorCode.REJECTED);
        assertThat(error(answer("get_thing", 302, "", "Location", "https://evil.example"))
                        .code())
                .isEqualTo(ErrorCode.MALFORMED_RESPONSE);
        assertThat(error(answer("get_thing", 999, "")).code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
        assertThat(answer("get_thing", 502, "<html>")).isInstanceOf(Retryable.class);
    }

    @Test
    void whatWasNotProcessedIsToldFromWhatMayHaveBeen() {
        assertThat(((Retryable) answer("create_thing", 500, "")).provablyNotProcessed())
                .isFalse();
        assertThat(((Retryable) answer("create_thing", 503, "")).provablyNotProcessed())
                .isTrue();
        Retryable locked = (Retryable) answer("create_thing", 409, "{\"category\":\"LOCKED\"}");
        assertThat(locked.provablyNotProcessed()).isTrue();
        assertThat(locked.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void anErrorStatusThatMeansNoDataIsASuccessForTheToolsThatTheRuleIsAbout() {
        assertThat(answer("get_thing", 404, "{\"category\":\"NO_DATA\"}")).isInstanceOf(Success.class);
        assertThat(error(answer("create_thing", 404, "{\"category\":\"NO_DATA\"}"))
                        .code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void anErrorStatusThatIsTheEndOfTheDataIsAnEmptyLastPageOfAListAlone() {
        Success end = (Success) answer("list_things", 404, "{\"category\":\"NO_DATA\"}");

        assertThat(text(end)).isEqualTo("{\"results\":[]}");
        assertThat(end.nextCursor()).isNull();
        assertThat(end.records()).isZero();
    }

    @Test
    void aPageWithoutItsListIsMalformedAndNotAskedForAgain() {
        for (String body : List.of(
                "{}",
                "[]",
                "null",
                "{\"result\":[]}",
                "{\"results\":null}",
                "{\"results\":{}}",
                "{\"results\":\"\"}")) {
            assertThat(error(answer("list_things", 200, body)).code()).as(body).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
        }
        assertThat(answer("list_things", 200, "{\"result\":[]}")).isInstanceOf(Failed.class);
        assertThat(answer("list_things", 200, "")).isInstanceOf(Failure.class);
        assertThat(text(answer("list_things", 204, ""))).isEqualTo("{\"results\":[]}");
    }

    @Test
    void theWaitComesFromTheFirstHeaderThatSaysOneByTheVendorsOwnClock() {
        assertThat(((Throttled) answer("get_thing", 429, "", "Retry-After", "3", "X-Reset", "1")).retryAfter())
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(((Throttled) answer(
                                "get_thing", 429, "", "Retry-After", "-3", "X-Reset", "" + (NOW.getEpochSecond() + 9)))
                        .retryAfter())
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(((Throttled) answer("get_thing", 429, "", "Retry-After", "soon")).retryAfter())
                .isNull();
        assertThat(((Throttled) answer(
                                "get_thing",
                                429,
                                "",
                                "Date",
                                "Sun, 01 Nov 2026 09:00:00 GMT",
                                "Retry-After",
                                "Sun, 01 Nov 2026 09:00:05 GMT"))
                        .retryAfter())
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(((Throttled) answer("get_thing", 429, "", "Retry-After", "99999999")).retryAfter())
                .isEqualTo(RetryAfter.LONGEST);
    }

    @Test
    void fieldErrorsAreReadFromListsAndMaps() {
        assertThat(error(answer(
                                "create_thing",
                                400,
                                "{\"message\":\"bad\",\"category\":\"VALIDATION\",\"errors\":[{\"message\":\"no @\",\"in\":\"email\"},"
                                        + "{\"in\":\"name\"},{\"x\":1}]}"))
                        .fields())
                .containsExactly(new FieldProblem("email", "no @"), new FieldProblem("name", ""));
        assertThat(error(answer("create_thing", 400, "{\"fieldErrors\":{\"a\":\"needed\",\"b\":[\"one\",\"two\"]}}"))
                        .fields())
                .containsExactly(
                        new FieldProblem("a", "needed"), new FieldProblem("b", "one"), new FieldProblem("b", "two"));
        assertThat(error(answer("create_thing", 400, "{\"errors\":\"all wrong\"}"))
                        .fields())
                .containsExactly(new FieldProblem("", "all wrong"));
    }

    @Test
    void aVendorsWordsAreOneVisibleLineOfBoundedLength() {
        VendorError error = error(answer(
                "get_thing",
                404,
                "{\"message\":\"a\\u001b[31mred\\u202e\\u200b\\ud83d\\ude00\\n\\n b\\udb40\\udc41" + "x".repeat(5_000)
                        + "\"}"));

        assertThat(error.message()).startsWith("a [31mred😀 bxxx").hasSizeLessThanOrEqualTo(1_001);
    }

    @Test
    void theVendorsBodyIsAlwaysJsonTextAndBounded() {
        assertThat(error(answer("get_thing", 404, "{\"a\": 1}")).vendorBody()).isEqualTo("{\"a\": 1}");
        assertThat(error(answer("get_thing", 404, "")).vendorBody()).isNull();
        for (String body :
                List.of("<html>\"x\"</html>", "{\"a\":\"" + "é".repeat(100_000) + "\"}", "{\"cut", "[".repeat(9_000))) {
            String shown = String.valueOf(error(answer("get_thing", 404, body)).vendorBody());
            assertThat(JsonMapper.shared().readTree(shown).isString()).isTrue();
            assertThat(shown.getBytes(UTF_8).length).isLessThanOrEqualTo(8 << 10);
        }
    }

    @Test
    void withoutAnAnswerTheVerdictSaysWhetherTheVendorCanHaveActed() {
        assertThat(classify(
                        "create_thing",
                        new HttpOutcome.NotSent(NotSentCause.UNREACHABLE, "refused", new IOException(), TOOK),
                        null))
                .isInstanceOfSatisfying(
                        Retryable.class,
                        r -> assertThat(r.provablyNotProcessed()).isTrue());
        assertThat(classify(
                        "create_thing",
                        new HttpOutcome.Unanswered(UnansweredCause.BROKEN, "reset", new IOException(), TOOK),
                        null))
                .isInstanceOfSatisfying(
                        Retryable.class,
                        r -> assertThat(r.provablyNotProcessed()).isFalse());
        assertThat(error(classify(
                                "create_thing",
                                new HttpOutcome.NotSent(NotSentCause.REFUSED, "private", new IOException(), TOOK),
                                null))
                        .code())
                .isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    @Test
    void aBodyAboveTheCapIsAResultThatIsTooLargeUnlessItIsAnErrorAnyway() {
        assertThat(error(classify("list_things", new HttpOutcome.TooLarge(200, ResponseHeaders.NONE, 16, TOOK), null)))
                .satisfies(error -> {
                    assertThat(error.code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
                    assertThat(error.remedy()).contains("limit");
                });
        assertThat(error(classify("list_things", new HttpOutcome.TooLarge(404, ResponseHeaders.NONE, 16, TOOK), null))
                        .code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void aBodyThatNestsTooDeepIsFinalAndSaidInOurWords() {
        for (String body : List.of("[".repeat(200_000), "{\"a\":".repeat(151) + "1", "[" + "1".repeat(2_000) + "]")) {
            Verdict verdict = answer("get_thing", 200, body);

            assertThat(verdict).isInstanceOf(Verdict.Failed.class);
            assertThat(error(verdict).code()).isEqualTo(ErrorCode.MALFORMED_RESPONSE);
            assertThat(error(verdict).message())
                    .containsAnyOf("nested deeper than 150 levels", "longer than any that is read")
                    .doesNotContain("StreamReadConstraints");
        }
        assertThat(answer("get_thing", 200, "{\"a\":")).isInstanceOf(Verdict.Retryable.class);
    }
}
