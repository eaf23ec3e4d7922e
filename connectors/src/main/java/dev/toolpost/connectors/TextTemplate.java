package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text with arguments in braces: {@code /contacts/{id}}. A doubled brace is a brace. Immutable. What is put in a brace's place is
 * encoded for the place it goes to, never read as a template again.
 *
 * @param source as written
 * @param parts its pieces, in order
 */
public record TextTemplate(String source, List<Part> parts) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    /** A piece of a template. */
    public sealed interface Part {}

    /** Text that stands for itself. */
    public record Literal(String text) implements Part {}

    /** The place of an argument (or, in a base URL, of a variable). */
    public record Argument(String name) implements Part {}

    public TextTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * Parses a template.
     *
     * @throws IllegalArgumentException where a brace is left open, closes nothing, or holds no name
     */
    public static TextTemplate parse(String source) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            boolean doubled = i + 1 < source.length() && source.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                literal.append(c);
                i++;
            } else if (c == '{') {
                int end = source.indexOf('}', i);
                if (end < 0) {
                    throw new IllegalArgumentException("'" + source + "': the brace at position " + (i + 1)
                            + " is not closed (a brace that stands for itself is doubled)");
                }
                String name = source.substring(i + 1, end);
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException("'" + source + "': {" + name
                            + "} holds no name (expected: letters, digits and underscores)");
                }
                if (!literal.isEmpty()) {
                    parts.add(new Literal(literal.toString()));
                    literal.setLength(0);
                }
                parts.add(new Argument(name));
                i = end;
            } else if (c == '}') {
                throw new IllegalArgumentException("'" + source + "': the brace at position " + (i + 1)
                        + " closes nothing (a brace that stands for itself is doubled)");
            } else {
                literal.append(c);
            }
        }
        if (!literal.isEmpty() || parts.isEmpty()) {
            parts.add(new Literal(literal.toString()));
        }
        return new TextTemplate(source, parts);
    }

    /** The argument's name where the template is one argument and nothing else, so that its JSON value is taken whole; else null. */
    public @Nullable String singleArgument() {
        return parts.size() == 1 && parts.getFirst() instanceof Argument argument ? argument.name() : null;
    }

    /** Names of all arguments in it, in order. */
    public Set<String> arguments() {
        Set<String> names = new LinkedHashSet<>();
        for (Part part : parts) {
            if (part instanceof Argument argument) {
                names.add(argument.name());
            }
        }
        return names;
    }

    @Override
    public String toString() {
        return source;
    }
}
