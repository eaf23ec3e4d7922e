package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** HubSpot's lists and searches, page by page. Belongs to the loop's thread. */
final class HubSpotPages {

    private static final int PAGE = 10;
    private static final int LIST_MAX = 100;
    private static final int SEARCH_MAX = 200;

    private final VendorState state;
    private final HubSpotRecords records;
    private final HubSpotErrors errors;

    HubSpotPages(VendorState state, HubSpotRecords records, HubSpotErrors errors) {
        this.state = state;
        this.records = records;
        this.errors = errors;
    }

    void list(HttpExchange exchange, RecordCollection collection, Dialect.Quirk quirk) {
        int limit = limit(exchange, exchange.query("limit"), LIST_MAX);
        if (limit < 0) {
            return;
        }
        String after = exchange.query("after");
        long from = after == null ? 0 : Wire.number(after);
        if (from < 0) {
            errors.invalid(exchange, "after", "INVALID_AFTER", "Invalid paging cursor: " + after);
            return;
        }
        List<String> properties = records.properties(collection, exchange.query("properties"));
        ByteText out = Wire.json(exchange).text("{\"results\":[");
        boolean archived = "true".equals(exchange.query("archived"));
        if (!archived) {
            state.churning().before(collection, collection.next(from));
        }
        state.pages().begin(collection.profile().name(), after);
        long id = archived ? -1 : collection.next(from);
        for (int i = 0; i < limit && id >= 0; i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            records.write(out, collection, id, properties);
            id = collection.next(id + 1);
        }
        out.raw((byte) ']');
        String next = null;
        if (id >= 0) {
            next = quirk == Dialect.Quirk.REPEAT_CURSOR && after != null ? after : Long.toString(id);
            next(out, collection, next, limit, quirk);
        }
        state.pages().end(out, next);
        out.raw((byte) '}');
    }

    private void next(ByteText out, RecordCollection collection, String after, int limit, Dialect.Quirk quirk) {
        String base = quirk == Dialect.Quirk.FOREIGN_LINK
                ? "http://collector.example.net"
                : state.uri().get().toString();
        out.text(",\"paging\":{\"next\":{\"after\":").string(after);
        out.text(",\"link\":")
                .string(base + collection.profile().path() + "?limit=" + limit + "&after=" + after)
                .text("}}");
    }

    void search(HttpExchange exchange, RecordCollection collection, Dialect.Quirk quirk) {
        JsonNode body = errors.body(exchange);
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
        long offset = Wire.number(after.isEmpty() ? "0" : after);
        if (offset < 0 || offset + limit > HubSpotSearch.REACH) {
            errors.invalid(
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
            errors.invalid(exchange, "filterGroups", "INVALID_FILTER", String.valueOf(e.getMessage()));
            return;
        }
        state.pages().begin(collection.profile().name(), offset == 0 ? null : after);
        HubSpotSearch.Found found = search.run(offset, limit);
        List<String> properties = new ArrayList<>();
        body.path("properties").forEach(name -> properties.add(name.asString("")));
        List<String> shown = records.properties(collection, properties.isEmpty() ? null : String.join(",", properties));
        ByteText out =
                Wire.json(exchange).text("{\"total\":").number(found.total()).text(",\"results\":[");
        for (int i = 0; i < found.ids().size(); i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            records.write(out, collection, found.ids().get(i), shown);
        }
        out.raw((byte) ']');
        long next = offset + found.ids().size();
        String cursor = null;
        if (next < found.total()) {
            cursor = quirk == Dialect.Quirk.REPEAT_CURSOR && offset > 0 ? after : Long.toString(next);
            out.text(",\"paging\":{\"next\":{\"after\":").string(cursor).text("}}");
        }
        state.pages().end(out, cursor);
        out.raw((byte) '}');
    }

    /** The page size, or -1 after an answer that says what is wrong. */
    private int limit(HttpExchange exchange, @Nullable String asked, int max) {
        if (asked == null) {
            return PAGE;
        }
        long limit = Wire.number(asked);
        if (limit < 1 || limit > max) {
            errors.invalid(
                    exchange,
                    "limit",
                    "INVALID_LIMIT",
                    "The limit must be between 1 and " + max + " inclusive, was " + asked);
            return -1;
        }
        return (int) limit;
    }
}
