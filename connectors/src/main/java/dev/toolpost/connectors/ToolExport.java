package dev.toolpost.connectors;

import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The forms in which tools are described to models and their hosts. Pure. */
public enum ToolExport {
    /** Everything Toolpost knows that a caller can use. */
    JSON,
    /** An entry of {@code tools} of OpenAI's chat completions interface. */
    OPENAI,
    /** An entry of {@code tools} of Anthropic's messages interface. */
    ANTHROPIC,
    /** An entry of {@code tools} of a {@code tools/list} result of the Model Context Protocol, with annotations. */
    MCP;

    /**
     * The form of this name.
     *
     * @throws IllegalArgumentException where there is none
     */
    public static ToolExport of(String name) {
        for (ToolExport format : values()) {
            if (format.name().equals(name.toUpperCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new IllegalArgumentException("format '" + name + "' (expected: json, openai, anthropic or mcp)");
    }

    /** One tool in this form. */
    public ObjectNode export(ToolRef ref) {
        Tool tool = ref.tool();
        ObjectNode arguments = tool.arguments().deepCopy();
        ObjectNode exported = JsonNodeFactory.instance.objectNode();
        switch (this) {
            case JSON -> exportJson(exported, ref, arguments);
            case OPENAI -> {
                ObjectNode function = exported.put("type", "function").putObject("function");
                function.put("name", tool.name());
                function.put("description", tool.description());
                function.set("parameters", arguments);
            }
            case ANTHROPIC -> {
                exported.put("name", tool.name());
                exported.put("description", tool.description());
                exported.set("input_schema", arguments);
            }
            case MCP -> {
                exported.put("name", tool.name());
                exported.put("title", tool.title());
                exported.put("description", tool.description());
                exported.set("inputSchema", arguments);
                exported.putObject("annotations")
                        .put("title", tool.title())
                        .put("readOnlyHint", tool.effect().readsOnly())
                        .put("destructiveHint", tool.effect() == Effect.DELETE)
                        .put("idempotentHint", tool.idempotent())
                        .put("openWorldHint", true);
            }
        }
        return exported;
    }

    /** Several tools as the array that the interfaces take. */
    public ArrayNode export(Iterable<ToolRef> refs) {
        ArrayNode exported = JsonNodeFactory.instance.arrayNode();
        refs.forEach(ref -> exported.add(export(ref)));
        return exported;
    }

    private static void exportJson(ObjectNode exported, ToolRef ref, ObjectNode arguments) {
        Tool tool = ref.tool();
        exported.put("name", tool.name());
        exported.put("title", tool.title());
        exported.put("description", tool.description());
        exported.put("vendor", ref.connector().vendor());
        exported.put("pool", ref.connector().pool());
        exported.put("effect", tool.effect().name().toLowerCase(Locale.ROOT));
        exported.put("idempotent", tool.idempotent());
        exported.put("paged", tool.paging() != null);
        ArrayNode views = exported.putArray("views").add("native");
        tool.views().keySet().forEach(views::add);
        ArrayNode tags = exported.putArray("tags");
        tool.tags().forEach(tags::add);
        exported.set("arguments", arguments);
    }
}
