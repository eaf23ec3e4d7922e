package dev.toolpost.cli;

import dev.toolpost.connectors.ConnectorCatalogue;
import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.ToolExport;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.Shards;
import dev.toolpost.schemas.Topics;
import dev.toolpost.worker.config.ToolpostConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code toolpost tools}: what can be called. */
@Command(
        name = "tools",
        description = "Lists and describes the tools, also for models (OpenAI, Anthropic, MCP).",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {Tools.Listing.class, Tools.Show.class})
final class Tools {
    /** {@code tools list}. */
    @Command(name = "list", description = "Lists the tools.")
    static final class Listing implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Option(names = "--vendor", paramLabel = "VENDOR", description = "Only tools of this vendor.")
        private @Nullable String vendor;

        @Option(names = "--tag", paramLabel = "TAG", description = "Only tools with this tag.")
        private @Nullable String tag;

        @Option(
                names = "--format",
                paramLabel = "json|openai|anthropic|mcp",
                description = "Print the definitions for models in this form.")
        private @Nullable ToolExport format;

        @Override
        public Integer call() throws InterruptedException {
            ConnectorCatalogue catalogue = KnownConnectors.all(common, common.load());
            List<ToolRef> tools = catalogue.tools().values().stream()
                    .filter(ref -> vendor == null || ref.connector().vendor().equals(vendor))
                    .filter(ref -> tag == null || ref.tool().tags().contains(tag))
                    .toList();
            if (tools.isEmpty()) {
                throw CliException.usage(
                        "no tool matches" + (vendor == null ? "" : " --vendor " + vendor)
                                + (tag == null ? "" : " --tag " + tag),
                        "Vendors: " + String.join(", ", catalogue.connectors().keySet())
                                + ". Your own are read from connectors.directories of the configuration.");
            }
            if (format != null || common.json()) {
                common.out().println(Json.print((format == null ? ToolExport.JSON : format).export(tools)));
                return ExitCode.OK;
            }
            Table table = new Table("TOOL", "EFFECT", "PAGED", "TAGS", "TITLE");
            for (ToolRef ref : tools) {
                Tool tool = ref.tool();
                table.row(
                        tool.name(),
                        tool.effect().name().toLowerCase(Locale.ROOT),
                        tool.paging() == null ? "" : "yes",
                        tool.tags().stream().sorted().collect(Collectors.joining(",")),
                        tool.title());
            }
            table.print(common.out());
            return ExitCode.OK;
        }
    }

    /** {@code tools show}. */
    @Command(name = "show", description = "Describes a tool: arguments, topic, key, an example.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions common = new CommonOptions();

        @Parameters(paramLabel = "TOOL", description = "The tool, as `toolpost tools list` names it.")
        private String name = "";

        @Option(
                names = "--format",
                paramLabel = "json|openai|anthropic|mcp",
                description = "Print only the definition for models in this form.")
        private @Nullable ToolExport format;

        @Option(names = "--connection", paramLabel = "NAME", description = "Show the key of this connection.")
        private @Nullable String connection;

        @Option(
                names = "--tenant",
                paramLabel = "NAME",
                description = "Its tenant. Default: default_tenant of the configuration.")
        private @Nullable String tenant;

        @Override
        public Integer call() throws InterruptedException {
            ToolpostConfig config = common.load();
            ToolRef ref = find(KnownConnectors.withTool(common, config, name), name);
            if (format != null) {
                common.out().println(Json.print(format.export(ref)));
                return ExitCode.OK;
            }
            Topics topics = new Topics(config.prefix());
            String pool = ref.connector().pool();
            String shownTenant = tenant != null ? tenant : config.defaultTenant();
            String key = connection == null
                    ? (shownTenant == null ? "TENANT" : shownTenant) + "/CONNECTION"
                    : Shards.key(shownTenant == null ? "TENANT" : shownTenant, connection);
            if (common.json()) {
                ObjectNode shown = ToolExport.JSON.export(ref);
                shown.put("topic", topics.calls(pool))
                        .put("batch_topic", topics.batch(pool))
                        .put("key", key)
                        .put("example", example(ref, shownTenant));
                common.out().println(Json.print(shown));
            } else {
                print(ref, topics, key, shownTenant);
            }
            return ExitCode.OK;
        }

        private void print(ToolRef ref, Topics topics, String key, @Nullable String shownTenant) {
            PrintWriter out = common.out();
            Tool tool = ref.tool();
            String pool = ref.connector().pool();
            out.println(tool.name() + " - " + Text.line(tool.title()));
            out.println();
            out.println("  " + Text.wrap(tool.description(), 100, "  "));
            out.println();
            new Table(
                            "effect",
                            tool.effect().name().toLowerCase(Locale.ROOT)
                                    + (tool.idempotent() ? ", may be repeated" : ", never repeated blindly"))
                    .row(
                            "topic",
                            topics.calls(pool) + "  (or " + topics.calls(Topics.COMMON_POOL)
                                    + ", which takes every tool)")
                    .row("batch topic", topics.batch(pool))
                    .row("key", key + "  (partition by murmur2, as Java does; librdkafka: partitioner=murmur2_random)")
                    .row("timeout", tool.timeout().toSeconds() + " s for one request to the vendor")
                    .print(out, "  ");
            if (!tool.views().isEmpty()) {
                tool.views()
                        .forEach((view, how) -> out.println("  View:        " + view + " (" + how.model()
                                + "), beside native; ask with --view " + view));
            }
            out.println();
            arguments(out, tool);
            out.println("Example:");
            out.println("  " + Text.line(example(ref, shownTenant)));
        }

        private static void arguments(PrintWriter out, Tool tool) {
            Set<String> required = new HashSet<>();
            tool.arguments().path("required").forEach(each -> required.add(each.asString()));
            if (tool.arguments().path("properties").isEmpty()) {
                out.println("Takes no arguments.");
                out.println();
                return;
            }
            out.println("Arguments:");
            for (var property : tool.arguments().path("properties").properties()) {
                JsonNode schema = resolved(tool.arguments(), property.getValue());
                out.println("  " + Text.line(property.getKey()) + "  (" + type(tool.arguments(), schema)
                        + (required.contains(property.getKey()) ? ", required)" : ")"));
                String description = property.getValue()
                        .path("description")
                        .asString(schema.path("description").asString(""));
                if (!description.isEmpty()) {
                    out.println("      " + Text.wrap(description, 94, "      "));
                }
            }
            out.println();
        }
    }

    /** The tool of a name, or a refusal that names the nearest. */
    static ToolRef find(ConnectorCatalogue catalogue, String name) {
        ToolRef ref = catalogue.byTool(name);
        if (ref == null) {
            String nearest = catalogue.nearestTool(name);
            throw CliException.usage(
                    "there is no tool " + name,
                    (nearest == null ? "" : "Did you mean " + nearest + "? ") + "All tools: toolpost tools list");
        }
        return ref;
    }

    /** A command that calls the tool with everything that it must have. */
    private static String example(ToolRef ref, @Nullable String tenant) {
        Tool tool = ref.tool();
        List<String> parts = new ArrayList<>(List.of("toolpost call", tool.name(), "--connection CONNECTION"));
        if (tenant == null) {
            parts.add("--tenant TENANT");
        }
        for (JsonNode each : tool.arguments().path("required")) {
            String name = each.asString();
            JsonNode schema = resolved(
                    tool.arguments(), tool.arguments().path("properties").path(name));
            parts.add("--arg " + name + "=" + placeholder(tool.arguments(), schema));
        }
        if (tool.paging() != null && tool.paging().pageSize() != null) {
            parts.add("--arg " + Paging.LIMIT + "="
                    + Math.max(10, tool.paging().pageSize().smallest()));
        }
        return String.join(" ", parts);
    }

    private static String placeholder(JsonNode root, JsonNode schema) {
        return switch (type(root, schema)) {
            case "integer", "number" -> "1";
            case "boolean" -> "true";
            case "object" -> "'{...}'";
            case "list" -> "'[...]'";
            default ->
                schema.path("enum").isEmpty()
                        ? "..."
                        : schema.path("enum").get(0).asString("...");
        };
    }

    private static String type(JsonNode root, JsonNode schema) {
        String type = schema.path("type").asString(schema.path("enum").isEmpty() ? "any" : "text");
        return switch (type) {
            case "string" -> "text";
            case "array" -> {
                String items = type(root, resolved(root, schema.path("items")));
                yield items.equals("text") ? "texts" : "list";
            }
            default -> type;
        };
    }

    private static JsonNode resolved(JsonNode root, JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith("#/") ? root.at(reference.substring(1)) : schema;
    }
}
