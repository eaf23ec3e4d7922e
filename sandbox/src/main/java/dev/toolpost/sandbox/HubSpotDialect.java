package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** HubSpot's CRM objects API, v3: lists, single records, writes, batch upsert and search; its routes, limit headers and refusals. */
final class HubSpotDialect implements Dialect {

    private static final byte[] LIMIT_MAX = utf8("X-HubSpot-RateLimit-Max: ");
    private static final byte[] LIMIT_REMAINING = utf8("X-HubSpot-RateLimit-Remaining: ");
    private static final byte[] LIMIT_INTERVAL = utf8("X-HubSpot-RateLimit-Interval-Milliseconds: ");

    private final List<RecordCollection> collections;
    private final HubSpotErrors errors = new HubSpotErrors();
    private final HubSpotRecords records;
    private final HubSpotPages pages;
    private final HubSpotWrites writes;

    HubSpotDialect(VendorState state) {
        this.collections = state.collections();
        this.records = new HubSpotRecords(state.pages());
        this.pages = new HubSpotPages(state, records, errors);
        this.writes = new HubSpotWrites(state, records, errors);
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
            errors.error(exchange, 404, "OBJECT_NOT_FOUND", "No such resource: " + exchange.path());
            return;
        }
        switch (route.operation()) {
            case LIST -> pages.list(exchange, collection, quirk);
            case GET -> get(exchange, collection, route.id());
            case CREATE -> writes.create(exchange, collection);
            case UPDATE -> writes.update(exchange, collection, route.id());
            case ARCHIVE -> writes.archive(exchange, collection, route.id());
            case SEARCH -> pages.search(exchange, collection, quirk);
            case UPSERT -> writes.upsert(exchange, collection);
            case COMMENT, LIST_TRANSITIONS, TRANSITION, NEXT_PAGE, SITES, ACT, UNKNOWN ->
                errors.error(exchange, 405, null, "Method not allowed: " + exchange.method());
        }
    }

    @Override
    public void unauthorized(HttpExchange exchange, @Nullable TokenState state) {
        if (state == TokenState.EXPIRED) {
            errors.error(
                    exchange,
                    401,
                    "EXPIRED_AUTHENTICATION",
                    "The OAuth token used to make this call expired 12 minute(s) ago.");
        } else {
            errors.error(
                    exchange,
                    401,
                    "INVALID_AUTHENTICATION",
                    "Authentication credentials not found. This API supports OAuth 2.0 authentication.");
        }
    }

    @Override
    public void forbidden(HttpExchange exchange) {
        errors.error(
                exchange,
                403,
                "MISSING_SCOPES",
                "This app hasn't been granted all required scopes to make this call.",
                out -> out.text(
                        ",\"errors\":[{\"message\":\"One or more of the following scopes are required.\",\"context\":{\"requiredGranularScopes\":[\"crm.objects.contacts.write\"]}}]"));
    }

    @Override
    public void throttled(HttpExchange exchange, VendorLimit limit, Room room) {
        if (limit.name().equals("SECONDLY")) {
            errors.error(exchange, 429, "RATE_LIMITS", "You have reached your secondly limit.");
            return;
        }
        limitHeaders(exchange, limit, room);
        Wire.json(exchange.status(429))
                .text("{\"status\":\"error\",\"message\":")
                .string("You have reached your " + limit.name().toLowerCase(Locale.ROOT) + " limit.")
                .text(",\"errorType\":\"RATE_LIMIT\",\"policyName\":")
                .string(limit.name());
        errors.correlate(exchange.answer()).raw((byte) '}');
    }

    @Override
    public void limitHeaders(HttpExchange exchange, VendorLimit limit, Room room) {
        if (!limit.name().equals("SECONDLY")) {
            exchange.header(LIMIT_MAX, limit.permits())
                    .header(LIMIT_REMAINING, room.remaining())
                    .header(LIMIT_INTERVAL, limit.window().toMillis());
        }
    }

    @Override
    public void failed(HttpExchange exchange, int status) {
        switch (status) {
            case 429 -> {
                Wire.json(exchange.status(429))
                        .text("{\"status\":\"error\",\"message\":\"You have reached your ten_secondly_rolling limit.\","
                                + "\"errorType\":\"RATE_LIMIT\",\"policyName\":\"TEN_SECONDLY_ROLLING\"");
                errors.correlate(exchange.answer()).raw((byte) '}');
            }
            case 401 -> unauthorized(exchange, TokenState.EXPIRED);
            case 403 -> forbidden(exchange);
            case 404 -> errors.error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            case 409 -> errors.error(exchange, 409, "CONFLICT", "conflict");
            default -> errors.error(exchange, status, null, status >= 500 ? "internal error" : "request refused");
        }
    }

    private void get(HttpExchange exchange, RecordCollection collection, String id) {
        long found = HubSpotRecords.find(exchange, collection, id);
        if (found < 0) {
            errors.error(exchange, 404, "OBJECT_NOT_FOUND", "resource not found");
            return;
        }
        records.write(
                Wire.json(exchange), collection, found, records.properties(collection, exchange.query("properties")));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
