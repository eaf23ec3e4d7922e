package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import dev.toolpost.connectors.TextTemplate;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts arguments in the places that templates keep for them. What comes out is a value, not yet encoded for where it goes. Pure.
 *
 * @param arguments by name, validated already
 */
record Rendering(JsonNode arguments) {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Text with its arguments in place, or null where one of them is absent or null. */
    @Nullable
    String text(TextTemplate template) throws RequestProblemException {
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal(String literal) -> text.append(literal);
                case TextTemplate.Argument(String name) -> {
                    String value = text(name);
                    if (value == null) {
                        return null;
                    }
                    text.append(value);
                }
            }
        }
        return text.toString();
    }

    /** An argument's plain value as text, or null where it is absent or null. */
    @Nullable
    String text(String name) throws RequestProblemException {
        JsonNode value = arguments.path(name);
        return value.isMissingNode() || value.isNull() ? null : scalar(name, value);
    }

    /** A value of an argument that has a text form. */
    static String scalar(String name, JsonNode value) throws RequestProblemException {
        if (!value.isValueNode()) {
            throw RequestProblemException.ofArgument(
                    name, value.getNodeType() + " (expected: text, a number or a boolean; it is not part of the body)");
        }
        return value.asString();
    }

    /** What a template makes; a missing node where its argument is absent. The caller may change what it gets. */
    JsonNode node(BodyTemplate.Node template) throws RequestProblemException {
        return switch (template) {
            case BodyTemplate.Constant(JsonNode value) -> value;
            // A copy: paging may add members to an object that came in as an argument.
            case BodyTemplate.Value(String argument) -> arguments.path(argument).deepCopy();
            case BodyTemplate.Text(TextTemplate text) -> {
                String rendered = text(text);
                yield rendered == null ? MissingNode.getInstance() : NODES.stringNode(rendered);
            }
            case BodyTemplate.Members(var members) -> {
                ObjectNode object = NODES.objectNode();
                for (Map.Entry<String, BodyTemplate.Node> member : members.entrySet()) {
                    JsonNode value = node(member.getValue());
                    if (!value.isMissingNode()) {
                        object.set(member.getKey(), value);
                    }
                }
                yield object;
            }
            case BodyTemplate.Items(var items) -> {
                ArrayNode array = NODES.arrayNode();
                for (BodyTemplate.Node item : items) {
                    JsonNode value = node(item);
                    if (!value.isMissingNode()) {
                        array.add(value);
                    }
                }
                yield array;
            }
        };
    }
}
