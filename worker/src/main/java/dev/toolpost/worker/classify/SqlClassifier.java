package dev.toolpost.worker.classify;

import dev.toolpost.connectors.BodyCondition;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.Meaning;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Patience;
import dev.toolpost.connectors.Tool;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.sql.SqlError;
import dev.toolpost.worker.sql.SqlOutcome;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says what a transaction at a database means, by the connector's rules over what its error says: the first that matches decides. Pure;
 * thread-safe.
 */
public final class SqlClassifier {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LONGEST_PART = 1_000;

    private SqlClassifier() {}

    /** Judges the outcome of one transaction. */
    public static Verdict classify(Connector connector, Tool tool, SqlOutcome outcome) {
        return switch (outcome) {
            case SqlOutcome.Done done ->
                new Verdict.Success(
                        done.body(),
                        "application/json",
                        done.next(),
                        done.rows(),
                        tool.paging() == null ? null : tool.paging().records());
            case SqlOutcome.TooMuch tooMuch -> tooMuch(connector, tool, tooMuch);
            case SqlOutcome.NotSent notSent -> notSent(connector, notSent);
            case SqlOutcome.Failed failed -> failed(connector, tool, failed);
        };
    }

    private static Verdict tooMuch(Connector connector, Tool tool, SqlOutcome.TooMuch tooMuch) {
        return new Verdict.Failed(
                true,
                VendorError.withoutAnswer(
                        ErrorCode.RESULT_TOO_LARGE,
                        connector.title() + ": " + tooMuch.reason(),
                        tool.effect().readsOnly()
                                ? "Ask for fewer rows or columns."
                                : "Narrow what is to be changed."));
    }

    private static Verdict notSent(Connector connector, SqlOutcome.NotSent notSent) {
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

    private static Verdict failed(Connector connector, Tool tool, SqlOutcome.Failed failed) {
        ObjectNode body = body(failed.error());
        ErrorRule rule = null;
        for (ErrorRule each : connector.errors().rules()) {
            if (each.concerns(tool) && holds(each, body)) {
                rule = each;
                break;
            }
        }
        Meaning meaning = rule == null ? Meaning.REJECTED : rule.meaning();
        Patience patience = rule == null ? Patience.NONE : rule.patience();
        return switch (meaning) {
            case TRANSIENT ->
                new Verdict.Retryable(
                        failed.notProcessed(),
                        patience.pause(),
                        error(
                                failed,
                                code(Objects.requireNonNullElse(
                                        rule == null ? null : rule.endsAs(), Meaning.UNAVAILABLE)),
                                body,
                                rule));
            case THROTTLED ->
                new Verdict.Throttled(
                        patience.pause(),
                        patience.pauseMax(),
                        patience.limits(),
                        error(failed, ErrorCode.RATE_LIMITED, body, rule));
            case EXPIRED_CREDENTIAL ->
                new Verdict.CredentialRejected(error(failed, ErrorCode.REAUTHORIZATION_REQUIRED, body, rule));
            case END_OF_DATA -> {
                Paging paging = Objects.requireNonNull(tool.paging(), "paging of a tool whose list ends");
                yield new Verdict.Success(
                        AnswerBody.emptyList(paging.records()), "application/json", null, 0, paging.records());
            }
            default -> new Verdict.Failed(failed.notProcessed(), error(failed, code(meaning), body, rule));
        };
    }

    private static boolean holds(ErrorRule rule, ObjectNode body) {
        for (BodyCondition condition : rule.body()) {
            if (!condition.holds(body)) {
                return false;
            }
        }
        return true;
    }

    private static ErrorCode code(Meaning meaning) {
        return ErrorCode.valueOf(meaning.name());
    }

    /** What rules see of an error, and agents get. */
    private static ObjectNode body(SqlError error) {
        ObjectNode body = MAPPER.createObjectNode();
        body.put("sqlstate", error.state());
        body.put("message", PlainText.of(error.message(), LONGEST_PART));
        new TreeMap<>(error.parts()).forEach((name, part) -> body.put(name, PlainText.of(part, LONGEST_PART)));
        if (error.position() != null) {
            body.put("position", error.position());
        }
        if (error.timedOut()) {
            body.put("timed_out", true);
        }
        return body;
    }

    private static VendorError error(
            SqlOutcome.Failed failed, ErrorCode code, ObjectNode body, @Nullable ErrorRule rule) {
        String message =
                rule == null || rule.message() == null ? body.path("message").asString() : rule.message();
        String column = failed.error().parts().get("column");
        String remedy = rule == null ? null : rule.remedy();
        return new VendorError(
                code,
                message,
                null,
                failed.error().state(),
                column == null ? List.of() : List.of(new FieldProblem(PlainText.of(column, LONGEST_PART), message)),
                MAPPER.writeValueAsString(body),
                remedy == null ? VendorErrors.standardRemedy(code) : remedy);
    }
}
