package dev.toolpost.sandbox;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Jira Cloud's REST API, version 3, at the site's own path and, with the cloud id {@value #CLOUD_ID}, at the one for OAuth apps: search by JQL, issues,
 * comments, transitions, projects and users.
 */
final class JiraDialect implements Dialect {

    static final String CLOUD_ID = "0d0c9e2a-7f4b-4c1d-9a55-5a2b7c1e4f60";

    private static final String SITE = "/rest/api/3/";
    private static final String APP = "/ex/jira/" + CLOUD_ID + SITE;
    private static final String SITES = "/oauth/token/accessible-resources";
    private static final int USUAL = 50;
    private static final int PROJECTS_MAX = 50;
    private static final int USERS_MAX = 1000;
    private static final int LOOKED_AT = 20_000;

    private final VendorState state;
    private final JiraIssues issues;
    private final JiraSearch search;

    JiraDialect(VendorState state) {
        this.state = state;
        this.issues = new JiraIssues(state, collection(state, "issues"));
        this.search = new JiraSearch(state, issues);
    }

    private static RecordCollection collection(VendorState state, String name) {
        return state.collections().stream()
                .filter(collection -> collection.profile().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Route route(String method, String path) {
        if (path.equals(SITES)) {
            return new Route(method + " " + SITES, Operation.SITES, null, "");
        }
        String rest = path.startsWith(APP)
                ? path.substring(APP.length())
                : path.startsWith(SITE) ? path.substring(SITE.length()) : "";
        boolean get = method.equals("GET");
        boolean post = method.equals("POST");
        return switch (rest) {
            case "search/jql" -> route(method, rest, get || post ? Operation.SEARCH : Operation.UNKNOWN, "");
            case "search" -> route(method, rest, Operation.UNKNOWN, "");
            case "project/search" ->
                new Route(
                        method + " /project/search",
                        get ? Operation.LIST : Operation.UNKNOWN,
                        collection(state, "projects"),
                        "");
            case "users/search" ->
                new Route(
                        method + " /users/search",
                        get ? Operation.LIST : Operation.UNKNOWN,
                        collection(state, "users"),
                        "");
            case "issue" -> route(method, rest, post ? Operation.CREATE : Operation.UNKNOWN, "");
            default -> rest.startsWith("issue/") ? issue(method, rest.substring("issue/".length())) : Route.UNKNOWN;
        };
    }

    private Route issue(String method, String rest) {
        int slash = rest.indexOf('/');
        String id = slash < 0 ? rest : rest.substring(0, slash);
        String part = slash < 0 ? "" : rest.substring(slash);
        return switch (part) {
            case "" ->
                route(
                        method,
                        "issue/{key}",
                        switch (method) {
                            case "GET" -> Operation.GET;
                            case "PUT" -> Operation.UPDATE;
                            case "DELETE" -> Operation.ARCHIVE;
                            default -> Operation.UNKNOWN;
                        },
                        id);
            case "/comment" ->
                route(method, "issue/{key}/comment", method.equals("POST") ? Operation.COMMENT : Operation.UNKNOWN, id);
            case "/transitions" ->
                route(
                        method,
                        "issue/{key}/transitions",
                        switch (method) {
                            case "GET" -> Operation.LIST_TRANSITIONS;
                            case "POST" -> Operation.TRANSITION;
                            default -> Operation.UNKNOWN;
                        },
                        id);
            default -> Route.UNKNOWN;
        };
    }

    private Route route(String method, String name, Operation operation, String id) {
        return new Route(method + " /" + name, operation, issues.collection(), id);
    }

    @Override
    public void answer(HttpExchange exchange, Route route, Quirk quirk) {
        RecordCollection collection = route.collection();
        switch (route.operation()) {
            case SEARCH -> search.answer(exchange, quirk);
            case CREATE -> issues.create(exchange);
            case GET -> issues.get(exchange, route.id());
            case UPDATE -> issues.update(exchange, route.id());
            case ARCHIVE -> issues.delete(exchange, route.id());
            case COMMENT -> issues.comment(exchange, route.id());
            case LIST_TRANSITIONS -> issues.transitions(exchange, route.id());
            case TRANSITION -> issues.transition(exchange, route.id());
            case SITES -> sites(exchange);
            case LIST -> {
                if (collection != null) {
                    list(exchange, collection, quirk);
                }
            }
            case UPSERT, NEXT_PAGE, ACT, UNKNOWN -> unknown(exchange, route);
        }
    }

    private static void unknown(HttpExchange exchange, Route route) {
        if (route.name().endsWith(" /search")) {
            JiraErrors.write(
                    exchange,
                    410,
                    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.");
        } else if (route.equals(Route.UNKNOWN)) {
            JiraErrors.write(exchange, 404, "There is no resource at " + exchange.path());
        } else {
            JiraErrors.write(exchange, 405, "Method Not Allowed");
        }
    }

    private void sites(HttpExchange exchange) {
        Wire.json(exchange)
                .text("[{\"id\":\"" + CLOUD_ID + "\",\"name\":\"sandbox\",\"url\":\"https://sandbox.atlassian.net\",")
                .text("\"scopes\":[\"read:jira-work\",\"write:jira-work\",\"read:jira-user\"],")
                .text("\"avatarUrl\":\"https://sandbox.atlassian.net/avatar.png\"}]");
    }

    /** Projects in an envelope, users as a bare array, both by the place of the first. */
    private void list(HttpExchange exchange, RecordCollection collection, Quirk quirk) {
        boolean users = collection.profile().name().equals("users");
        String at = exchange.query("startAt");
        String most = exchange.query("maxResults");
        long start = at == null ? 0 : Wire.number(at);
        long asked = most == null ? USUAL : Wire.number(most);
        if (start < 0 || asked < 0) {
            JiraErrors.write(exchange, 400, "startAt and maxResults must be whole numbers, were " + at + ", " + most);
            return;
        }
        long limit = Math.min(asked, users ? USERS_MAX : PROJECTS_MAX);
        String query = users ? null : exchange.query("query");
        state.churning().before(collection, collection.at(start));
        state.pages().begin(collection.profile().name(), at);
        List<Long> chosen = query == null ? null : matching(collection, query.toLowerCase(Locale.ROOT));
        long total = chosen == null ? collection.total() : chosen.size();
        long rows = Math.max(0, Math.min(limit, total - start));
        boolean last = start + rows >= total;
        String next = last ? null : Long.toString(quirk == Quirk.REPEAT_CURSOR ? start : start + rows);
        ByteText out = Wire.json(exchange);
        String self = state.uri().get().toString() + exchange.path();
        if (!users) {
            out.text("{\"self\":\"")
                    .text(self)
                    .text("?maxResults=")
                    .number(limit)
                    .text("&startAt=")
                    .number(start);
            if (next != null) {
                String base = quirk == Quirk.FOREIGN_LINK ? "http://collector.example.net" + exchange.path() : self;
                out.text("\",\"nextPage\":\"").text(base);
                out.text("?maxResults=").number(limit).text("&startAt=").text(next);
            }
            out.text("\",\"maxResults\":").number(limit).text(",\"startAt\":").number(start);
            out.text(",\"total\":").number(total).text(",\"isLast\":").text(Boolean.toString(last));
            out.text(",\"values\":");
        }
        out.raw((byte) '[');
        long id = rows == 0 || chosen != null ? -1 : collection.at(start);
        for (long i = 0; i < rows; i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            record(out, collection, chosen == null ? id : chosen.get((int) (start + i)), users);
            id = collection.next(id + 1);
        }
        out.raw((byte) ']');
        state.pages().end(out, next);
        if (!users) {
            out.raw((byte) '}');
        }
    }

    /** The projects whose key or name holds a text, of the first 20,000. */
    private static List<Long> matching(RecordCollection collection, String text) {
        List<Long> ids = new ArrayList<>();
        int looked = 0;
        for (long id = collection.next(0); id >= 0 && looked < LOOKED_AT; id = collection.next(id + 1), looked++) {
            String names = collection.value(id, "key") + "\n" + collection.value(id, "name");
            if (names.toLowerCase(Locale.ROOT).contains(text)) {
                ids.add(id);
            }
        }
        return ids;
    }

    private void record(ByteText out, RecordCollection collection, long id, boolean users) {
        out.text("{\"self\":\"").text(state.uri().get().toString());
        out.text(users ? "/rest/api/3/user?accountId=" : "/rest/api/3/project/");
        int idFrom;
        if (users) {
            collection.writeUnquoted(out, id, "accountId");
            out.text("\",\"accountId\":\"");
            idFrom = out.length();
            collection.writeUnquoted(out, id, "accountId");
        } else {
            out.number(id).text("\",\"id\":\"");
            idFrom = out.length();
            out.number(id);
        }
        state.pages().id(out, idFrom, out.length());
        out.raw((byte) '"');
        RecordCollection.Entry entry = collection.entry(id);
        for (String property : collection.profile().defaultProperties()) {
            out.text(",\"").text(property).text("\":");
            collection.writeValue(out, id, entry, property);
        }
        out.raw((byte) '}');
    }

    @Override
    public void unauthorized(HttpExchange exchange, @Nullable TokenState tokenState) {
        Wire.json(exchange.status(401)).text("{\"code\":401,\"message\":\"Unauthorized\"}");
    }

    @Override
    public void forbidden(HttpExchange exchange) {
        Wire.json(exchange.status(401)).text("{\"code\":401,\"message\":\"Unauthorized; scope does not match\"}");
    }

    @Override
    public void throttled(HttpExchange exchange, VendorLimit limit, Room room) {
        int slash = limit.name().indexOf('/');
        String reason = limit.name().equals(CONCURRENCY)
                ? "jira-burst-based"
                : slash < 0 ? limit.name() : limit.name().substring(0, slash);
        long seconds = Math.max(1, limit.window().toSeconds());
        exchange.header("Retry-After", Long.toString(seconds))
                .header("X-RateLimit-Limit", Integer.toString(limit.permits()))
                .header("X-RateLimit-Remaining", "0")
                .header(
                        "X-RateLimit-Reset",
                        Instant.ofEpochMilli(state.nowMillis().getAsLong())
                                .plusSeconds(seconds)
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString())
                .header("RateLimit-Reason", reason);
        JiraErrors.write(exchange, 429, "Rate limit exceeded.");
    }

    @Override
    public void limitHeaders(HttpExchange exchange, VendorLimit limit, Room room) {
        if (limit.per() != VendorLimit.Per.RECORD) {
            exchange.header("X-RateLimit-Limit", Integer.toString(limit.permits()))
                    .header("X-RateLimit-Remaining", Integer.toString(room.remaining()));
        }
    }

    @Override
    public void failed(HttpExchange exchange, int status) {
        switch (status) {
            case 401 -> unauthorized(exchange, TokenState.EXPIRED);
            case 404 -> JiraErrors.noIssue(exchange);
            case 429 -> JiraErrors.write(exchange, 429, "Rate limit exceeded.");
            default ->
                JiraErrors.write(
                        exchange, status, status >= 500 ? "Internal server error" : "The request was refused.");
        }
    }
}
