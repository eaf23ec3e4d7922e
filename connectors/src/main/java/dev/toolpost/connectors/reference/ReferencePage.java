package dev.toolpost.connectors.reference;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.InvisibleText;
import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.Tool;
import dev.toolpost.connectors.Variable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What there is to know of one connector, in Markdown. */
public final class ReferencePage {
    private final StringBuilder page = new StringBuilder();
    private final Connector connector;

    private ReferencePage(Connector connector) {
        this.connector = connector;
    }

    /** The page of a connector. */
    public static String of(Connector connector) {
        ReferencePage page = new ReferencePage(connector);
        page.head();
        page.connections();
        page.limits();
        page.tools();
        return InvisibleText.escaped(page.page.toString());
    }

    /** The page that names the others. */
    public static String index(Collection<Connector> connectors) {
        StringBuilder page = new StringBuilder("""
                # Connectors that come with Toolpost

                Made of the definitions by `toolpost connectors docs`; the tools as models see them: `toolpost tools list --format openai`.

                | vendor | tools | authentication |
                |---|---|---|
                """);
        for (Connector connector : connectors) {
            page.append("| [")
                    .append(cell(connector.title()))
                    .append("](")
                    .append(connector.vendor())
                    .append(".md) | ")
                    .append(connector.tools().size())
                    .append(" | ")
                    .append(String.join(
                            ", ",
                            connector.auth().stream()
                                    .map(auth -> "`" + auth.kind() + "`")
                                    .distinct()
                                    .toList()))
                    .append(" |\n");
        }
        return InvisibleText.escaped(page.toString());
    }

    private void head() {
        line("# " + connector.title());
        line("");
        if (!connector.description().isBlank()) {
            line(connector.description().strip());
            line("");
        }
        if (connector.documentation() != null) {
            line("The vendor's own reference: <" + connector.documentation() + ">");
            line("");
        }
        line("Vendor `" + connector.vendor() + "`, pool `" + connector.pool()
                + "`. This page is made of the connector's definition by" + " `toolpost connectors docs`.");
        line("");
    }

    private void connections() {
        line("## Connections");
        line("");
        line("```sh");
        line("toolpost connections add NAME --vendor " + connector.vendor()
                + connector.variables().stream()
                        .filter(variable -> variable.standard() == null)
                        .map(variable -> " --set " + variable.name() + "="
                                + variable.examples().stream().findFirst().orElse("..."))
                        .reduce("", String::concat));
        line("```");
        line("");
        line("| `--auth` | secret's fields | where to find it |");
        line("|---|---|---|");
        for (Auth auth : connector.auth()) {
            line("| `" + auth.id() + "` | " + names(auth.secretFields()) + " | " + cell(auth.hint()) + " |");
        }
        line("");
        if (!connector.variables().isEmpty()) {
            line("| `--set` | | meaning |");
            line("|---|---|---|");
            for (Variable variable : connector.variables()) {
                line("| `" + variable.name() + "` | "
                        + (variable.standard() == null ? "required" : "`" + variable.standard() + "`") + " | "
                        + cell(variable.title()
                                + (variable.description().isBlank() ? "" : ". " + variable.description()))
                        + " |");
            }
            line("");
        }
    }

    private void limits() {
        if (connector.limits().isEmpty()) {
            return;
        }
        line("## Limits");
        line("");
        line("| limit | what is allowed | for |");
        line("|---|---|---|");
        for (Limit limit : connector.limits()) {
            Duration window = limit.window();
            String allowed = limit.permits() + (window == null ? " at once" : " in " + duration(window)) + ", "
                    + limit.kind().name().toLowerCase(Locale.ROOT)
                    + (limit.perArgument() == null ? "" : ", for each " + limit.perArgument());
            String tools = limit.tools().isEmpty() ? "" : ": " + names(new TreeSet<>(limit.tools()));
            String kinds =
                    limit.authKinds().isEmpty() ? "" : ", connections by " + names(new TreeSet<>(limit.authKinds()));
            line("| `" + limit.name() + "` | " + allowed + " | "
                    + limit.scope().name().toLowerCase(Locale.ROOT) + tools + kinds + " |");
        }
        line("");
    }

    private void tools() {
        line("## Tools");
        line("");
        for (Tool tool : connector.tools().values()) {
            line("### " + tool.name());
            line("");
            line(text(tool.description()));
            line("");
            line(facts(tool));
            line("");
            arguments(tool.arguments());
        }
        while (page.length() > 1 && page.charAt(page.length() - 2) == '\n') {
            page.setLength(page.length() - 1);
        }
    }

    private static String facts(Tool tool) {
        List<String> facts = new ArrayList<>();
        facts.add("*" + tool.effect().name().toLowerCase(Locale.ROOT) + "*");
        facts.add(
                tool.idempotent()
                        ? "may be repeated"
                        : tool.idempotencyKeyHeader() != null
                                ? "repeated with an idempotency key"
                                : "never repeated blindly");
        if (tool.paging() != null) {
            facts.add("in pages");
        }
        tool.views().forEach((name, view) -> facts.add("view `" + name + "` (" + view.model() + ")"));
        if (!tool.tags().isEmpty()) {
            facts.add("tags " + names(new TreeSet<>(tool.tags())));
        }
        return String.join("; ", facts) + ".";
    }

    private void arguments(JsonNode schema) {
        JsonNode properties = schema.path("properties");
        if (properties.isEmpty()) {
            return;
        }
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(each -> required.add(each.asString()));
        line("| argument | type | |");
        line("|---|---|---|");
        for (Map.Entry<String, JsonNode> argument : properties.properties()) {
            JsonNode resolved = resolved(schema, argument.getValue());
            String description = argument.getValue()
                    .path("description")
                    .asString(resolved.path("description").asString(""));
            line("| `" + argument.getKey() + "`" + (required.contains(argument.getKey()) ? " (required)" : "") + " | "
                    + cell(type(schema, resolved)) + " | " + cell(description) + " |");
        }
        line("");
    }

    private static String type(JsonNode root, JsonNode schema) {
        if (schema.path("enum").isArray()) {
            return names(schema.path("enum")
                    .valueStream()
                    .map(each -> each.asString("null"))
                    .toList());
        }
        JsonNode type = schema.path("type");
        String name = type.isArray()
                ? String.join(" or ", type.valueStream().map(JsonNode::asString).toList())
                : type.asString("any");
        return name.equals("array") ? "list of " + type(root, resolved(root, schema.path("items"))) : name;
    }

    private static JsonNode resolved(JsonNode root, JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.startsWith("#/") ? root.at(reference.substring(1)) : schema;
    }

    private static String duration(Duration window) {
        if (window.toMillis() % 1000 != 0) {
            return window.toMillis() + " ms";
        }
        long seconds = window.toSeconds();
        return seconds % 86_400 == 0
                ? seconds / 86_400 + " d"
                : seconds % 3_600 == 0
                        ? seconds / 3_600 + " h"
                        : seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    private static String names(Collection<String> names) {
        return String.join(", ", names.stream().map(name -> "`" + name + "`").toList());
    }

    /** Text within a table's cell. */
    private static String cell(String text) {
        return text(text).replace("|", "\\|");
    }

    /** Text on one line that Markdown shows as it is. */
    private static String text(String text) {
        return text.strip().replaceAll("\\s+", " ").replace("<", "&lt;");
    }

    private void line(String line) {
        page.append(line).append('\n');
    }
}
