package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads one tool. Used once. */
final class ToolReader {
    private static final int MAX_NAME = 64;
    private static final Set<String> PLAIN_TYPES = Set.of("string", "integer", "number", "boolean");

    private final Section section;
    private final String vendor;
    private final String key;
    private final List<Auth> auth;
    private final Timeouts timeouts;
    private final ArgumentsSchema arguments;

    /** Arguments that the request uses. */
    private final Set<String> used = new LinkedHashSet<>();

    ToolReader(Section section, String vendor, String key, List<Auth> auth, Timeouts timeouts) {
        this.section = section;
        this.vendor = vendor;
        this.key = key;
        this.auth = auth;
        this.timeouts = timeouts;
        this.arguments = new ArgumentsSchema(section.find("arguments"));
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
        Section request = section.get("request");
        String method = request.text("method", "GET");
        Effect effect = Effect.of(section.text("effect"));
        if (effect == Effect.READ && Set.of("PUT", "PATCH", "DELETE").contains(method)) {
            section.get("effect")
                    .error("effect read does not go with the method " + method, "write effect: write or delete");
        }
        RequestTemplate template = request(request, method);
        Paging paging = paging(section.find("paging"), template);
        warnAboutUnused();
        if (template == null) {
            return null;
        }
        return new Tool(
                name,
                section.text("title", inWords(key)),
                section.text("description").strip(),
                effectiveArguments(paging),
                tags(),
                effect,
                section.flag("idempotent", effect == Effect.READ || method.equals("PUT") || method.equals("DELETE")),
                section.textOrNull("idempotency_key_header"),
                template,
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

    private @Nullable RequestTemplate request(Section request, String method) {
        TextTemplate path = path(request.get("path"));
        List<QueryParameter> query = query(request.find("query"));
        Map<String, TextTemplate> headers = headers(request.find("headers"));
        Section body = request.find("body");
        if (body != null && (method.equals("GET") || method.equals("DELETE"))) {
            body.problems()
                    .errorAtKey(
                            body.pointer(),
                            "a body does not go with the method " + method,
                            "many servers ignore it; use the query, or the method that the vendor documents");
        }
        BodyTemplate template = body == null ? null : new BodyTemplate.Json(bodyNode(body));
        return path == null ? null : new RequestTemplate(method, path, query, headers, template);
    }

    private @Nullable TextTemplate path(Section path) {
        TextTemplate template = template(path);
        if (template == null) {
            return null;
        }
        for (String segment : path.text().split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                path.error("the path holds the segment " + segment, "write the path that is meant");
            }
        }
        for (String name : template.arguments()) {
            if (arguments.declares(name) && !arguments.requires(name)) {
                path.error(
                        "the path needs the argument '" + name + "', which is optional",
                        "add it to required of the arguments");
            }
            refuseStructured(path, name);
        }
        return template;
    }

    private List<QueryParameter> query(@Nullable Section query) {
        List<QueryParameter> parameters = new ArrayList<>();
        if (query == null) {
            return parameters;
        }
        query.members().forEach((name, one) -> {
            Section value = one.node().isObject() ? one.get("value") : one;
            refuseCredentialParameter(one, name);
            TextTemplate template = template(value);
            if (template == null) {
                return;
            }
            if (template.singleArgument() == null) {
                template.arguments().forEach(argument -> refuseStructured(value, argument));
            }
            QueryParameter.ListStyle list = one.node().isObject()
                    ? QueryParameter.ListStyle.of(one.text("list", "repeat"))
                    : QueryParameter.ListStyle.REPEAT;
            parameters.add(new QueryParameter(name, template, list));
        });
        return parameters;
    }

    private void refuseCredentialParameter(Section parameter, String name) {
        for (Auth alternative : auth) {
            if (alternative instanceof Auth.ApiKeyQuery key && key.name().equals(name)) {
                parameter
                        .problems()
                        .errorAtKey(
                                parameter.pointer(),
                                "the parameter " + name + " takes the key",
                                "auth fills it; remove it here");
            }
        }
    }

    private Map<String, TextTemplate> headers(@Nullable Section headers) {
        SequencedMap<String, TextTemplate> templates = new LinkedHashMap<>();
        if (headers != null) {
            headers.members().forEach((name, value) -> {
                ConnectorReader.refuseReserved(value, name);
                TextTemplate template = template(value);
                if (template != null) {
                    template.arguments().forEach(argument -> refuseStructured(value, argument));
                    templates.put(name, template);
                }
            });
        }
        return templates;
    }

    private BodyTemplate.Node bodyNode(Section section) {
        JsonNode node = section.node();
        if (node.isObject()) {
            SequencedMap<String, BodyTemplate.Node> members = new LinkedHashMap<>();
            section.members().forEach((name, value) -> members.put(name, bodyNode(value)));
            return new BodyTemplate.Members(members);
        }
        if (node.isArray()) {
            return new BodyTemplate.Items(
                    section.items().stream().map(this::bodyNode).toList());
        }
        if (!node.isString()) {
            return new BodyTemplate.Constant(node);
        }
        TextTemplate template = template(section);
        if (template == null) {
            return new BodyTemplate.Constant(node);
        }
        String single = template.singleArgument();
        if (single != null) {
            return new BodyTemplate.Value(single);
        }
        if (template.arguments().isEmpty()) {
            TextTemplate.Literal literal =
                    (TextTemplate.Literal) template.parts().getFirst();
            return new BodyTemplate.Constant(JsonNodeFactory.instance.stringNode(literal.text()));
        }
        template.arguments().forEach(argument -> refuseStructured(section, argument));
        return new BodyTemplate.Text(template);
    }

    /** Parses a template and checks that the arguments in it are declared. */
    private @Nullable TextTemplate template(Section text) {
        TextTemplate template = text.parsed(TextTemplate::parse);
        if (template != null) {
            for (String name : template.arguments()) {
                used.add(name);
                if (!arguments.declares(name)) {
                    String nearest = NearestName.of(name, arguments.names());
                    text.error(
                            "{" + name + "} names no argument",
                            nearest == null
                                    ? "declare it under arguments.properties"
                                    : "did you mean {" + nearest + "}?");
                }
            }
        }
        return template;
    }

    /** Refuses an argument that has no plain text form where text is needed. */
    private void refuseStructured(Section place, String name) {
        Set<String> types = arguments.typesOf(name);
        if (!PLAIN_TYPES.containsAll(types)) {
            place.error(
                    "the argument '" + name + "' may be " + String.join(" or ", types)
                            + ", which has no text form here",
                    "declare it as string, integer, number or boolean");
        }
    }

    private @Nullable Paging paging(@Nullable Section paging, @Nullable RequestTemplate request) {
        if (paging == null || request == null) {
            return null;
        }
        for (String name : List.of(Paging.LIMIT, Paging.NEXT_CURSOR)) {
            if (arguments.declares(name)) {
                arguments.errorAt(
                        name,
                        "the argument '" + name + "' belongs to paging and is added by itself",
                        "remove it, and its place in the request");
            }
        }
        return new PagingReader(paging, request, this::refuseCredentialParameter).read();
    }

    private Map<String, View> views(@Nullable Section views) {
        SequencedMap<String, View> read = new LinkedHashMap<>();
        if (views != null) {
            views.members().forEach((name, one) -> {
                if (!Models.names().contains(one.text("model"))) {
                    ConnectorReader.unknown(one.get("model"), "model", Models.names());
                }
                one.get("record").parsed(ViewExpression::compile);
                if (section.text("response", "json").equals("text")) {
                    one.problems()
                            .errorAtKey(
                                    one.pointer(),
                                    "a view does not go with response: text",
                                    "there are no records to map; remove one of them");
                }
                read.put(name, new View(one.text("model"), one.text("record")));
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
            if (!used.contains(name)) {
                arguments.warningAt(
                        name, "the argument '" + name + "' is used nowhere in the request", "use it or remove it");
            }
        }
    }
}
