package dev.toolpost.sandbox;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HubSpot's CRM objects API, v3: lists, single records, writes, batch upsert and search, with its pages, headers and error bodies. */
final class HubSpotDialect implements Dialect {

    private static final int PAGE = 10;
    private static final int LIST_MAX = 100;
    private static final int SEARCH_MAX = 200;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s.]+");
    private static final byte[] LIMIT_MAX = utf8("X-HubSpot-RateLimit-Max: ");
    private static final byte[] LIMIT_REMAINING = utf8("X-HubSpot-RateLimit-Remaining: ");
    private static final byte[] LIMIT_INTERVAL = utf8("X-HubSpot-RateLimit-Interval-Milliseconds: ");

    private final List<RecordCollection> collections;
    private final VendorCounts counts;
    private final LongSupplier nowMillis;
    private final Supplier<URI> uri;
    private final PageLog pages;
    private final Churning churning;
    private final JsonMapper json = JsonMapper.shared();
    private final Map<String, List<String>> propertyLists = new LinkedHashMap<>();
    private long correlation;

    HubSpotDialect(VendorState state) {
        this.collections = state.collections();
        this.counts = state.counts();
        this.nowMillis = state.nowMillis();
        this.uri = state.uri();
        this.pages = state.pages();
        this.churning = state.churning();
    }

    @Override
    public Route route(String method, String path) {
        for (RecordCollection collection : collections) {
            String root = collection.profile().path();
            if (path.startsWith(root)) {
                if (path.length() == root.length()) {
                    return new Route(name(method, root), onAll(method), collection, "");
                }
                if (path.charAt(root.length()) == '/') {
                    return below(method, root, path.substring(root.length() + 1), collection);
                }
            }
        }
        return Route.UNKNOWN;
    }

    private static Route below(String method, String root, String rest, RecordCollection collection) {
        boolean post = method.equals("POST");
        if (post && rest.equals("search")) {
            return new Route(name(method, root + "/search"), Operation.SEARCH, collection, "");
        }
        if (post && rest.equals("batch/upsert")) {
            return new Route(name(method, root + "/batch/upsert"), Operation.UPSERT, collection, "");
        }
        if (rest.indexOf('/') >= 0) {
            return Route.UNKNOWN;
        }
        Operation operation = switch (method) {
            case "GET" -> Operation.GET;
            case "PATCH" -> Operation.UPDATE;
            case "DELETE" -> Operation.ARCHIVE;
            default -> Operation.UNKNOWN;
        };
        return new Route(name(method, root + "/{id}"), operation, collection, rest);
    }

    private static Operation onAll(String method) {
        return switch (method) {
            case "GET" -> Operation.LIST;
            case "POST" -> Operation.CREATE;
            default -> Operation.UNKNOWN;
        };
    }

    private static String name(String method, String path) {
        return method + " " + path;
    }

    @Override
    public void answer(HttpExchange exchange, Route route, Quirk quirk) {
        RecordCollection collection = route.collection();
        if (collection == null) {
            error(exchange, 404, "OBJECT_NOT_FOUND", "No such resource: " + exchange.path());
            return;
        }
        switch (route.operation()) {
            case LIST -> list(exchange, collection, quirk);
            case GET -> get(exchange, collection, route.id());
            case CREATE -> create(exchange, collection);
            case UPDATE -> update(exchange, collection, route.id());
            case ARCHIVE -> archive(exchange, collection, route.id());
            case SEARCH -> search(exchange, collection, quirk);
            case UPSERT -> upsert(exchange, collection);
            case COMMENT, LIST_TRANSITIONS, TRANSITION, NEXT_PAGE, SITES, UNKNOWN ->
                error(exchange, 405, null, "Method not allowed: " + exchange.method());
        }
    }

    @Override
    public void unauthorized(HttpExchange exchange, @Nullable TokenState state) {
        if (state == TokenState.EXPIRED) {
            error(
                    exchange,
                    401,
                    "EXPIRED_AUTHENTICATION",
                    "The OAuth token used to make this call expired 12 minute(s) ago.");
        } else {
            error(
                    exchange,
                    401,
                    "INVALID_AUTHENTICATION",
                    "Authentication credentials not found. This API supports OAuth 2.0 authentication.");
        }
    }

    @Override
    public void forbidden(HttpExchange exchange) {
        error(
                exchange,
                403,
                "MISSING_SCOPES",
                "This app hasn't been granted all required scopes to make this call.",
                out -> out.text(
                        ",\"errors\":[{\"message\":\"One or more of the following scopes are required.\",\"context\":{\"requiredGranularScopes\":[\"crm.objects.contacts.write\"]}}]"));
    }

    @Override
    public void throttled(HttpExchange exchange, VendorLimit limit) {
        if (limit.name().equals("SECONDLY")) {
            error(exchange, 429, "RATE_LIMITS", "You have reached your secondly limit.");
            return;
        }
        limitHeaders(exchange, limit, 0);
        json(exchange.status(429))
                .text("{\"status\":\"error\",\"message\":")
                .string("You have reached your " + limit.name().toLowerCase(Locale.ROOT) + " limit.")
                .text(",\"errorType\":\"RATE_LIMIT\",\"policyName\":")
                .string(limit.name());
        correlate(exchange.answer()).raw((byte) '}');
    }

    @Override
    public void limitHeaders(HttpExchange exchange, VendorLimit limit, int remaining) {
        if (!limit.name().equals("SECONDLY")) {
            exchange.header(LIMIT_MAX, limit.permits())
                    .header(LIMIT_REMAINING, remaining)
                    .header(LIMIT_INTERVAL, limit.window().toMillis());
        }
    }

    @Override
    public void failed(HttpExchange exchange, int status) {
        switch (status) {
            case 429 -> {
                json(exchange.status(429))
                        .text("{\"status\":\"error\",\"message\":\"You have reached your ten_secondly_rolling limit.\","
                                + "\"errorType\":\"RATE_LIMIT\",\"policyName\":\"TEN_SECONDLY_ROLLING\"");
                correlate(exchange.answer()).raw((byte) '}');
            }
            case 401 -> unauthorized(exchange, TokenState.EXPIRED);
            case 403 -> forbidden(exchange);
            case 404 -> error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            case 409 -> error(exchange, 409, "CONFLICT", "conflict");
            default -> error(exchange, status, null, status >= 500 ? "internal error" : "request refused");
        }
    }

    private void list(HttpExchange exchange, RecordCollection collection, Quirk quirk) {
        int limit = limit(exchange, exchange.query("limit"), LIST_MAX);
        if (limit < 0) {
            return;
        }
        String after = exchange.query("after");
        long from = after == null ? 0 : number(after);
        if (from < 0) {
            invalid(exchange, "after", "INVALID_AFTER", "Invalid paging cursor: " + after);
            return;
        }
        List<String> properties = properties(collection, exchange.query("properties"));
        ByteText out = json(exchange).text("{\"results\":[");
        boolean archived = "true".equals(exchange.query("archived"));
        if (!archived) {
            churning.before(collection, collection.next(from));
        }
        pages.begin(collection.profile().name(), after);
        long id = archived ? -1 : collection.next(from);
        for (int i = 0; i < limit && id >= 0; i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            record(out, collection, id, properties);
            id = collection.next(id + 1);
        }
        out.raw((byte) ']');
        String next = null;
        if (id >= 0) {
            next = quirk == Quirk.REPEAT_CURSOR && after != null ? after : Long.toString(id);
            next(out, collection, next, limit, quirk);
        }
        pages.end(out, next);
        out.raw((byte) '}');
    }

    private void next(ByteText out, RecordCollection collection, String after, int limit, Quirk quirk) {
        String base = quirk == Quirk.FOREIGN_LINK
                ? "http://collector.example.net"
                : uri.get().toString();
        out.text(",\"paging\":{\"next\":{\"after\":").string(after);
        out.text(",\"link\":")
                .string(base + collection.profile().path() + "?limit=" + limit + "&after=" + after)
                .text("}}");
    }

    private void get(HttpExchange exchange, RecordCollection collection, String id) {
        long found = resolve(exchange, collection, id);
        if (found < 0) {
            error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        record(json(exchange), collection, found, properties(collection, exchange.query("properties")));
    }

    private void create(HttpExchange exchange, RecordCollection collection) {
        JsonNode body = body(exchange);
        Map<String, String> properties = body == null ? null : written(exchange, collection, body);
        if (properties == null) {
            return;
        }
        String unique = collection.profile().unique();
        String key = unique == null ? null : properties.get(unique);
        long existing = key == null ? -1 : collection.find(key);
        counts.wrote("create", collection.profile().name(), marker(collection, properties));
        if (existing >= 0) {
            error(exchange, 409, "CONFLICT", "Contact already exists. Existing ID: " + existing);
            return;
        }
        long id = collection.create(properties, nowMillis.getAsLong());
        record(json(exchange.status(201)), collection, id, List.copyOf(new TreeSet<>(properties.keySet())));
    }

    private void update(HttpExchange exchange, RecordCollection collection, String id) {
        long found = resolve(exchange, collection, id);
        if (found < 0) {
            error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        JsonNode body = body(exchange);
        Map<String, String> properties = body == null ? null : written(exchange, collection, body);
        if (properties == null) {
            return;
        }
        counts.wrote("update", collection.profile().name(), Long.toString(found));
        String unique = collection.profile().unique();
        String key = unique == null ? null : properties.get(unique);
        long holder = key == null ? -1 : collection.find(key);
        if (holder >= 0 && holder != found) {
            error(exchange, 409, "CONFLICT", "A record with that " + unique + " already exists: " + holder);
            return;
        }
        if (!collection.update(found, properties, nowMillis.getAsLong())) {
            full(exchange);
            return;
        }
        record(json(exchange), collection, found, List.copyOf(new TreeSet<>(properties.keySet())));
    }

    private void archive(HttpExchange exchange, RecordCollection collection, String id) {
        long number = number(id);
        if (number < 0 || !collection.existed(number)) {
            error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        counts.wrote("archive", collection.profile().name(), id);
        if (!collection.archive(number)) {
            full(exchange);
            return;
        }
        exchange.status(204);
    }

    private void upsert(HttpExchange exchange, RecordCollection collection) {
        JsonNode body = body(exchange);
        if (body == null) {
            return;
        }
        JsonNode inputs = body.path("inputs");
        if (!inputs.isArray() || inputs.isEmpty() || inputs.size() > 100) {
            invalid(exchange, "inputs", "INVALID_LENGTH", "inputs must hold 1 to 100 records, was " + inputs.size());
            return;
        }
        String now = Instant.ofEpochMilli(nowMillis.getAsLong()).toString();
        ByteText out = json(exchange).text("{\"status\":\"COMPLETE\",\"results\":[");
        List<String> failures = new ArrayList<>();
        boolean first = true;
        for (JsonNode input : inputs) {
            String failure = upsertOne(out, collection, input, first);
            if (failure == null) {
                first = false;
            } else {
                failures.add(failure);
            }
        }
        out.text("],\"startedAt\":").string(now).text(",\"completedAt\":").string(now);
        if (!failures.isEmpty()) {
            exchange.status(207);
            out.text(",\"numErrors\":").number(failures.size()).text(",\"errors\":[");
            out.text(String.join(",", failures)).raw((byte) ']');
        }
        out.raw((byte) '}');
    }

    /** Appends the record, or returns the error. */
    private @Nullable String upsertOne(ByteText out, RecordCollection collection, JsonNode input, boolean first) {
        String unique = collection.profile().unique();
        String id = input.path("id").asString("");
        boolean byUnique =
                unique != null && input.path("idProperty").asString("").equals(unique);
        Map<String, String> properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : input.path("properties").properties()) {
            if (!collection.knows(property.getKey())) {
                return failure(id, "PROPERTY_DOESNT_EXIST", "Property \"" + property.getKey() + "\" does not exist");
            }
            properties.put(property.getKey(), property.getValue().asString(""));
        }
        if (byUnique) {
            properties.putIfAbsent(unique, id);
        }
        String email = properties.get("email");
        if (email != null && !EMAIL.matcher(email).matches()) {
            return failure(id, "INVALID_EMAIL", "Email address " + email + " is invalid");
        }
        counts.wrote("upsert", collection.profile().name(), id);
        long found = byUnique ? collection.find(id) : number(id);
        boolean isNew = found < 0 || !collection.isPresent(found);
        if (isNew && !byUnique) {
            return failure(
                    id,
                    "OBJECT_NOT_FOUND",
                    "Could not get some " + collection.profile().name() + ": " + id);
        }
        if (isNew) {
            found = collection.create(properties, nowMillis.getAsLong());
        } else if (!collection.update(found, properties, nowMillis.getAsLong())) {
            return failure(id, "INTERNAL", "The sandbox remembers no more changed records");
        }
        if (!first) {
            out.raw((byte) ',');
        }
        record(out, collection, found, List.copyOf(new TreeSet<>(properties.keySet())));
        out.truncate(out.length() - 1)
                .text(",\"new\":")
                .text(Boolean.toString(isNew))
                .raw((byte) '}');
        return null;
    }

    private static String failure(String id, String code, String message) {
        return new ByteText(200)
                .text("{\"status\":\"error\",\"category\":\"VALIDATION_ERROR\",\"message\":")
                .string(message)
                .text(",\"context\":{\"ids\":[")
                .string(id)
                .text("]},\"errors\":[{\"code\":")
                .string(code)
                .text(",\"message\":")
                .string(message)
                .text("}]}")
                .toString();
    }

    private void search(HttpExchange exchange, RecordCollection collection, Quirk quirk) {
        JsonNode body = body(exchange);
        if (body == null) {
            return;
        }
        int limit = limit(
                exchange,
                body.path("limit").isMissingNode() ? null : body.path("limit").asString(""),
                SEARCH_MAX);
        if (limit < 0) {
            return;
        }
        String after = body.path("after").asString("0");
        long offset = number(after.isEmpty() ? "0" : after);
        if (offset < 0 || offset + limit > HubSpotSearch.REACH) {
            invalid(
                    exchange,
                    "after",
                    "INVALID_AFTER",
                    "Search reaches the first " + HubSpotSearch.REACH + " results, asked for " + after);
            return;
        }
        HubSpotSearch search;
        try {
            search = HubSpotSearch.parse(body, collection);
        } catch (IllegalArgumentException e) {
            invalid(exchange, "filterGroups", "INVALID_FILTER", String.valueOf(e.getMessage()));
            return;
        }
        pages.begin(collection.profile().name(), offset == 0 ? null : after);
        HubSpotSearch.Found found = search.run(offset, limit);
        List<String> properties = new ArrayList<>();
        body.path("properties").forEach(name -> properties.add(name.asString("")));
        List<String> shown = properties(collection, properties.isEmpty() ? null : String.join(",", properties));
        ByteText out = json(exchange).text("{\"total\":").number(found.total()).text(",\"results\":[");
        for (int i = 0; i < found.ids().size(); i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            record(out, collection, found.ids().get(i), shown);
        }
        out.raw((byte) ']');
        long next = offset + found.ids().size();
        String cursor = null;
        if (next < found.total()) {
            cursor = quirk == Quirk.REPEAT_CURSOR && offset > 0 ? after : Long.toString(next);
            out.text(",\"paging\":{\"next\":{\"after\":").string(cursor).text("}}");
        }
        pages.end(out, cursor);
        out.raw((byte) '}');
    }

    private void record(ByteText out, RecordCollection collection, long id, List<String> properties) {
        RecordCollection.Entry entry = collection.entry(id);
        int idFrom = out.text("{\"id\":\"").length();
        pages.id(out, idFrom, out.number(id).length());
        out.text("\",\"properties\":{");
        out.text("\"createdate\":");
        created(out, collection, id, entry);
        for (String property : properties) {
            out.text(",\"").text(property).text("\":");
            collection.writeValue(out, id, entry, property);
        }
        out.text(",\"hs_object_id\":\"").number(id).text("\",\"lastmodifieddate\":");
        updated(out, collection, id, entry);
        out.text("},\"createdAt\":");
        created(out, collection, id, entry);
        out.text(",\"updatedAt\":");
        updated(out, collection, id, entry);
        out.text(",\"archived\":false}");
    }

    private static void created(
            ByteText out, RecordCollection collection, long id, RecordCollection.@Nullable Entry entry) {
        if (entry != null && entry.createdMillis > 0) {
            date(out, entry.createdMillis);
        } else {
            out.raw((byte) '"');
            PropertyTemplate.writeDate(out, PropertyTemplate.mix(id ^ collection.seed()));
            out.raw((byte) '"');
        }
    }

    private static void updated(
            ByteText out, RecordCollection collection, long id, RecordCollection.@Nullable Entry entry) {
        if (entry != null) {
            date(out, entry.updatedMillis);
        } else {
            created(out, collection, id, null);
        }
    }

    private static void date(ByteText out, long millis) {
        out.string(DATE.format(Instant.ofEpochMilli(millis)));
    }

    /** The record that a path names: by id, or by the unique property when the query says so; -1 for none. */
    private static long resolve(HttpExchange exchange, RecordCollection collection, String id) {
        String by = exchange.query("idProperty");
        if (by != null && by.equals(collection.profile().unique())) {
            return collection.find(HttpExchange.decode(id));
        }
        long number = number(id);
        return number >= 0 && collection.isPresent(number) ? number : -1;
    }

    private List<String> properties(RecordCollection collection, @Nullable String asked) {
        if (asked == null || asked.isEmpty()) {
            return collection.profile().defaultProperties();
        }
        String key = collection.profile().name() + "?" + asked;
        List<String> known = propertyLists.get(key);
        if (known == null) {
            known = Arrays.stream(asked.split(",", -1))
                    .map(String::strip)
                    .filter(collection::knows)
                    .distinct()
                    .sorted()
                    .toList();
            if (propertyLists.size() < 1000) {
                propertyLists.put(key, known);
            }
        }
        return known;
    }

    /** The properties of a write, or null after an answer that says what is wrong. */
    private @Nullable Map<String, String> written(HttpExchange exchange, RecordCollection collection, JsonNode body) {
        JsonNode properties = body.path("properties");
        if (!properties.isObject()) {
            invalid(exchange, "properties", "REQUIRED_FIELD", "Some required fields were not set: [properties]");
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            String name = property.getKey();
            if (!collection.knows(name)) {
                invalid(
                        exchange,
                        name,
                        "PROPERTY_DOESNT_EXIST",
                        "Property values were not valid: Property \"" + name + "\" does not exist");
                return null;
            }
            String value = property.getValue().asString("");
            if (name.equals("email") && !EMAIL.matcher(value).matches()) {
                invalid(
                        exchange,
                        "email",
                        "INVALID_EMAIL",
                        "Property values were not valid: Email address " + value + " is invalid");
                return null;
            }
            values.put(name, value);
        }
        return values;
    }

    private static String marker(RecordCollection collection, Map<String, String> properties) {
        String unique = collection.profile().unique();
        String[] candidates = {unique == null ? "" : unique, "dealname", "name"};
        for (String candidate : candidates) {
            String value = properties.get(candidate);
            if (value != null) {
                return value;
            }
        }
        return properties.toString();
    }

    private @Nullable JsonNode body(HttpExchange exchange) {
        try {
            JsonNode body = json.readTree(exchange.body());
            if (body != null && body.isObject()) {
                return body;
            }
        } catch (JacksonException e) {
            // Answered below, as HubSpot does, without the parser's words.
        }
        error(exchange, 400, "VALIDATION_ERROR", "Invalid input JSON: expected an object");
        return null;
    }

    /** The page size, or -1 after an answer that says what is wrong. */
    private int limit(HttpExchange exchange, @Nullable String asked, int max) {
        if (asked == null) {
            return PAGE;
        }
        long limit = number(asked);
        if (limit < 1 || limit > max) {
            invalid(
                    exchange,
                    "limit",
                    "INVALID_LIMIT",
                    "The limit must be between 1 and " + max + " inclusive, was " + asked);
            return -1;
        }
        return (int) limit;
    }

    private static long number(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private void full(HttpExchange exchange) {
        error(exchange, 503, null, "The sandbox remembers no more changed records: reset it, or raise its overlay");
    }

    private void invalid(HttpExchange exchange, String in, String code, String message) {
        error(
                exchange,
                400,
                "VALIDATION_ERROR",
                message,
                out -> out.text(",\"errors\":[{\"message\":")
                        .string(message)
                        .text(",\"code\":")
                        .string(code)
                        .text(",\"in\":")
                        .string(in)
                        .text("}]"));
    }

    private void error(HttpExchange exchange, int status, @Nullable String category, String message) {
        error(exchange, status, category, message, out -> out);
    }

    private void error(
            HttpExchange exchange,
            int status,
            @Nullable String category,
            String message,
            UnaryOperator<ByteText> more) {
        ByteText out = json(exchange.status(status))
                .text("{\"status\":\"error\",\"message\":")
                .string(message);
        correlate(out);
        if (category != null) {
            out.text(",\"category\":").string(category);
        }
        more.apply(out).raw((byte) '}');
    }

    private ByteText correlate(ByteText out) {
        long first = PropertyTemplate.mix(++correlation);
        long second = PropertyTemplate.mix(~correlation);
        return out.text(",\"correlationId\":\"")
                .hex(first >>> 32, 8)
                .raw((byte) '-')
                .hex(first >>> 16, 4)
                .raw((byte) '-')
                .hex(first, 4)
                .raw((byte) '-')
                .hex(second >>> 48, 4)
                .raw((byte) '-')
                .hex(second, 12)
                .raw((byte) '"');
    }

    private static ByteText json(HttpExchange exchange) {
        exchange.answer().clear();
        return exchange.header("Content-Type", "application/json;charset=utf-8").answer();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
