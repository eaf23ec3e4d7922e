package dev.toolpost.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * One value of a definition with its place. The definition has passed the format's JSON Schema before, so types are not checked
 * again.
 */
final class Section {
    private final JsonNode node;
    private final String pointer;
    private final Problems problems;

    Section(JsonNode node, String pointer, Problems problems) {
        this.node = node;
        this.pointer = pointer;
        this.problems = problems;
    }

    JsonNode node() {
        return node;
    }

    String pointer() {
        return pointer;
    }

    Problems problems() {
        return problems;
    }

    boolean has(String name) {
        return node.has(name);
    }

    /** A member that is there. */
    Section get(String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new IllegalStateException(pointer + " has no " + name + ", though the format's schema requires it");
        }
        return new Section(value, PositionedYaml.child(pointer, name), problems);
    }

    @Nullable
    Section find(String name) {
        return node.has(name) ? get(name) : null;
    }

    SequencedMap<String, Section> members() {
        SequencedMap<String, Section> members = new LinkedHashMap<>();
        for (String name : node.propertyNames()) {
            members.put(name, get(name));
        }
        return members;
    }

    List<Section> items() {
        List<Section> items = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            items.add(new Section(node.get(i), pointer + "/" + i, problems));
        }
        return items;
    }

    /** The items of an array, or this alone where it is none. */
    List<Section> itemsOrSelf() {
        return node.isArray() ? items() : List.of(this);
    }

    String text() {
        return node.asString();
    }

    String text(String name) {
        return get(name).text();
    }

    String text(String name, String otherwise) {
        return has(name) ? text(name) : otherwise;
    }

    @Nullable
    String textOrNull(String name) {
        return has(name) ? text(name) : null;
    }

    boolean flag(String name, boolean otherwise) {
        return has(name) ? get(name).node.asBoolean() : otherwise;
    }

    int number(String name, int otherwise) {
        return has(name) ? get(name).node.asInt() : otherwise;
    }

    Duration duration(String name, Duration otherwise) {
        return has(name) ? DurationText.parse(text(name)) : otherwise;
    }

    @Nullable
    Duration durationOrNull(String name) {
        return has(name) ? DurationText.parse(text(name)) : null;
    }

    JsonPointer jsonPointer() {
        return JsonPointer.compile(text());
    }

    /** The pointers of a member that holds one or several; empty where it is absent. */
    List<JsonPointer> jsonPointers(String name) {
        Section section = find(name);
        return section == null
                ? List.of()
                : section.itemsOrSelf().stream().map(Section::jsonPointer).toList();
    }

    void error(String message, String fix) {
        problems.error(pointer, message, fix);
    }

    /** Applies a parser of text; what it refuses becomes an error at this place, and null. */
    <T> @Nullable T parsed(Function<String, T> parser) {
        try {
            return parser.apply(text());
        } catch (IllegalArgumentException e) {
            error(String.valueOf(e.getMessage()), "");
            return null;
        }
    }
}
