package dev.toolpost.connectors;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * Where a vendor's error names single fields. Immutable and pure.
 *
 * <p>What stands at {@code at} may be an array of objects (one error each, field and message by pointers inside it), an
 * array of strings (names of fields where {@code field} is the empty pointer, else messages), an object of field to message
 * or messages (or of field to such an object), an array of such objects, or a single object or string. A segment {@code *} of
 * {@code at} is every item of an array.
 *
 * @param at where they are in the body
 * @param field inside one error: the field's name or path; the first that is there counts
 * @param message inside one error: its message; the first that is there counts
 * @param join what the parts of a field's path are joined with, where the vendor gives it as an array; null where an array of texts is
 *     several fields with one message
 */
public record FieldErrors(
        JsonPointer at,
        List<JsonPointer> field,
        List<JsonPointer> message,
        @Nullable String join) {

    public FieldErrors {
        field = List.copyOf(field);
        message = List.copyOf(message);
    }
}
