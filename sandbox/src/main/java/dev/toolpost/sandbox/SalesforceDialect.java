package dev.toolpost.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Salesforce's REST API: queries with locators and single records, with its limit header and error arrays. */
final class SalesforceDialect implements Dialect {

    private static final String DATA = "/services/data/";

    private final SalesforceRecords records;
    private final SalesforceQuery query;

    SalesforceDialect(VendorState state) {
        this.records = new SalesforceRecords(state);
        this.query = new SalesforceQuery(state, records);
    }

    @Override
    public Route route(String method, String path) {
        String rest = rest(path);
        if (rest.equals("query") || rest.equals("query/")) {
            return new Route(method + " /query", method.equals("GET") ? Operation.SEARCH : Operation.UNKNOWN, null, "");
        }
        if (rest.startsWith("query/")) {
            return new Route(
                    method + " /query/{locator}",
                    method.equals("GET") ? Operation.NEXT_PAGE : Operation.UNKNOWN,
                    null,
                    rest.substring("query/".length()));
        }
        String[] parts = rest.split("/", -1);
        RecordCollection collection =
                parts.length > 1 && parts[0].equals("sobjects") ? records.collection(parts[1]) : null;
        if (collection == null || parts.length > 4) {
            return Route.UNKNOWN;
        }
        String root = method + " /sobjects/" + collection.profile().name();
        return switch (parts.length) {
            case 2 -> new Route(root, method.equals("POST") ? Operation.CREATE : Operation.UNKNOWN, collection, "");
            case 3 ->
                new Route(
                        root + "/{id}",
                        switch (method) {
                            case "GET" -> Operation.GET;
                            case "PATCH" -> Operation.UPDATE;
                            case "DELETE" -> Operation.ARCHIVE;
                            default -> Operation.UNKNOWN;
                        },
                        collection,
                        parts[2]);
            default ->
                new Route(
                        root + "/" + parts[2] + "/{value}",
                        method.equals("PATCH") ? Operation.UPSERT : Operation.UNKNOWN,
                        collection,
                        parts[2] + "/" + parts[3]);
        };
    }

    @Override
    public void answer(HttpExchange exchange, Route route, Quirk quirk) {
        String version = version(exchange.path());
        RecordCollection collection = route.collection();
        switch (route.operation()) {
            case SEARCH -> query.start(exchange, version, quirk);
            case NEXT_PAGE -> query.next(exchange, route.id(), quirk);
            case GET, CREATE, UPDATE, ARCHIVE, UPSERT -> {
                if (collection != null) {
                    record(exchange, route, collection, version);
                }
            }
            case UNKNOWN -> {
                if (route.equals(Route.UNKNOWN)) {
                    SalesforceErrors.notFound(exchange);
                } else {
                    SalesforceErrors.write(
                            exchange,
                            405,
                            "METHOD_NOT_ALLOWED",
                            "HTTP Method '" + exchange.method() + "' not allowed.");
                }
            }
            case LIST, COMMENT, LIST_TRANSITIONS, TRANSITION, SITES, ACT -> SalesforceErrors.notFound(exchange);
        }
    }

    private void record(HttpExchange exchange, Route route, RecordCollection collection, String version) {
        switch (route.operation()) {
            case GET -> records.get(exchange, collection, route.id(), version);
            case CREATE -> records.create(exchange, collection);
            case UPDATE -> records.update(exchange, collection, route.id());
            case ARCHIVE -> records.delete(exchange, collection, route.id());
            default -> {
                int slash = route.id().indexOf('/');
                records.upsert(
                        exchange,
                        collection,
                        route.id().substring(0, slash),
                        HttpExchange.decode(route.id().substring(slash + 1)));
            }
        }
    }

    @Override
    public void unauthorized(HttpExchange exchange, @Nullable TokenState state) {
        exchange.header("WWW-Authenticate", "Token");
        SalesforceErrors.write(exchange, 401, "INVALID_SESSION_ID", "Session expired or invalid");
    }

    @Override
    public void forbidden(HttpExchange exchange) {
        SalesforceErrors.write(
                exchange, 403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", List.of());
    }

    @Override
    public void throttled(HttpExchange exchange, VendorLimit limit, Room room) {
        if (limit.name().equals(CONCURRENCY)) {
            SalesforceErrors.write(exchange, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.");
            return;
        }
        limitHeaders(exchange, limit, room);
        SalesforceErrors.write(exchange, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    }

    @Override
    public void limitHeaders(HttpExchange exchange, VendorLimit limit, Room room) {
        exchange.header(
                "Sforce-Limit-Info", "api-usage=" + (limit.permits() - room.remaining()) + "/" + limit.permits());
    }

    @Override
    public void failed(HttpExchange exchange, int status) {
        switch (status) {
            case 401 -> unauthorized(exchange, TokenState.EXPIRED);
            case 403 ->
                SalesforceErrors.write(exchange, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
            case 404 -> SalesforceErrors.notFound(exchange);
            default ->
                SalesforceErrors.write(
                        exchange,
                        status,
                        status == 503 ? "SERVER_UNAVAILABLE" : status >= 500 ? "UNKNOWN_EXCEPTION" : "BAD_REQUEST",
                        status >= 500 ? "An unexpected error occurred." : "request refused");
        }
    }

    /** What follows the version in a path, or nothing. */
    private static String rest(String path) {
        if (!path.startsWith(DATA)) {
            return "";
        }
        int slash = path.indexOf('/', DATA.length());
        return slash < 0 ? "" : path.substring(slash + 1);
    }

    private static String version(String path) {
        int slash = path.indexOf('/', DATA.length());
        return slash < 0 ? "v67.0" : path.substring(DATA.length(), slash);
    }
}
