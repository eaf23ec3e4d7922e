package dev.toolpost.worker.call;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.LimitCost;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.classify.VendorError;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.CredentialsUnavailableException;
import dev.toolpost.worker.credentials.StoredConnection;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.request.RequestProblemException;
import dev.toolpost.worker.view.UnmappableException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The failures that the call path itself finds, each with its way out. */
final class Errors {

    private Errors() {}

    static Failure unknownTool(Call call, ConnectorCatalogue catalogue) {
        String tool = call.message().getTool();
        String nearest = catalogue.nearestTool(tool);
        return failure(
                ErrorCode.UNKNOWN_TOOL,
                "tool: \"" + tool + "\" (expected: the name of a tool that a connector defines)",
                nearest == null
                        ? "toolpost tools list shows all."
                        : "Did you mean " + nearest + "? toolpost tools list shows all.");
    }

    static Failure jobThatWrites(Call call) {
        return failure(
                ErrorCode.NOT_ALLOWED,
                "tool " + call.message().getTool() + " writes, and the parts of a job may run again",
                "Send a call for each write, or have a schedule send one: a call of its own is written once.");
    }

    static Failure unknownConnection(Call call, Connector connector) {
        return failure(
                ErrorCode.UNKNOWN_CONNECTION,
                "connection: \"" + call.connection() + "\" of tenant \"" + call.tenant() + "\" does not exist",
                "Add it with: toolpost connections add " + call.connection() + " --vendor " + connector.vendor()
                        + " --tenant " + call.tenant());
    }

    static Failure connectionOfOtherVendor(Call call, Connector connector, StoredConnection stored) {
        return failure(
                ErrorCode.UNKNOWN_CONNECTION,
                "connection: \"" + call.connection() + "\" is an account at "
                        + stored.connection().vendor() + " (expected: one at " + connector.vendor() + ", whose tool "
                        + call.message().getTool() + " is)",
                "Name a connection of " + connector.vendor() + ".");
    }

    static Failure credentialsUnavailable(CredentialsUnavailableException cause) {
        return failure(
                ErrorCode.CREDENTIALS_UNAVAILABLE,
                String.valueOf(cause.getMessage()),
                "The operator must make the credential store readable; the same call can then succeed.");
    }

    static Failure noAccessToken(String message, Instant retryAt) {
        return new Failure(CallError.of(
                        ErrorCode.CREDENTIALS_UNAVAILABLE,
                        "no access token can be had now: " + message,
                        "Send the call again after retry_at.")
                .retryAt(retryAt));
    }

    static Failure reauthorizationRequired(ConnectionRecord connection, String message) {
        return failure(
                ErrorCode.REAUTHORIZATION_REQUIRED,
                "connection \"" + connection.connection() + "\": " + message,
                reauthorizationRemedy(connection));
    }

    /** What whoever authorised a connection does when its grant is dead. */
    static String reauthorizationRemedy(ConnectionRecord connection) {
        String stored = "toolpost connections add " + connection.connection() + " --vendor " + connection.vendor()
                + " --tenant " + connection.tenant() + " --auth " + connection.authKind() + " --replace";
        return connection.authKind().equals(Auth.OAuth2.KIND)
                ? "Authorise the account again: toolpost connections authorize " + connection.vendor()
                        + " --connection " + connection.connection() + " --tenant " + connection.tenant()
                        + "; or store a refresh token that the vendor gave elsewhere: " + stored
                : "Authorise the account at " + connection.vendor() + " again and store what it gives: " + stored;
    }

    static Failure invalidArguments(List<FieldProblem> problems) {
        StringBuilder text = new StringBuilder();
        for (FieldProblem problem : problems) {
            text.append(text.isEmpty() ? "" : "; ")
                    .append(problem.path().isEmpty() ? "arguments" : problem.path())
                    .append(": ")
                    .append(problem.message());
        }
        return new Failure(CallError.ofFields(
                ErrorCode.INVALID_ARGUMENTS,
                text.toString(),
                problems,
                "Correct the named arguments; toolpost tools show prints the tool's schema."));
    }

    static Failure deadlineExceeded(Call call, long nowMillis) {
        return failure(
                ErrorCode.DEADLINE_EXCEEDED,
                "the deadline passed " + Math.max(0, nowMillis - call.deadline())
                        + " ms before the vendor could be called",
                "Send the call again with a later deadline, or see why the pool lags: toolpost's workers may be too few.");
    }

    static Failure deadlineExceeded(int pages, long records) {
        return failure(
                ErrorCode.DEADLINE_EXCEEDED,
                "the deadline passed after " + pages + " pages with " + records + " records",
                "Go on from next_cursor, or send the call with a later deadline, or on the batch lane.");
    }

    static Failure cancelledAfter(int pages, long records) {
        return pages == 0
                ? cancelled()
                : failure(
                        ErrorCode.CANCELLED,
                        "the call was cancelled after " + pages + " pages with " + records + " records",
                        "Go on from next_cursor.");
    }

    static Failure cancelledWork() {
        return failure(
                ErrorCode.CANCELLED,
                "the call was cancelled after the vendor had taken the work on",
                "The work may go on at the vendor; look there.");
    }

    static Failure deadlineOfWork() {
        return new Failure(CallError.of(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "the deadline passed before the vendor's work was done",
                        "The work may go on at the vendor; look there, or send a new call with a later deadline.")
                .finalForThisCall());
    }

    static Failure cancelled() {
        return failure(ErrorCode.CANCELLED, "the call was cancelled before the vendor was called", null);
    }

    static Failure conflict(Call call) {
        return failure(
                ErrorCode.CALL_CONFLICT,
                "\"" + call.writeId() + "\" is the id of an earlier write with another tool or other arguments",
                "Give every write an id of its own; repeat a write with exactly the same tool and arguments.");
    }

    static Failure replyNotKept() {
        return failure(
                ErrorCode.RESULT_TOO_LARGE,
                "this write was done before; its recorded reply was too large to keep",
                "Read the object at the vendor.");
    }

    /** What the vendor has taken on is never begun again, whatever has become of the tool's definition. */
    static Failure workWithoutDefinition(Call call) {
        Failure failure = failure(
                ErrorCode.OUTCOME_UNKNOWN,
                "The vendor took the work on, and the definition of "
                        + call.message().getTool() + " no longer says how to ask after it.",
                "Look at the vendor what became of it.");
        return new Failure(failure.error().finalForThisCall());
    }

    static Failure interrupted() {
        return failure(
                ErrorCode.OUTCOME_UNKNOWN,
                "the worker was lost after the write was started; whether the vendor acted on it is not known",
                "Look at the vendor whether it happened before sending it again under another id.");
    }

    /** Another call with the same id has begun the same write, and that is not over. */
    static Failure goesOnElsewhere() {
        return failure(
                ErrorCode.OUTCOME_UNKNOWN,
                "an earlier call with this id has begun the same write, and it is not over yet",
                "Await the reply of the earlier call, or send this one again under the same id: it gets the same reply, and"
                        + " nothing is begun twice.");
    }

    static Failure rateLimited(String tool, Instant availableAt) {
        return new Failure(CallError.of(
                        ErrorCode.RATE_LIMITED,
                        "the vendor's limits leave no permit for " + tool + " before the deadline",
                        "Send the call again after retry_at, or with a later deadline.")
                .retryAt(availableAt));
    }

    /** A call that could never have its permits: the caller's to change where its arguments decide, else whoever set the limits. */
    static Failure tooCostly(String tool, Limit limit, int cost) {
        String message = "the call takes " + cost + " permits of the limit " + limit.name() + " (expected: at most "
                + limit.permits() + ")";
        LimitCost.FromArgument from = limit.cost().fromArgument();
        if (from != null && limit.cost().depends(tool)) {
            return new Failure(CallError.ofFields(
                    ErrorCode.INVALID_ARGUMENTS,
                    message,
                    List.of(new FieldProblem("/" + from.argument(), message)),
                    "Ask for less: " + from.argument() + " decides what the call takes."));
        }
        return failure(
                ErrorCode.INTERNAL,
                message,
                "Whoever manages the connection must correct its limit overrides: no call of " + tool
                        + " can be sent.");
    }

    static Failure vendorFailing(String title, Instant retryAt) {
        return new Failure(CallError.of(
                        ErrorCode.UNAVAILABLE,
                        title + " fails so often that nothing is sent to it for now",
                        "Send the call again after retry_at.")
                .retryAt(retryAt));
    }

    static Failure badLimits(String connection, IllegalArgumentException cause) {
        return failure(
                ErrorCode.INTERNAL,
                "the limits of connection \"" + connection + "\" cannot be kept: " + cause.getMessage(),
                "Whoever manages the connection must correct its limit overrides.");
    }

    static Failure resultTooLarge(long size, int most, String topic) {
        return failure(
                ErrorCode.RESULT_TOO_LARGE,
                "the reply has " + size + " bytes (expected: at most " + most + ", the max.message.bytes of " + topic
                        + ")",
                "Ask for less (a smaller limit, fewer properties), or reply to a topic that takes larger records.");
    }

    static Failure unmappable(UnmappableException cause) {
        return failure(cause.code(), cause.getMessage(), cause.remedy());
    }

    /** The result of a write that was done cannot be shown as the call wants it. */
    static Failure unmappableAfterWrite(UnmappableException cause) {
        return failure(
                cause.code(),
                cause.getMessage() + "; the write itself was accepted",
                "Do not send the write again; look at the vendor for its result.");
    }

    static Failure wrongSelect(String problem) {
        return new Failure(CallError.ofFields(
                ErrorCode.INVALID_CALL,
                "/select: " + problem,
                List.of(new FieldProblem("/select", problem)),
                "Correct the expression, or leave select out to see the whole result."));
    }

    static Failure noUnifiedView(String tool) {
        return failure(
                ErrorCode.INVALID_CALL,
                "view: \"unified\", which " + tool + " does not have (expected: native)",
                "Leave view out. toolpost tools show tells what views a tool has.");
    }

    static Failure recordTooLarge(long size, int most, String topic) {
        return failure(
                ErrorCode.RESULT_TOO_LARGE,
                "one record has " + size + " bytes (expected: at most " + most + ", the max.message.bytes of " + topic
                        + ")",
                "Ask for fewer properties, or reply to a topic that takes larger records; next_cursor goes on behind"
                        + " that record.");
    }

    static Failure bug(Throwable cause) {
        return failure(
                ErrorCode.INTERNAL,
                "an error inside Toolpost (" + cause.getClass().getSimpleName() + "); the worker's log has the details",
                null);
    }

    static Failure requestProblem(RequestProblemException problem) {
        return new Failure(CallError.ofFields(
                problem.code(),
                problem.getMessage(),
                problem.path().isEmpty() ? List.of() : List.of(new FieldProblem(problem.path(), problem.detail())),
                null));
    }

    static Failure ofVendor(VendorError error, boolean retryable, @Nullable Instant retryAt) {
        return new Failure(new CallError(
                error.code(),
                error.message(),
                retryable,
                retryAt,
                error.vendorStatus(),
                error.vendorCode(),
                error.fields(),
                error.remedy(),
                error.vendorBody()));
    }

    static Failure failure(ErrorCode code, String message, @Nullable String remedy) {
        return new Failure(CallError.of(code, message, remedy));
    }
}
