package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
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
    private static final int MOST_FUNCTIONS = 4;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    /** A piece of a template. */
    public sealed interface Part {}

    /** Text that stands for itself. */
    public record Literal(String text) implements Part {}

    /**
     * The place of an argument (or, in a base URL, of a variable).
     *
     * @param functions what is done to its text, in order; only in requests
     */
    public record Argument(String name, List<TextFunction> functions) implements Part {
        public Argument {
            functions = List.copyOf(functions);
        }

        public Argument(String name) {
            this(name, List.of());
        }
    }

    public TextTemplate {
        parts = List.copyOf(parts);
    }

    /**
     * Parses a template without functions.
     *
     * @throws IllegalArgumentException where a brace is left open, closes nothing, or holds no name
     */
    public static TextTemplate parse(String source) {
        return parse(source, false);
    }

    /**
     * Parses a template whose arguments may go through functions: {@code {name|lower}}.
     *
     * @throws IllegalArgumentException where a brace is left open, closes nothing, or holds no name, or a function is not known
     */
    static TextTemplate parseWithFunctions(String source) {
        return parse(source, true);
    }

    private static TextTemplate parse(String source, boolean withFunctions) {
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
                String inside = source.substring(i + 1, end);
                int pipe = withFunctions ? inside.indexOf('|') : -1;
                String name = pipe < 0 ? inside : inside.substring(0, pipe);
                if (!NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException("'" + source + "': {" + inside
                            + "} holds no name (expected: letters, digits and underscores)");
                }
                if (!literal.isEmpty()) {
                    parts.add(new Literal(literal.toString()));
                    literal.setLength(0);
                }
                parts.add(new Argument(name, pipe < 0 ? List.of() : functions(source, inside.substring(pipe + 1))));
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

    private static List<TextFunction> functions(String source, String names) {
        List<TextFunction> functions = new ArrayList<>();
        for (String name : names.split("\\|", -1)) {
            TextFunction function = TextFunction.of(name);
            if (function == null) {
                List<String> known = Arrays.stream(TextFunction.values())
                        .map(TextFunction::spelling)
                        .toList();
                String nearest = NearestName.of(name, known);
                throw new IllegalArgumentException("'" + source + "': " + name + " is no function (expected: "
                        + (nearest == null ? String.join(", ", known) : "perhaps " + nearest) + ")");
            }
            functions.add(function);
        }
        if (functions.size() > MOST_FUNCTIONS) {
            throw new IllegalArgumentException(
                    "'" + source + "': " + functions.size() + " functions (expected: at most " + MOST_FUNCTIONS + ")");
        }
        if (functions.lastIndexOf(TextFunction.JSON) > 0) {
            throw new IllegalArgumentException("'" + source + "': json takes the argument itself (expected: first)");
        }
        int segments = functions.indexOf(TextFunction.SEGMENTS);
        if (segments >= 0 && segments < functions.size() - 1) {
            throw new IllegalArgumentException("'" + source + "': segments keeps slashes apart (expected: last)");
        }
        return functions;
    }

    /**
     * The argument's name where the template is one argument and nothing else, not even a function, so that its JSON value is taken whole;
     * else null.
     */
    public @Nullable String singleArgument() {
        return parts.size() == 1
                        && parts.getFirst() instanceof Argument(String name, List<TextFunction> functions)
                        && functions.isEmpty()
                ? name
                : null;
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

    /**
     * The text with every name's value in its place, as it is.
     *
     * @param values the value of each name
     */
    public String render(UnaryOperator<String> values) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal(String literal) -> text.append(literal);
                case Argument(String name, var _) -> text.append(values.apply(name));
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return source;
    }
}
