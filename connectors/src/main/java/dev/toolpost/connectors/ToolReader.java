package dev.toolpost.connectors;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads one tool. Used once. */
final class ToolReader {
    private static final int MAX_NAME = 64;

    private final Section section;
    private final String vendor;
    private final String key;
    private final List<Auth> auth;
    private final Timeouts timeouts;
    private final boolean sql;
    private final ArgumentsSchema arguments;
    private final TemplateNames names;

    ToolReader(Section section, String vendor, String key, List<Auth> auth, Timeouts timeouts, boolean sql) {
        this.section = section;
        this.vendor = vendor;
        this.key = key;
        this.auth = auth;
        this.timeouts = timeouts;
        this.sql = sql;
        this.arguments = new ArgumentsSchema(section.find("arguments"));
        this.names = TemplateNames.of(arguments);
    }

    @Nullable
    Tool read() {
        String name = vendor + "_" + key;
        if (name.length() > MAX_NAME) {
            section.problems()
                    .errorAtKey(
                            section.pointer(),
                            "the tool's full name " + name + " has " + name.length() + " characters (expected: at most "
                                    + MAX_NAME + ")",
                            "shorten it: models' interfaces take no more");
        }
        Effect effect = Effect.of(section.text("effect"));
        if (!section.has(sql ? "statement" : "request") || section.has(sql ? "request" : "statement")) {
            section.error(
                    "the tool has no " + (sql ? "statement" : "request") + " alone",
                    "write what executor " + (sql ? "sql: statement" : "http: request") + " and not the other");
            return null;
        }
        return sql ? ofStatement(name, effect) : ofRequest(name, effect);
    }

    private @Nullable Tool ofStatement(String name, Effect effect) {
        for (String key : List.of("idempotency_key_header", "response", "operation")) {
            if (section.has(key)) {
                section.problems()
                        .errorAtKey(section.pointer() + "/" + key, key + " does not go with a statement", "remove it");
            }
        }
        StatementReader reader = new StatementReader(section.get("statement"), arguments, effect);
        Statement statement = reader.read();
        names.used().addAll(reader.used());
        Section pages = section.find("paging");
        if (pages != null && effect != Effect.READ) {
            pages.error("paging does not go with effect: " + section.text("effect"), "remove it");
        }
        Paging paging = null;
        if (pages != null) {
            refusePagingArguments();
            paging = StatementReader.paging(pages);
        }
        warnAboutUnused();
        return statement == null
                ? null
                : tool(name, effect, section.flag("idempotent", effect == Effect.READ), statement, null, paging);
    }

    private @Nullable Tool ofRequest(String name, Effect effect) {
        Section request = section.get("request");
        String method = request.text("method", "GET");
        if (effect == Effect.READ && Set.of("PUT", "PATCH", "DELETE").contains(method)) {
            section.get("effect")
                    .error("effect read does not go with the method " + method, "write effect: write or delete");
        }
        RequestReader requestReader = new RequestReader(request, names, auth);
        RequestTemplate template = requestReader.read();
        Paging paging = paging(section.find("paging"), request, template, requestReader);
        Section operation = section.find("operation");
        Operation followed = operation == null ? null : new OperationReader(operation, names, arguments, auth).read();
        if (operation != null && paging != null) {
            operation
                    .problems()
                    .errorAtKey(
                            operation.pointer(),
                            "an operation does not go with paging",
                            "its result is one; make a tool of its own that pages through what it made");
        }
        warnAboutUnused();
        boolean idempotent =
                section.flag("idempotent", effect == Effect.READ || method.equals("PUT") || method.equals("DELETE"));
        return template == null ? null : tool(name, effect, idempotent, template, followed, paging);
    }

    private Tool tool(
            String name,
            Effect effect,
            boolean idempotent,
            Action action,
            @Nullable Operation operation,
            @Nullable Paging paging) {
        return new Tool(
                name,
                section.text("title", inWords(key)),
                section.text("description").strip(),
                effectiveArguments(paging),
                tags(),
                effect,
                idempotent,
                section.textOrNull("idempotency_key_header"),
                action,
                operation,
                paging,
                ResponseKind.of(section.text("response", "json")),
                ConnectorReader.positive(section, "timeout", timeouts.request()),
                views(section.find("views")));
    }

    private static String inWords(String key) {
        return Character.toUpperCase(key.charAt(0)) + key.substring(1).replace('_', ' ');
    }

    private Set<String> tags() {
        Set<String> tags = new LinkedHashSet<>();
        Section list = section.find("tags");
        if (list != null) {
            list.items().forEach(tag -> tags.add(tag.text()));
        }
        return tags;
    }

    private @Nullable Paging paging(
            @Nullable Section paging,
            Section requestSection,
            @Nullable RequestTemplate request,
            RequestReader requestReader) {
        if (paging == null || request == null) {
            return null;
        }
        if (!answersJson()) {
            paging.problems()
                    .errorAtKey(
                            paging.pointer(),
                            "paging does not go with response: " + section.text("response"),
                            "there are no records to walk; remove one of them");
        }
        refusePagingArguments();
        return new PagingReader(
                        paging,
                        requestSection,
                        request,
                        requestReader::refuseCredential,
                        names::use,
                        later -> new RequestReader(later, names, auth).read())
                .read();
    }

    private void refusePagingArguments() {
        for (String name : List.of(Paging.LIMIT, Paging.NEXT_CURSOR)) {
            if (arguments.declares(name)) {
                arguments.errorAt(
                        name,
                        "the argument '" + name + "' belongs to paging and is added by itself",
                        "remove it, and its place in the request");
            }
        }
    }

    private boolean answersJson() {
        return section.text("response", "json").equals("json");
    }

    private Map<String, View> views(@Nullable Section views) {
        SequencedMap<String, View> read = new LinkedHashMap<>();
        if (views != null) {
            views.members().forEach((name, one) -> {
                if (!Models.names().contains(one.text("model"))) {
                    ConnectorReader.unknown(one.get("model"), "model", Models.names());
                }
                one.get("record").parsed(ViewExpression::compile);
                if (!answersJson()) {
                    one.problems()
                            .errorAtKey(
                                    one.pointer(),
                                    "a view does not go with response: " + section.text("response"),
                                    "there are no records to map; remove one of them");
                }
                read.put(name, new View(one.text("model"), one.text("record"), viewArguments(one.find("arguments"))));
            });
        }
        return read;
    }

    private Map<String, JsonNode> viewArguments(@Nullable Section wanted) {
        SequencedMap<String, JsonNode> read = new LinkedHashMap<>();
        if (wanted != null) {
            wanted.members().forEach((name, value) -> {
                if (arguments.declares(name)) {
                    arguments.requireFits(name, value);
                    read.put(name, value.node());
                } else {
                    TemplateReader.refuseOthers(wanted, arguments.names());
                }
            });
        }
        return read;
    }

    private ObjectNode effectiveArguments(@Nullable Paging paging) {
        ObjectNode schema = arguments.schema();
        if (paging == null) {
            return schema;
        }
        ObjectNode properties = (ObjectNode) schema.get("properties");
        Paging.PageSize size = paging.pageSize();
        if (size != null) {
            properties
                    .putObject(Paging.LIMIT)
                    .put("type", "integer")
                    .put("minimum", size.smallest())
                    .put("maximum", size.largest())
                    .put("default", size.standard())
                    .put(
                            "description",
                            "How many records a page holds at most, from " + size.smallest() + " to " + size.largest()
                                    + ".");
        }
        properties
                .putObject(Paging.NEXT_CURSOR)
                .put("type", "string")
                .put(
                        "description",
                        "Where the next page begins: send back exactly the next_cursor you received, without decoding or changing it."
                                + " Leave it out for the first page.");
        return schema;
    }

    private void warnAboutUnused() {
        for (String name : arguments.names()) {
            if (!names.used().contains(name)) {
                arguments.warningAt(
                        name, "the argument '" + name + "' is used nowhere in the request", "use it or remove it");
            }
        }
    }
}
