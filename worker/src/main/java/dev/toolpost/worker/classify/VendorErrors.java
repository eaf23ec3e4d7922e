package dev.toolpost.worker.classify;

import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ErrorRule;
import dev.toolpost.connectors.FieldErrors;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.FieldProblem;
import dev.toolpost.worker.http.HttpOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** Reads a vendor's error out of its answer: message, code and field errors, wherever the connector says they are. Pure. */
final class VendorErrors {

    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LONGEST_CODE = 200;
    private static final int MOST_FIELDS = 50;
    private static final int DEEPEST_FIELD = 4;

    private VendorErrors() {}

    static VendorError of(
            Connector connector,
            HttpOutcome.Answered answered,
            AnswerBody body,
            ErrorCode code,
            @Nullable ErrorRule rule) {
        JsonNode tree = body.tree();
        String message = rule == null ? null : rule.message();
        if (message == null && tree != null) {
            message = firstText(tree, connector.errors().message(), LONGEST_MESSAGE);
        }
        String vendorCode =
                tree == null ? null : firstText(tree, connector.errors().vendorCode(), LONGEST_CODE);
        String remedy = rule == null ? null : rule.remedy();
        return new VendorError(
                code,
                message == null ? connector.title() + " answered " + answered.status() : message,
                answered.status(),
                vendorCode,
                tree == null ? List.of() : fields(tree, connector.errors().fields()),
                body.forError(),
                remedy == null ? standardRemedy(code) : remedy);
    }

    static @Nullable String standardRemedy(ErrorCode code) {
        return switch (code) {
            case REAUTHORIZATION_REQUIRED -> "Authorise the connection again.";
            case INSUFFICIENT_SCOPE -> "Authorise the connection again with the permission that this tool needs.";
            case INVALID_CURSOR -> "Start again from the first page, without a cursor.";
            case OUTCOME_UNKNOWN -> "Look at the vendor whether it happened before sending it again.";
            case INVALID_ARGUMENTS -> "Correct the arguments as the message says.";
            case RESULT_TOO_LARGE -> "Ask for less.";
            case INVALID_CALL,
                    UNKNOWN_TOOL,
                    UNKNOWN_CONNECTION,
                    NOT_ALLOWED,
                    CALL_CONFLICT,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    CONFLICT,
                    REJECTED,
                    RATE_LIMITED,
                    UNAVAILABLE,
                    MALFORMED_RESPONSE,
                    CREDENTIALS_UNAVAILABLE,
                    INTERNAL -> null;
        };
    }

    static List<FieldProblem> fields(JsonNode tree, List<FieldErrors> places) {
        List<FieldProblem> found = new ArrayList<>();
        for (FieldErrors place : places) {
            collect(found, tree, place.at(), place);
        }
        return found.size() > MOST_FIELDS ? found.subList(0, MOST_FIELDS) : found;
    }

    /** Walks to the place; {@code *} is every item of an array on the way. */
    private static void collect(List<FieldProblem> found, JsonNode node, JsonPointer rest, FieldErrors place) {
        if (rest.matches()) {
            collectAt(found, node, place);
        } else if (rest.getMatchingProperty().equals("*")) {
            for (JsonNode item : node) {
                collect(found, item, rest.tail(), place);
            }
        } else {
            JsonNode below =
                    node.isArray() ? node.path(rest.getMatchingIndex()) : node.path(rest.getMatchingProperty());
            collect(found, below, rest.tail(), place);
        }
    }

    private static void collectAt(List<FieldProblem> found, JsonNode at, FieldErrors place) {
        if (at.isArray()) {
            for (JsonNode item : at) {
                collectOne(found, item, place, place.field().isEmpty());
            }
        } else {
            collectOne(found, at, place, true);
        }
    }

    /** @param members whether an object that names no field of its own may be one of field to message */
    private static void collectOne(List<FieldProblem> found, JsonNode item, FieldErrors place, boolean members) {
        String alone = text(item, LONGEST_MESSAGE);
        if (alone != null) {
            boolean isName = place.field().stream().anyMatch(JsonPointer::matches);
            found.add(isName ? new FieldProblem(alone, "") : new FieldProblem("", alone));
            return;
        }
        List<String> names = names(item, place);
        if (!names.isEmpty()) {
            String message = firstText(item, place.message(), LONGEST_MESSAGE);
            names.forEach(name -> found.add(new FieldProblem(name, message == null ? "" : message)));
        } else if (item.isObject() && members) {
            collectMembers(found, "", item, place, DEEPEST_FIELD);
        }
    }

    private static void collectMembers(
            List<FieldProblem> found, String path, JsonNode object, FieldErrors place, int deeper) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = path + PlainText.of(member.getKey(), LONGEST_CODE);
            for (JsonNode message : member.getValue().isArray() ? member.getValue() : List.of(member.getValue())) {
                String text = text(message, LONGEST_MESSAGE);
                String inside = text == null ? firstText(message, place.message(), LONGEST_MESSAGE) : text;
                if (inside != null) {
                    found.add(new FieldProblem(name, inside));
                } else if (message.isObject() && place.field().isEmpty() && deeper > 0) {
                    collectMembers(found, name + ".", message, place, deeper - 1);
                }
            }
        }
    }

    /** The fields that one error is about, of the first place that names any. */
    private static List<String> names(JsonNode item, FieldErrors place) {
        for (JsonPointer pointer : place.field()) {
            JsonNode field = item.at(pointer);
            List<String> parts = new ArrayList<>();
            for (JsonNode part : field.isArray() ? field : List.of(field)) {
                String text = text(part, LONGEST_CODE);
                if (text != null) {
                    parts.add(text);
                }
            }
            if (!parts.isEmpty()) {
                return place.join() == null ? parts : List.of(String.join(place.join(), parts));
            }
        }
        return List.of();
    }

    /** The first text there is; several texts in an array are one. */
    private static @Nullable String firstText(JsonNode tree, List<JsonPointer> places, int longest) {
        for (JsonPointer place : places) {
            JsonNode node = tree.at(place);
            StringJoiner texts = new StringJoiner("; ");
            texts.setEmptyValue("");
            for (JsonNode one : node.isArray() ? node : List.of(node)) {
                String text = text(one, longest);
                if (text != null) {
                    texts.add(text);
                }
            }
            if (texts.length() > 0) {
                return PlainText.of(texts.toString(), longest);
            }
        }
        return null;
    }

    private static @Nullable String text(JsonNode node, int longest) {
        if (!node.isString() && !node.isNumber()) {
            return null;
        }
        String text = PlainText.of(node.asString(), longest);
        return text.isEmpty() ? null : text;
    }
}
