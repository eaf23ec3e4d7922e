package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.OpenApiDocument.Operation;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Concludes from the names of parameters and of the answer's members how a list is walked. Documents do not say that, so whatever comes out is a
 * guess and marked as one.
 */
final class PagingGuess {
    private static final List<String> SIZES = List.of(
            "per_page",
            "page_size",
            "pagesize",
            "perpage",
            "limit",
            "max_results",
            "maxresults",
            "page_limit",
            "count",
            "size",
            "first",
            "top",
            "$top");
    private static final List<String> PAGES = List.of("page", "page_number", "pagenumber", "page_no", "page[number]");
    private static final List<String> OFFSETS =
            List.of("offset", "skip", "start", "startat", "start_at", "startindex", "$skip");
    private static final List<String> CURSORS = List.of(
            "cursor",
            "page_token",
            "pagetoken",
            "next_token",
            "nexttoken",
            "next_cursor",
            "after",
            "starting_after",
            "continuation_token",
            "page[cursor]",
            "page[after]",
            "bookmark");
    private static final List<String> NEXT_CURSORS = List.of(
            "next_cursor",
            "nextcursor",
            "next_page_token",
            "nextpagetoken",
            "next_token",
            "nexttoken",
            "cursor",
            "after",
            "end_cursor",
            "endcursor",
            "continuation_token",
            "bookmark",
            "next");
    private static final List<String> NEXT_LINKS = List.of(
            "next", "next_page", "nextlink", "next_page_url", "next_url", "nextpage", "href", "@odata.nextlink");
    private static final List<String> TOTALS =
            List.of("total", "total_count", "totalcount", "total_results", "totalresults", "count");
    private static final List<String> RECORDS =
            List.of("data", "items", "results", "records", "values", "entries", "value", "objects");
    private static final int LARGEST = 100;

    private final OpenApiDocument document;

    PagingGuess(OpenApiDocument document) {
        this.document = document;
    }

    /**
     * A guess.
     *
     * @param paging the definition
     * @param parameters query parameters that paging fills
     * @param reason what it was concluded from
     */
    record Guess(ObjectNode paging, Set<String> parameters, String reason) {}

    /** How the operation's list is walked, or null where nothing speaks for a list in pages. */
    @Nullable
    Guess of(Operation operation, Map<String, JsonNode> parameters, JsonNode answer) {
        if (!operation.method().equals("GET")) {
            return null;
        }
        JsonNode schema = document.resolved(answer.path("content")
                .propertyStream()
                .filter(type -> type.getKey().contains("json"))
                .map(type -> type.getValue().path("schema"))
                .findFirst()
                .orElse(answer.path("none")));
        String records = records(schema);
        if (records == null) {
            return null;
        }
        JsonNode size = parameter(parameters, SIZES);
        ObjectNode paging = JsonNodeFactory.instance.objectNode();
        Set<String> filled = new LinkedHashSet<>();
        String reason = kind(paging, filled, parameters, answer, schema, records);
        if (reason == null) {
            return null;
        }
        if (size != null && !filled.contains(name(size))) {
            filled.add(name(size));
            pageSize(paging.putObject("page_size"), size);
        }
        return new Guess(paging, filled, reason);
    }

    private @Nullable String kind(
            ObjectNode paging,
            Set<String> filled,
            Map<String, JsonNode> parameters,
            JsonNode answer,
            JsonNode schema,
            String records) {
        JsonNode page = parameter(parameters, PAGES);
        if (hasLinkHeader(answer)) {
            paging.put("kind", "link_header").put("records", records);
            for (List<String> names : List.of(PAGES, CURSORS, List.of("before", "since"))) {
                JsonNode moved = parameter(parameters, names);
                if (moved != null && !name(moved).equals("since")) {
                    filled.add(name(moved));
                }
            }
            return "the answer has a header Link";
        }
        JsonNode cursor = parameter(parameters, CURSORS);
        String next = member(schema, NEXT_CURSORS, "");
        if (cursor != null && next != null) {
            filled.add(name(cursor));
            paging.put("kind", "cursor").put("records", records).put("next", next);
            paging.putObject("cursor").put("query", name(cursor));
            return "the parameter " + name(cursor) + " and the answer's " + next;
        }
        String link = link(schema);
        if (link != null) {
            if (page != null) {
                filled.add(name(page));
            }
            paging.put("kind", "next_link").put("records", records).put("next", link);
            return "the answer's " + link;
        }
        JsonNode offset = parameter(parameters, OFFSETS);
        if (offset != null && isNumber(offset)) {
            filled.add(name(offset));
            paging.put("kind", "offset").put("records", records);
            paging.putObject("offset").put("query", name(offset));
            String total = member(schema, TOTALS, "");
            if (total != null) {
                paging.put("total", total);
            }
            return "the parameter " + name(offset);
        }
        if (page != null && isNumber(page)) {
            filled.add(name(page));
            paging.put("kind", "page").put("records", records);
            paging.putObject("page").put("query", name(page));
            String pages = member(schema, List.of("total_pages", "totalpages", "pages", "last_page", "page_count"), "");
            if (pages != null) {
                paging.put("total_pages", pages);
            }
            return "the parameter " + name(page);
        }
        return null;
    }

    private void pageSize(ObjectNode paging, JsonNode size) {
        JsonNode schema = document.resolved(size.path("schema"));
        int largest = schema.path("maximum").canConvertToInt()
                        && schema.path("maximum").asInt() >= 1
                ? schema.path("maximum").asInt()
                : LARGEST;
        int standard = schema.path("default").canConvertToInt()
                        && schema.path("default").asInt() >= 1
                ? schema.path("default").asInt()
                : largest;
        paging.put("query", name(size))
                .put("default", Math.min(standard, largest))
                .put("max", largest);
        if (schema.path("minimum").canConvertToInt()
                && schema.path("minimum").asInt() > 1
                && schema.path("minimum").asInt() <= Math.min(standard, largest)) {
            paging.put("min", schema.path("minimum").asInt());
        }
    }

    private boolean isNumber(JsonNode parameter) {
        JsonNode type = document.resolved(parameter.path("schema")).path("type");
        return type.isMissingNode() || type.asString("").matches("integer|number") || type.isArray();
    }

    private static String name(JsonNode parameter) {
        return parameter.path("name").asString("");
    }

    private static @Nullable JsonNode parameter(Map<String, JsonNode> parameters, List<String> names) {
        for (String wanted : names) {
            for (JsonNode each : parameters.values()) {
                if (each.path("in").asString("").equals("query")
                        && name(each).toLowerCase(Locale.ROOT).equals(wanted)
                        && !each.path("required").asBoolean(false)) {
                    return each;
                }
            }
        }
        return null;
    }

    private static boolean hasLinkHeader(JsonNode answer) {
        return answer.path("headers").propertyNames().stream().anyMatch("link"::equalsIgnoreCase);
    }

    /** Pointer to the records: the body itself, or the one list that it holds. */
    private @Nullable String records(JsonNode schema) {
        if (isList(schema)) {
            return "";
        }
        String only = null;
        int lists = 0;
        for (Map.Entry<String, JsonNode> member : members(schema).entrySet()) {
            if (isList(document.resolved(member.getValue()))) {
                if (RECORDS.contains(member.getKey().toLowerCase(Locale.ROOT))) {
                    return pointer("", member.getKey());
                }
                only = pointer("", member.getKey());
                lists++;
            }
        }
        return lists == 1 ? only : null;
    }

    private static boolean isList(JsonNode schema) {
        return schema.path("type").asString("").equals("array")
                || schema.path("items").isObject();
    }

    /** Pointer to a text or number of one of these names, at the top or one level below it. */
    private @Nullable String member(JsonNode schema, List<String> names, String at) {
        Map<String, JsonNode> members = members(schema);
        for (String wanted : names) {
            for (Map.Entry<String, JsonNode> member : members.entrySet()) {
                JsonNode target = document.resolved(member.getValue());
                if (member.getKey().toLowerCase(Locale.ROOT).equals(wanted) && isPlain(target)) {
                    return pointer(at, member.getKey());
                }
            }
        }
        if (at.isEmpty()) {
            for (Map.Entry<String, JsonNode> member : members.entrySet()) {
                if (member.getKey()
                        .toLowerCase(Locale.ROOT)
                        .matches(
                                "meta|_meta|paging|pagination|page_info|pageinfo|cursors|response_metadata|next|page")) {
                    String found = member(document.resolved(member.getValue()), names, pointer(at, member.getKey()));
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    private @Nullable String link(JsonNode schema) {
        for (Map.Entry<String, JsonNode> member : members(schema).entrySet()) {
            String lower = member.getKey().toLowerCase(Locale.ROOT);
            JsonNode target = document.resolved(member.getValue());
            boolean address = target.path("format").asString("").matches("uri|url|uri-reference")
                    || lower.contains("url")
                    || lower.contains("link");
            if (NEXT_LINKS.contains(lower) && isPlain(target) && address) {
                return pointer("", member.getKey());
            }
            if (lower.matches("links|_links|paging|pagination|meta")) {
                JsonNode next = document.resolved(
                        members(target).getOrDefault("next", document.root().path("none")));
                if (isPlain(next)
                        && (lower.endsWith("links")
                                || next.path("format").asString("").matches("uri|url"))) {
                    return pointer(pointer("", member.getKey()), "next");
                }
                if (members(next).containsKey("href")) {
                    return pointer(pointer(pointer("", member.getKey()), "next"), "href");
                }
            }
        }
        return null;
    }

    private static boolean isPlain(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray() || type.asString("").matches("string|integer|number");
    }

    /** The members of an object, those of its parts included. */
    private Map<String, JsonNode> members(JsonNode schema) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        schema.path("properties").properties().forEach(each -> members.put(each.getKey(), each.getValue()));
        for (JsonNode part : schema.path("allOf")) {
            document.resolved(part)
                    .path("properties")
                    .properties()
                    .forEach(each -> members.putIfAbsent(each.getKey(), each.getValue()));
        }
        return members;
    }

    private static String pointer(String at, String name) {
        return at + "/" + name.replace("~", "~0").replace("/", "~1");
    }
}
