package dev.toolpost.connectors;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON value whose texts are templates, as requests for credentials hold them. What is put in a brace's place stays text. Immutable.
 *
 * @param source as written; every text in it is a valid template
 */
public record JsonTemplate(JsonNode source) {

    /** The empty object. */
    public static final JsonTemplate EMPTY = new JsonTemplate(JsonNodeFactory.instance.objectNode());

    /**
     * The value with every template filled.
     *
     * @param values the value of each name
     */
    public JsonNode render(UnaryOperator<String> values) {
        return render(source, values);
    }

    /** The names in its templates. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        collect(source, names);
        return names;
    }

    private static void collect(JsonNode node, Set<String> names) {
        if (node.isString()) {
            names.addAll(TextTemplate.parse(node.stringValue()).arguments());
        }
        node.forEach(item -> collect(item, names));
    }

    private static JsonNode render(JsonNode node, UnaryOperator<String> values) {
        if (node.isString()) {
            return JsonNodeFactory.instance.stringNode(
                    TextTemplate.parse(node.stringValue()).render(values));
        }
        if (node.isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            node.properties().forEach(member -> object.set(member.getKey(), render(member.getValue(), values)));
            return object;
        }
        if (node.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> array.add(render(item, values)));
            return array;
        }
        return node;
    }
}
