package dev.toolpost.worker.request;

import dev.toolpost.connectors.BodyTemplate;
import dev.toolpost.connectors.Condition;
import dev.toolpost.connectors.TextFunction;
import dev.toolpost.connectors.TextTemplate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
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

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Whether a part is there. */
    boolean holds(@Nullable Condition when) {
        return when == null || when.holds(arguments);
    }

    /** Text with its arguments in place, or null where one of them is absent or null. */
    @Nullable
    String text(TextTemplate template) throws RequestProblemException {
        StringBuilder text = new StringBuilder();
        for (TextTemplate.Part part : template.parts()) {
            switch (part) {
                case TextTemplate.Literal(String literal) -> text.append(literal);
                case TextTemplate.Argument argument -> {
                    String value = text(argument);
                    if (value == null) {
                        return null;
                    }
                    text.append(value);
                }
            }
        }
        return text.toString();
    }

    /** An argument's value as text, its functions applied, or null where it is absent or null. */
    @Nullable
    String text(TextTemplate.Argument argument) throws RequestProblemException {
        JsonNode value = arguments.path(argument.name());
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        List<TextFunction> functions = argument.functions();
        if (functions.isEmpty()) {
            return scalar(argument.name(), value);
        }
        if (functions.getFirst() == TextFunction.JSON) {
            return applied(argument, MAPPER.writeValueAsString(value));
        }
        if (!value.isArray()) {
            return applied(argument, scalar(argument.name(), value));
        }
        StringBuilder items = new StringBuilder();
        for (JsonNode item : value) {
            items.append(items.isEmpty() ? "" : ",").append(applied(argument, scalar(argument.name(), item)));
        }
        return items.toString();
    }

    private static String applied(TextTemplate.Argument argument, String text) throws RequestProblemException {
        String made = text;
        for (TextFunction function : argument.functions()) {
            try {
                made = function.apply(made);
            } catch (IllegalArgumentException wrong) {
                throw RequestProblemException.ofArgument(argument.name(), String.valueOf(wrong.getMessage()));
            }
        }
        return made;
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
            case BodyTemplate.Text(TextTemplate text) -> string(text(text));
            case BodyTemplate.Conditional(BodyTemplate.Node value, Condition when) ->
                holds(when) ? node(value) : MissingNode.getInstance();
            case BodyTemplate.Message message -> string(MessageText.of(message, this));
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

    private static JsonNode string(@Nullable String text) {
        return text == null ? MissingNode.getInstance() : NODES.stringNode(text);
    }

    /** The arguments that a template names, for a problem of what it makes: the first of them, or none. */
    static String blamed(BodyTemplate.Node template) {
        return switch (template) {
            case BodyTemplate.Constant _ -> "";
            case BodyTemplate.Value(String argument) -> argument;
            case BodyTemplate.Text(TextTemplate text) ->
                text.arguments().stream().findFirst().orElse("");
            case BodyTemplate.Conditional(BodyTemplate.Node value, Condition _) -> blamed(value);
            case BodyTemplate.Message message -> blamedOfAll(message.headers().values());
            case BodyTemplate.Members(var members) -> blamedOfAll(members.values());
            case BodyTemplate.Items(var items) -> blamedOfAll(items);
        };
    }

    private static String blamedOfAll(Iterable<BodyTemplate.Node> templates) {
        for (BodyTemplate.Node template : templates) {
            String blamed = blamed(template);
            if (!blamed.isEmpty()) {
                return blamed;
            }
        }
        return "";
    }
}
