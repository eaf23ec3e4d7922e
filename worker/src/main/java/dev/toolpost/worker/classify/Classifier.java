package dev.toolpost.worker.classify;

import dev.toolpost.connectors.BodyCondition;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.HeaderCondition;
import dev.toolpost.connectors.Meaning;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.WaitRule;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.request.AskedPage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Says what an exchange means, by the connector's rules: the first rule that matches the answer decides, an answer that none matches is
 * a success if its status says so. Pure; thread-safe.
 */
public final class Classifier {

    private static final String JSON = "application/json";

    private Classifier() {}

    /**
     * Judges the outcome of one exchange.
     *
     * @param asked the page that the request asked for; an answer that names the same as its next would never end
     * @param now for waits until a moment, where the vendor sends no date of its own
     */
    public static Verdict classify(Connector connector, Tool tool, HttpOutcome outcome, AskedPage asked, Instant now) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> answered(connector, tool, answered, asked, now);
            case HttpOutcome.NotSent notSent -> notSent(connector, notSent);
            case HttpOutcome.Unanswered unanswered ->
                new Verdict.Retryable(
                        false,
                        null,
                        VendorError.withoutAnswer(
                                ErrorCode.UNAVAILABLE,
                                connector.title() + " did not answer: " + unanswered.reason(),
                                null));
            case HttpOutcome.TooLarge tooLarge -> tooLarge(connector, tool, tooLarge, asked, now);
        };
    }

    /** The rule that decides on an answer, or null where none matches; for who wants to see why it means what it means. */
    public static @Nullable ErrorRule deciding(Connector connector, Tool tool, HttpOutcome.Answered answered) {
        return firstMatch(connector, tool, answered, new AnswerBody(answered.body(), answered.headers()));
    }

    private static Verdict notSent(Connector connector, HttpOutcome.NotSent notSent) {
        return switch (notSent.why()) {
            case REFUSED ->
                new Verdict.Failed(
                        true,
                        VendorError.withoutAnswer(
                                ErrorCode.NOT_ALLOWED,
                                "The address of " + connector.title() + " is refused: " + notSent.reason(),
                                "Correct the connection's address, or have an operator allow it."));
            case UNREACHABLE, DEADLINE ->
                new Verdict.Retryable(
                        true,
                        null,
                        VendorError.withoutAnswer(
                                ErrorCode.UNAVAILABLE,
                                connector.title() + " could not be reached: " + notSent.reason(),
                                null));
        };
    }

    private static Verdict tooLarge(
            Connector connector, Tool tool, HttpOutcome.TooLarge tooLarge, AskedPage asked, Instant now) {
        if (tooLarge.status() < 200 || tooLarge.status() > 299) {
            return answered(
                    connector,
                    tool,
                    new HttpOutcome.Answered(tooLarge.status(), tooLarge.headers(), new byte[0], tooLarge.took()),
                    asked,
                    now);
        }
        VendorError error = new VendorError(
                ErrorCode.RESULT_TOO_LARGE,
                connector.title() + " answered with more than " + tooLarge.capBytes() + " bytes"
                        + (tool.effect().readsOnly() ? "" : "; the write itself was accepted"),
                tooLarge.status(),
                null,
                List.of(),
                null,
                tool.paging() == null
                        ? "Ask for less: narrow the arguments."
                        : "Ask for fewer records: a smaller limit, or fewer fields.");
        return new Verdict.Failed(false, error);
    }

    private static Verdict answered(
            Connector connector, Tool tool, HttpOutcome.Answered answered, AskedPage asked, Instant now) {
        AnswerBody body = new AnswerBody(answered.body(), answered.headers());
        ErrorRule rule = firstMatch(connector, tool, answered, body);
        boolean successful = answered.status() >= 200 && answered.status() <= 299;
        if (rule == null ? successful : rule.meaning() == Meaning.SUCCESS) {
            return success(connector, tool, answered, body, asked);
        }
        if (rule == null) {
            return new Verdict.Failed(
                    false, VendorErrors.of(connector, answered, body, ErrorCode.MALFORMED_RESPONSE, null));
        }
        List<WaitRule> waits = Objects.requireNonNullElse(
                rule.patience().waits(), connector.retry().waits());
        Duration told = new AnswerValues(answered.headers(), body, now).wait(waits);
        Duration wait = told == null ? rule.patience().pause() : told;
        boolean notProcessed =
                rule.notProcessed() || connector.retry().notProcessedStatuses().contains(answered.status());
        return switch (rule.meaning()) {
            case SUCCESS -> throw new IllegalStateException("handled above");
            case THROTTLED ->
                new Verdict.Throttled(
                        wait,
                        told == null ? rule.patience().pauseMax() : null,
                        rule.patience().limits(),
                        VendorErrors.of(connector, answered, body, ErrorCode.RATE_LIMITED, rule));
            case TRANSIENT ->
                new Verdict.Retryable(
                        notProcessed,
                        wait,
                        VendorErrors.of(
                                connector,
                                answered,
                                body,
                                ErrorCode.valueOf(Objects.requireNonNullElse(rule.endsAs(), Meaning.UNAVAILABLE)
                                        .name()),
                                rule));
            case EXPIRED_CREDENTIAL ->
                new Verdict.CredentialRejected(
                        VendorErrors.of(connector, answered, body, ErrorCode.REAUTHORIZATION_REQUIRED, rule));
            case END_OF_DATA ->
                endOfData(Objects.requireNonNull(
                        tool.forPage(asked.isFirst()).paging(), "paging of a tool whose list ends"));
            case REDIRECT -> redirect(connector, tool, answered, body, asked, rule);
            case INVALID_ARGUMENTS,
                    INVALID_CURSOR,
                    NOT_ALLOWED,
                    RESULT_TOO_LARGE,
                    REAUTHORIZATION_REQUIRED,
                    INSUFFICIENT_SCOPE,
                    NOT_FOUND,
                    CONFLICT,
                    REJECTED,
                    UNAVAILABLE,
                    MALFORMED_RESPONSE,
                    OUTCOME_UNKNOWN,
                    CANCELLED,
                    DEADLINE_EXCEEDED ->
                new Verdict.Failed(
                        notProcessed,
                        unfollowed(
                                connector,
                                answered,
                                rule,
                                VendorErrors.of(
                                        connector,
                                        answered,
                                        body,
                                        ErrorCode.valueOf(rule.meaning().name()),
                                        rule)));
        };
    }

    /** An error that says where the redirect leads which no rule lets anybody follow; any other as it is. */
    private static VendorError unfollowed(
            Connector connector, HttpOutcome.Answered answered, ErrorRule rule, VendorError error) {
        String location = answered.headers().first("Location");
        boolean isRedirect = answered.status() >= 300 && answered.status() <= 399;
        if (!isRedirect || location == null || error.code() != ErrorCode.MALFORMED_RESPONSE || rule.message() != null) {
            return error;
        }
        return error.as(
                ErrorCode.MALFORMED_RESPONSE,
                connector.title() + " answered " + answered.status() + " and redirects to " + place(location)
                        + ", which is not followed",
                error.remedy() != null
                        ? error.remedy()
                        : "Where that is the vendor's way, say so in its connector: errors.rules: [{ when: { status: "
                                + answered.status()
                                + " }, means: REDIRECT }]. If its API has moved, correct base_url or"
                                + " the tool's path.");
    }

    /** Where a redirect leads, without what may be secret. */
    private static String place(String location) {
        return PlainText.of(location.replaceAll("(?s)[?#].*", "").replaceFirst("//[^/@]*@", "//"), 200);
    }

    /**
     * Where a redirect leads (RFC 9110, 15.4), if that is the server that was asked: the credential goes where the request goes. 307 and 308 keep
     * the method and prove that nothing was done; after another of them nobody knows whether a write was.
     */
    private static Verdict redirect(
            Connector connector,
            Tool tool,
            HttpOutcome.Answered answered,
            AnswerBody body,
            AskedPage asked,
            ErrorRule rule) {
        VendorError error = VendorErrors.of(connector, answered, body, ErrorCode.MALFORMED_RESPONSE, rule);
        String location = answered.headers().first("Location");
        String remedy = error.remedy() != null
                ? error.remedy()
                : "If the vendor's API has moved for good, correct base_url or the tool's path in its connector.";
        boolean sameRequest = answered.status() == 307 || answered.status() == 308;
        if (!sameRequest && !tool.request().method().equals("GET")) {
            return new Verdict.Failed(
                    false,
                    error.as(
                            ErrorCode.MALFORMED_RESPONSE,
                            connector.title() + " redirects with status " + answered.status()
                                    + (location == null ? "" : " to " + place(location))
                                    + ", which says nothing of what became of the request",
                            remedy));
        }
        NextPage target = location == null
                ? NextPage.wrong("its redirect names no address")
                : LinkTarget.of(location, asked, "its redirect", NextPage.keyParameters(connector));
        String place = target.place();
        return place == null
                ? new Verdict.Failed(
                        true,
                        error.as(
                                ErrorCode.MALFORMED_RESPONSE,
                                connector.title() + " answered " + answered.status() + ", and " + target.problem(),
                                remedy))
                : new Verdict.Moved(
                        place,
                        error.as(
                                ErrorCode.MALFORMED_RESPONSE,
                                connector.title() + " redirects again and again",
                                remedy));
    }

    private static @Nullable ErrorRule firstMatch(
            Connector connector, Tool tool, HttpOutcome.Answered answered, AnswerBody body) {
        for (ErrorRule rule : connector.errors().rules()) {
            if (rule.concerns(tool)
                    && rule.statuses().contains(answered.status())
                    && headersHold(rule, answered.headers())
                    && bodyHolds(rule, body)) {
                return rule;
            }
        }
        return null;
    }

    private static boolean headersHold(ErrorRule rule, ResponseHeaders headers) {
        for (HeaderCondition condition : rule.headers()) {
            if (!condition.holds(headers.first(condition.header()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean bodyHolds(ErrorRule rule, AnswerBody body) {
        if (!rule.readsBody()) {
            return true;
        }
        JsonNode tree = body.tree();
        if (tree == null) {
            return false;
        }
        for (BodyCondition condition : rule.body()) {
            if (!condition.holds(tree)) {
                return false;
            }
        }
        return true;
    }

    static Verdict success(
            Connector connector, Tool declared, HttpOutcome.Answered answered, AnswerBody body, AskedPage asked) {
        Tool tool = declared.forPage(asked.isFirst());
        Paging paging = tool.paging();
        if (body.isEmpty() && (paging == null || paging.recordsOptional() || answered.status() == 204)) {
            return paging == null ? new Verdict.Success(AnswerBody.NULL, JSON) : endOfData(paging);
        }
        if (tool.response() == ResponseKind.TEXT) {
            return new Verdict.Success(body.asJsonString(), body.mediaType("text/plain"));
        }
        if (tool.response() == ResponseKind.BINARY) {
            return new Verdict.Success(AnswerBody.base64(answered.body()), body.mediaType("application/octet-stream"));
        }
        PageScan scan = PageScan.of(body.utf8(), paging);
        if (scan.problem() != null) {
            return malformed(
                    connector,
                    tool,
                    answered,
                    body,
                    scan.problem(),
                    scan.passing() && tool.effect().readsOnly());
        }
        if (paging == null) {
            return new Verdict.Success(body.utf8(), body.mediaType(JSON));
        }
        if (!scan.listed() && !paging.recordsOptional()) {
            return malformed(
                    connector,
                    tool,
                    answered,
                    body,
                    "it has no list of records at " + NextPage.pointer(paging.records()),
                    false);
        }
        NextPage.Answer answer = new NextPage.Answer(scan, body, answered.headers());
        NextPage within = NextPage.of(connector, paging, answer, asked);
        Slices slices = paging.cap() == null || asked.slice() == null
                ? Slices.without(within)
                : Slices.after(paging, paging.cap(), answer, asked, asked.slice(), within);
        if (slices.next().problem() != null) {
            // The page was read well and would say the same again; nor does it mean that the vendor is down.
            return malformed(connector, tool, answered, body, slices.next().problem(), false);
        }
        return new Verdict.Success(
                PageRecords.without(body.utf8(), paging.records(), slices.repeated()::get),
                body.mediaType(JSON),
                slices.next().place(),
                scan.records() - slices.repeated().cardinality(),
                paging.records());
    }

    /** A page without records behind the last one. */
    private static Verdict.Success endOfData(Paging paging) {
        return new Verdict.Success(AnswerBody.emptyList(paging.records()), JSON, null, 0, paging.records());
    }

    /** A read of what is no JSON may fare better the next time; a write was done and only its result is lost. */
    private static Verdict malformed(
            Connector connector,
            Tool tool,
            HttpOutcome.Answered answered,
            AnswerBody body,
            String problem,
            boolean mayPass) {
        boolean read = tool.effect().readsOnly();
        VendorError error = new VendorError(
                ErrorCode.MALFORMED_RESPONSE,
                connector.title() + " answered " + answered.status() + " with what cannot be used: " + problem
                        + (read ? "" : "; the write itself was accepted"),
                answered.status(),
                null,
                List.of(),
                body.forError(),
                read ? null : "Look at the vendor whether it happened before sending it again.");
        return mayPass ? new Verdict.Retryable(false, null, error) : new Verdict.Failed(false, error);
    }
}
