package dev.toolpost.connectors;

import java.util.LinkedHashSet;
import java.util.Set;

/** The names that the templates of one request may use: the tool's arguments, and values that were taken from answers before. Used once. */
final class TemplateNames {
    private static final Set<String> PLAIN_TYPES = Set.of("string", "integer", "number", "boolean");

    private final ArgumentsSchema arguments;
    private final Set<String> values;
    private final Set<String> used;

    private TemplateNames(ArgumentsSchema arguments, Set<String> values, Set<String> used) {
        this.arguments = arguments;
        this.values = values;
        this.used = used;
    }

    static TemplateNames of(ArgumentsSchema arguments) {
        return new TemplateNames(arguments, Set.of(), new LinkedHashSet<>());
    }

    /** These and further values; what is used of one is used of both. */
    TemplateNames with(Set<String> more) {
        Set<String> both = new LinkedHashSet<>(values);
        both.addAll(more);
        return new TemplateNames(arguments, both, used);
    }

    boolean isValue(String name) {
        return values.contains(name);
    }

    /** Names used so far. */
    Set<String> used() {
        return used;
    }

    /** Notes that a place uses a name; reports one that is not known. */
    void use(Section place, String name) {
        used.add(name);
        if (arguments.declares(name) || values.contains(name)) {
            return;
        }
        Set<String> known = new LinkedHashSet<>(arguments.names());
        known.addAll(values);
        String nearest = NearestName.of(name, known);
        place.error(
                "{" + name + "} names no argument",
                nearest == null ? "declare it under arguments.properties" : "did you mean {" + nearest + "}?");
    }

    /** Reports an argument of a path that may be absent. */
    void requireForPath(Section path, String name) {
        if (arguments.declares(name) && !arguments.requires(name) && !arguments.hasDefault(name)) {
            path.error(
                    "the path needs the argument '" + name + "', which is optional",
                    "add it to required of the arguments, or give it a default");
        }
    }

    /** Reports an argument that has no plain text form where text is needed. */
    void refuseStructured(Section place, TextTemplate template) {
        for (TextTemplate.Part part : template.parts()) {
            if (part instanceof TextTemplate.Argument(String name, var functions) && !values.contains(name)) {
                Set<String> types = new LinkedHashSet<>(arguments.typesOf(name));
                if (functions.contains(TextFunction.JSON)) {
                    continue;
                }
                if (!functions.isEmpty() && !functions.contains(TextFunction.SEGMENTS)) {
                    types.remove("array");
                }
                if (!PLAIN_TYPES.containsAll(types)) {
                    place.error(
                            "the argument '" + name + "' may be " + String.join(" or ", types)
                                    + ", which has no text form here",
                            "declare it as string, integer, number or boolean");
                }
            }
        }
    }
}
