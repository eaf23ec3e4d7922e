package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One request that a described vendor understands.
 *
 * @param id the argument that names the record
 * @param from where the written properties stand among the arguments; empty for the arguments themselves
 * @param each a pointer to an array of which every element is a record to create
 * @param set what a write sets besides
 * @param shows the properties of the records in the answer; empty for the usual ones
 * @param missing the error where there is no such record; {@code gone} where it was deleted, {@code duplicate} where a unique value is taken
 * @param reply the answer's body, or null for none
 */
record DescribedRoute(
        List<String> methods,
        Pattern path,
        String name,
        Effect effect,
        @Nullable String collection,
        String id,
        String from,
        @Nullable String each,
        Map<String, ReplyTemplate> set,
        List<String> shows,
        List<DescribedCheck> checks,
        List<DescribedFilter> filters,
        DescribedPaging paging,
        int cost,
        int status,
        @Nullable ReplyTemplate reply,
        @Nullable String text,
        Map<String, String> headers,
        @Nullable String missing,
        @Nullable String gone,
        @Nullable String duplicate,
        JsonNode series) {

    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

    /** What a request does. */
    enum Effect {
        LIST,
        GET,
        CREATE,
        UPDATE,
        DELETE,
        /** Answers without a record. */
        REPLY,
        /** As REPLY, and changes something. */
        ACT;

        Dialect.Operation operation() {
            return switch (this) {
                case LIST -> Dialect.Operation.LIST;
                case GET, REPLY -> Dialect.Operation.GET;
                case CREATE -> Dialect.Operation.CREATE;
                case UPDATE -> Dialect.Operation.UPDATE;
                case DELETE -> Dialect.Operation.ARCHIVE;
                case ACT -> Dialect.Operation.ACT;
            };
        }
    }

    static DescribedRoute read(JsonNode node, JsonNode usualPaging) {
        String method = node.path("method").asString("GET");
        String path = node.path("path").asString();
        Effect effect = Effect.valueOf(node.path("effect").asString("reply").toUpperCase(Locale.ROOT));
        JsonNode reply = node.path("reply");
        JsonNode body = reply.path("body");
        Map<String, ReplyTemplate> set = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : node.path("set").properties()) {
            set.put(member.getKey(), ReplyTemplate.parse(member.getValue()));
        }
        return new DescribedRoute(
                List.of(method.split(",", -1)),
                pattern(path),
                method + " " + path,
                effect,
                text(node, "collection"),
                node.path("id").asString("id"),
                node.path("from").asString(""),
                text(node, "each"),
                set,
                texts(node.path("shows")),
                DescribedCheck.read(node.path("checks")),
                DescribedFilter.read(node.path("filters")),
                DescribedPaging.read(node.path("paging").isObject() ? node.path("paging") : usualPaging),
                node.path("cost").asInt(1),
                reply.path("status").asInt(body.isMissingNode() && !reply.has("text") ? 204 : 200),
                body.isMissingNode() ? null : ReplyTemplate.parse(body),
                text(reply, "text"),
                headers(reply.path("headers")),
                text(node, "missing"),
                text(node, "gone"),
                text(node, "duplicate"),
                node.path("series"));
    }

    static Map<String, String> headers(JsonNode node) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> header : node.properties()) {
            headers.put(header.getKey(), header.getValue().asString());
        }
        return headers;
    }

    /** The decoded variables of a path that is this route's, or null. */
    @Nullable
    Map<String, String> match(String requestPath) {
        Matcher matcher = path.matcher(requestPath);
        if (!matcher.matches()) {
            return null;
        }
        Map<String, String> variables = new LinkedHashMap<>();
        path.namedGroups()
                .forEach((name, group) ->
                        variables.put(name.replace("U", "_"), HttpExchange.decode(matcher.group(group))));
        return variables;
    }

    /** How many segments are fixed: of two routes that match, the one with more is meant. */
    int literalSegments() {
        int variables = path.namedGroups().size();
        return (int) name.chars().filter(c -> c == '/').count() - variables;
    }

    private static Pattern pattern(String path) {
        Matcher variable = VARIABLE.matcher(path);
        StringBuilder regex = new StringBuilder();
        int at = 0;
        while (variable.find()) {
            regex.append(Pattern.quote(path.substring(at, variable.start())));
            // A group's name takes no underscore.
            regex.append("(?<").append(variable.group(1).replace("_", "U")).append(">[^/]+)");
            at = variable.end();
        }
        return Pattern.compile(regex.append(Pattern.quote(path.substring(at))).toString());
    }

    private static List<String> texts(JsonNode nodes) {
        List<String> texts = new ArrayList<>();
        nodes.forEach(node -> texts.add(node.asString()));
        return List.copyOf(texts);
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isString() ? value.asString() : null;
    }
}
