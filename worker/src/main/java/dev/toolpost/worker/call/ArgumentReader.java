package dev.toolpost.worker.call;

import dev.toolpost.connectors.ArgumentProblem;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.ResponseKind;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.schemas.JsonTrouble;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.paging.InvalidCursorException;
import dev.toolpost.worker.paging.PagePlace;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.request.CanonicalJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Parses a call's arguments, opens its cursor and holds the arguments against the tool's schema. Thread-safe. */
final class ArgumentReader {

    private final PageCursors cursors;
    private final ResultViews views;

    ArgumentReader(PageCursors cursors, ResultViews views) {
        this.cursors = cursors;
        this.views = views;
    }

    /** What came of it. */
    sealed interface Reading {
        record Right(Arguments arguments) implements Reading {}

        record Wrong(Failure failure) implements Reading {}
    }

    Reading read(Call call, ToolRef ref) {
        ToolCall message = call.message();
        ObjectNode values;
        try {
            if (!(CanonicalJson.parse(message.getArguments()) instanceof ObjectNode object)) {
                return wrong("", "not a JSON object (expected: an object with the tool's arguments)");
            }
            values = object;
        } catch (JacksonException notJson) {
            return wrong("", "not JSON: " + JsonTrouble.of(notJson));
        }
        if (call.isUnified()
                && (ref.tool().unified() == null || !ref.tool().effect().readsOnly())) {
            return new Reading.Wrong(Errors.noUnifiedView(ref.tool().name()));
        }
        if (message.getSelect() != null) {
            if (ref.tool().response() != ResponseKind.JSON) {
                return new Reading.Wrong(
                        Errors.wrongSelect("given, but " + ref.tool().name() + " answers with "
                                + ref.tool().response().name().toLowerCase(Locale.ROOT)));
            }
            try {
                views.selection(call);
            } catch (IllegalArgumentException wrong) {
                return new Reading.Wrong(Errors.wrongSelect(String.valueOf(wrong.getMessage())));
            }
        }
        Paging paging = ref.tool().paging();
        String sealed = call.startCursor();
        if (paging == null) {
            if (call.traverses()) {
                return new Reading.Wrong(Errors.failure(
                        ErrorCode.INVALID_CALL,
                        "paging.mode: all, but " + ref.tool().name() + " has one page only",
                        "Leave paging out."));
            }
            if (sealed != null) {
                return new Reading.Wrong(Errors.failure(
                        ErrorCode.INVALID_CURSOR,
                        "paging.cursor: given, but " + ref.tool().name() + " has one page only",
                        "Leave the cursor out."));
            }
            return validated(call, values, null, 0, ref);
        }
        JsonNode argument = values.path(Paging.NEXT_CURSOR);
        if (call.progress().cursor() == null && argument.isString()) {
            if (argument.stringValue().isEmpty()) {
                // A model that sends back the end of one list would read another from its beginning.
                return new Reading.Wrong(Errors.failure(
                        ErrorCode.INVALID_CURSOR,
                        "next_cursor: empty (expected: what the page before came with)",
                        "Leave next_cursor out for the first page; a reply without next_cursor was the last."));
            }
            if (sealed != null && !sealed.equals(argument.stringValue())) {
                return wrong(
                        "/" + Paging.NEXT_CURSOR,
                        "another cursor than paging.cursor (expected: one of them, or the same)");
            }
            sealed = argument.stringValue();
        }
        if (sealed == null) {
            return validated(call, values, null, 0, ref);
        }
        JsonNode limit = values.path(Paging.LIMIT);
        ObjectNode given = values.deepCopy();
        given.remove(List.of(Paging.LIMIT, Paging.NEXT_CURSOR));
        try {
            PagePlace place = cursors.open(call, ref.tool(), sealed, given);
            ObjectNode whole = (ObjectNode) place.arguments().deepCopy();
            if (!limit.isMissingNode()) {
                whole.set(Paging.LIMIT, limit);
            }
            return validated(
                    call,
                    whole,
                    place.vendorCursor().equals(PageCursors.FIRST_PAGE) ? null : place.vendorCursor(),
                    place.skip(),
                    ref);
        } catch (InvalidCursorException invalid) {
            return new Reading.Wrong(
                    new Failure(CallError.of(ErrorCode.INVALID_CURSOR, invalid.getMessage(), invalid.remedy())));
        }
    }

    private Reading validated(Call call, ObjectNode values, @Nullable String vendorCursor, int skip, ToolRef ref) {
        List<ArgumentProblem> problems = ref.validator().validate(values);
        if (!problems.isEmpty()) {
            List<FieldProblem> fields = new ArrayList<>();
            problems.forEach(problem -> fields.add(new FieldProblem(problem.path(), problem.message())));
            return new Reading.Wrong(Errors.invalidArguments(fields));
        }
        ObjectNode filled =
                ref.defaults().fillIn(values, call.isUnified() ? ref.tool().unified() : null);
        return new Reading.Right(new Arguments(values, filled, vendorCursor, null, skip));
    }

    private static Reading.Wrong wrong(String path, String message) {
        return new Reading.Wrong(Errors.invalidArguments(List.of(new FieldProblem(path, message))));
    }
}
