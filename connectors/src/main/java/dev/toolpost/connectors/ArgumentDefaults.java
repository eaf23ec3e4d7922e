package dev.toolpost.connectors;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the arguments of a tool are where a call leaves them out: the {@code default} of each in the tool's schema, or what a view asks for.
 * Immutable.
 */
public final class ArgumentDefaults {
    private final Map<String, JsonNode> standard;

    private ArgumentDefaults(Map<String, JsonNode> standard) {
        this.standard = Immutable.map(standard);
    }

    /** The defaults that a tool's schema names; those of paging are paging's own. */
    public static ArgumentDefaults of(Tool tool) {
        Map<String, JsonNode> standard = new LinkedHashMap<>();
        tool.arguments().path("properties").properties().forEach(property -> {
            boolean ofPaging = tool.paging() != null && property.getKey().equals(Paging.LIMIT);
            if (!ofPaging && property.getValue().has("default")) {
                standard.put(property.getKey(), property.getValue().get("default"));
            }
        });
        return new ArgumentDefaults(standard);
    }

    /** Validated arguments with what they leave out; the same object where nothing is left out. */
    public ObjectNode fillIn(ObjectNode arguments, @Nullable View view) {
        Map<String, JsonNode> missing = new LinkedHashMap<>(standard);
        if (view != null) {
            missing.putAll(view.arguments());
        }
        missing.keySet().removeIf(arguments::has);
        if (missing.isEmpty()) {
            return arguments;
        }
        ObjectNode filled = arguments.deepCopy();
        missing.forEach((name, value) -> filled.set(name, value.deepCopy()));
        return filled;
    }

    /**
     * Arguments without those that say no more than their default, so that two calls that mean the same are the same, and a call stays
     * itself where a definition's default changes.
     */
    public ObjectNode leaveOut(ObjectNode arguments) {
        List<String> standing = standard.entrySet().stream()
                .filter(one -> one.getValue().equals(arguments.path(one.getKey())))
                .map(Map.Entry::getKey)
                .toList();
        return standing.isEmpty() ? arguments : arguments.deepCopy().remove(standing);
    }
}
