package dev.toolpost.connectors;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** Reads the statement of one tool of a database, and how its rows are paged. Used once. */
final class StatementReader {
    private static final Map<String, String> STANDARD_TYPES = Map.of(
            "string", "text", "integer", "bigint", "number", "numeric", "boolean", "boolean", "array", "jsonb",
            "object", "jsonb");

    private final Section section;
    private final ArgumentsSchema arguments;
    private final Effect effect;
    private final Set<String> used = new LinkedHashSet<>();

    StatementReader(Section section, ArgumentsSchema arguments, Effect effect) {
        this.section = section;
        this.arguments = arguments;
        this.effect = effect;
    }

    /** Arguments that the statement uses; known once {@link #read} is done. */
    Set<String> used() {
        return used;
    }

    @Nullable
    Statement read() {
        int maxRows = section.number("max_rows", Statement.STANDARD_ROWS);
        Section from = section.find("argument");
        if (from != null) {
            return ofArgument(from, maxRows);
        }
        Section sql = section.find("sql");
        if (sql == null) {
            section.error(
                    "the statement has no text", "write sql, or the argument that holds a query of the agent's own");
            return null;
        }
        SqlText text = sql.parsed(SqlText::parse);
        if (text == null) {
            return null;
        }
        for (String name : text.names()) {
            declared(sql, "{" + name + "}", name);
            requireNames(sql, name);
        }
        SequencedMap<String, String> types = new LinkedHashMap<>();
        for (String name : text.parameters()) {
            if (!name.equals(Statement.IDEMPOTENCY_KEY)) {
                declared(sql, ":" + name, name);
            }
            types.put(name, type(name));
        }
        refuseUnknownTypes(text.parameters());
        return new Statement(text, null, types, maxRows);
    }

    private @Nullable Statement ofArgument(Section from, int maxRows) {
        if (effect != Effect.READ) {
            from.error("a statement of the agent's own goes with effect: read alone", "write the statement as sql");
            return null;
        }
        if (section.has("sql")) {
            from.error("a statement cannot have sql and argument both", "keep one of them");
            return null;
        }
        declared(from, "argument", from.text());
        if (arguments.declares(from.text()) && !arguments.requires(from.text())) {
            from.error("the argument '" + from.text() + "' is optional", "add it to required of the arguments");
        }
        return new Statement(null, from.text(), Map.of(), maxRows);
    }

    private void declared(Section place, String shown, String name) {
        used.add(name);
        if (!arguments.declares(name)) {
            String nearest = NearestName.of(name, arguments.names());
            place.error(
                    shown + " names no argument",
                    nearest == null ? "declare it under arguments.properties" : "did you mean '" + nearest + "'?");
        }
    }

    private void requireNames(Section place, String name) {
        if (!arguments.declares(name)) {
            return;
        }
        if (!arguments.requires(name) && !arguments.hasDefault(name)) {
            place.error("{" + name + "} needs the argument, which is optional", "add it to required of the arguments");
        }
        if (!Set.of("string", "array", "object").containsAll(arguments.typesOf(name))) {
            place.error(
                    "{" + name + "} takes names, and the argument may be "
                            + String.join(" or ", arguments.typesOf(name)),
                    "declare it as a string, an array of strings, or an object whose members are named");
        }
    }

    private String type(String name) {
        Section types = section.find("types");
        String given = types == null ? null : types.textOrNull(name);
        if (given != null) {
            return given;
        }
        return arguments.typesOf(name).stream()
                .findFirst()
                .map(type -> STANDARD_TYPES.getOrDefault(type, "text"))
                .orElse("text");
    }

    private void refuseUnknownTypes(Set<String> parameters) {
        Section types = section.find("types");
        if (types != null) {
            types.members().forEach((name, type) -> {
                if (!parameters.contains(name)) {
                    String nearest = NearestName.of(name, parameters);
                    type.problems()
                            .errorAtKey(
                                    type.pointer(),
                                    "the statement has no parameter :" + name,
                                    nearest == null ? "remove it" : "did you mean '" + nearest + "'?");
                }
            });
        }
    }

    /** How the rows are paged; null where errors were reported. */
    static @Nullable Paging paging(Section paging) {
        Section size = paging.find("page_size");
        int largest = size == null ? Statement.STANDARD_ROWS : size.number("max", Statement.STANDARD_ROWS);
        int standard = size == null ? Math.min(100, largest) : size.number("default", Math.min(100, largest));
        if (standard > largest) {
            paging.get("page_size").error("default: " + standard + " (expected: <= max, " + largest + ")", "");
            return null;
        }
        SequencedMap<String, String> key = new LinkedHashMap<>();
        switch (paging.text("kind")) {
            case "keyset" -> paging.get("key").members().forEach((column, type) -> key.put(column, type.text()));
            case "skip" -> {}
            default -> {
                paging.get("kind")
                        .error(
                                "paging of kind " + paging.text("kind") + " goes with requests",
                                "write keyset or skip for a statement");
                return null;
            }
        }
        return new Paging(
                new Paging.Rows(key, paging.flag("descending", false)),
                JsonPointer.empty(),
                null,
                new Paging.PageSize(new Paging.InStatement(), standard, largest));
    }
}
