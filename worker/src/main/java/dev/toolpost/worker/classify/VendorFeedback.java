package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Feedback;
import dev.toolpost.connectors.HeaderCondition;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.ValueSource;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.ResponseHeaders;
import dev.toolpost.worker.ratelimit.LimitFeedback;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what an answer says about limits, at the places that the connector names, whatever else the answer means. Pure. */
public final class VendorFeedback {

    private static final BigDecimal MOST = BigDecimal.valueOf(Integer.MAX_VALUE);

    private VendorFeedback() {}

    /**
     * What the answer says.
     *
     * @param limits of the connection
     * @param tool full name of the tool that was called; limits that do not count it are left out
     * @param now for resets until a moment, where the vendor sends no date of its own
     */
    public static List<LimitFeedback> of(List<Limit> limits, String tool, HttpOutcome outcome, Instant now) {
        List<LimitFeedback> told = List.of();
        AnswerValues values = null;
        for (Limit limit : limits) {
            Feedback feedback = limit.feedback();
            if (feedback.isSilent() || !limit.counts(tool)) {
                continue;
            }
            values = values == null ? values(outcome, now) : values;
            LimitFeedback one = values == null ? null : read(limit.name(), feedback, values);
            if (one != null) {
                told = told.isEmpty() ? new ArrayList<>() : told;
                told.add(one);
            }
        }
        return told;
    }

    private static @Nullable AnswerValues values(HttpOutcome outcome, Instant now) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> values(answered.headers(), answered.body(), now);
            case HttpOutcome.TooLarge tooLarge -> values(tooLarge.headers(), new byte[0], now);
            case HttpOutcome.NotSent _, HttpOutcome.Unanswered _ -> null;
        };
    }

    private static AnswerValues values(ResponseHeaders headers, byte[] body, Instant now) {
        return new AnswerValues(headers, new AnswerBody(body, headers), now);
    }

    private static @Nullable LimitFeedback read(String limit, Feedback feedback, AnswerValues values) {
        Long cost = whole(feedback.cost(), RoundingMode.CEILING, values);
        if (!holds(feedback.when(), values)) {
            return cost == null ? null : new LimitFeedback(limit, cost, null, null, null, null);
        }
        LimitFeedback read = new LimitFeedback(
                limit,
                cost,
                whole(feedback.remaining(), RoundingMode.FLOOR, values),
                whole(feedback.used(), RoundingMode.CEILING, values),
                whole(feedback.limit(), RoundingMode.FLOOR, values),
                feedback.reset() == null ? null : values.wait(feedback.reset()));
        boolean silent = read.cost() == null
                && read.remaining() == null
                && read.used() == null
                && read.allowed() == null
                && read.reset() == null;
        return silent ? null : read;
    }

    private static boolean holds(List<HeaderCondition> conditions, AnswerValues values) {
        for (HeaderCondition condition : conditions) {
            if (!condition.holds(values.header(condition.header()))) {
                return false;
            }
        }
        return true;
    }

    /** Parts of a permit are not there: what costs a part costs one, what is left in part is not left. */
    private static @Nullable Long whole(@Nullable ValueSource source, RoundingMode rounding, AnswerValues values) {
        BigDecimal number = source == null ? null : values.number(source);
        return number == null
                ? null
                : number.max(BigDecimal.ZERO).min(MOST).setScale(0, rounding).longValue();
    }
}
