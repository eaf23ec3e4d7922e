package dev.toolpost.connectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/**
 * Where an answer says something about waits or limits. Immutable.
 *
 * @param place header or part of the body
 * @param extract what of the text counts: its one group, where it is found; null for the whole text
 */
public record ValueSource(Place place, @Nullable TextPattern extract) {

    /** A part of an answer. */
    public sealed interface Place {}

    /** A header, by its name without regard to case. */
    public record Header(String name) implements Place {}

    /** A value of the JSON body; the empty pointer is the whole body as text, JSON or not. */
    public record Body(JsonPointer pointer) implements Place {}

    /** A whole header. */
    public static ValueSource header(String name) {
        return new ValueSource(new Header(name), null);
    }
}
