package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.RetryRules;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.request.AskedPage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an answer means of a server that a vendor's link led to. That server is not the vendor: it knows nothing of the vendor's limits and
 * tokens, and the connector's rules are not about it. So its answers mean what HTTP says (RFC 9110), and never that the connection is throttled or its
 * credential rejected. Pure.
 */
public final class LinkedAnswers {

    private static final Set<Integer> PASSING = Set.of(408, 425, 429);
    private static final Set<Integer> ENDED = Set.of(401, 403, 404, 410);

    private LinkedAnswers() {}

    /** Judges the end of an exchange with such a server. */
    public static Verdict classify(Connector connector, Tool tool, HttpOutcome outcome, AskedPage asked, Instant now) {
        String where = asked.uri().getHost() + ", where " + connector.title() + "'s link leads,";
        return switch (outcome) {
            case HttpOutcome.Answered answered -> answered(connector, tool, answered, asked, now, where);
            case HttpOutcome.TooLarge tooLarge
            when tooLarge.status() >= 200 && tooLarge.status() <= 299 ->
                Classifier.classify(connector, tool, tooLarge, asked, now);
            case HttpOutcome.TooLarge tooLarge ->
                answered(
                        connector,
                        tool,
                        new HttpOutcome.Answered(tooLarge.status(), tooLarge.headers(), new byte[0], tooLarge.took()),
                        asked,
                        now,
                        where);
            case HttpOutcome.NotSent notSent ->
                notSent.why() == HttpOutcome.NotSentCause.REFUSED
                        ? new Verdict.Failed(
                                true,
                                VendorError.withoutAnswer(
                                        ErrorCode.NOT_ALLOWED,
                                        where + " is refused: " + notSent.reason(),
                                        "An operator can allow the address (http.allow_addresses)."))
                        : passing(true, null, where + " could not be reached: " + notSent.reason());
            case HttpOutcome.Unanswered unanswered ->
                passing(false, null, where + " did not answer: " + unanswered.reason());
        };
    }

    /** Whether a failure says that the link is not, or no longer, good: another may be. */
    public static boolean isEnded(@Nullable Integer status) {
        return status != null && ENDED.contains(status);
    }

    private static Verdict answered(
            Connector connector, Tool tool, HttpOutcome.Answered answered, AskedPage asked, Instant now, String where) {
        int status = answered.status();
        AnswerBody body = new AnswerBody(answered.body(), answered.headers());
        if (status >= 200 && status <= 299) {
            return Classifier.success(connector, tool, answered, body, asked);
        }
        if (PASSING.contains(status) || status >= 500) {
            Duration wait = new AnswerValues(answered.headers(), body, now).wait(RetryRules.DEFAULT.waits());
            return passing(true, wait, where + " answered " + status);
        }
        NextPage target = moved(answered, asked);
        String place = target == null ? null : target.place();
        VendorError error = new VendorError(
                status >= 400 ? ErrorCode.REJECTED : ErrorCode.MALFORMED_RESPONSE,
                where + " answered " + status + (ENDED.contains(status) ? ": the link is not, or no longer, good" : ""),
                status,
                null,
                List.of(),
                body.forError(),
                ENDED.contains(status) ? "Call the tool again for a new link." : null);
        return place == null ? new Verdict.Failed(true, error) : new Verdict.Moved(place, error);
    }

    private static @Nullable NextPage moved(HttpOutcome.Answered answered, AskedPage asked) {
        String location = answered.headers().first("Location");
        boolean redirects = answered.status() >= 301 && answered.status() <= 308;
        return redirects && location != null ? LinkTarget.of(location, asked, "its redirect", Set.of()) : null;
    }

    private static Verdict passing(boolean notProcessed, @Nullable Duration wait, String message) {
        return new Verdict.Retryable(
                notProcessed, wait, VendorError.withoutAnswer(ErrorCode.UNAVAILABLE, message, null));
    }
}
