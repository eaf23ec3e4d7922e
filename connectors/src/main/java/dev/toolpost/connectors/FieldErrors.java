package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * Where a vendor's error names single fields. Immutable and pure.
 *
 * <p>What stands at {@code at} may be an array of objects (one error each, field and message by pointers inside it), an
 * array of strings (names of fields where {@code field} is the empty pointer, else messages), an object of field to message
 * or messages, or a single object or string.
 *
 * @param at where they are in the body
 * @param field inside one error: the field's name or path; the first that is there counts
 * @param message inside one error: its message; the first that is there counts
 */
public record FieldErrors(JsonPointer at, List<JsonPointer> field, List<JsonPointer> message) {

    public FieldErrors {
        field = List.copyOf(field);
        message = List.copyOf(message);
    }

    private static final int MAX_FOUND = 100;

    /** The field errors that a body holds here, in its order; at most 100. */
    public List<Found> read(JsonNode body) {
        JsonNode place = body.at(at);
        List<Found> found = new ArrayList<>();
        if (place.isArray()) {
            place.forEach(one -> add(found, one));
        } else if (place.isObject() && field.isEmpty()) {
            place.forEachEntry((name, messages) -> addNamed(found, name, messages));
        } else {
            add(found, place);
        }
        return found.size() > MAX_FOUND ? List.copyOf(found.subList(0, MAX_FOUND)) : List.copyOf(found);
    }

    private void add(List<Found> found, JsonNode one) {
        String name = first(one, field);
        String text = first(one, message);
        if (one.isValueNode() && field.isEmpty()) {
            text = one.asString("");
        }
        if (name != null || (text != null && !text.isEmpty())) {
            found.add(new Found(name == null ? "" : name, text));
        }
    }

    private void addNamed(List<Found> found, String name, JsonNode messages) {
        if (messages.isArray()) {
            messages.forEach(one -> found.add(new Found(name, text(one))));
        } else {
            found.add(new Found(name, text(messages)));
        }
    }

    private @Nullable String text(JsonNode node) {
        return node.isContainer() ? first(node, message) : node.asString("");
    }

    private static @Nullable String first(JsonNode node, List<JsonPointer> pointers) {
        for (JsonPointer pointer : pointers) {
            JsonNode value = node.at(pointer);
            if (value.isValueNode() && !value.isNull() && !value.asString("").isEmpty()) {
                return value.asString();
            }
        }
        return null;
    }

    /**
     * One error of a field.
     *
     * @param field the vendor's name of the field; empty where it names none
     * @param message what is wrong with it, or null where the vendor says no more
     */
    public record Found(String field, @Nullable String message) {}
}
