package dev.toolpost.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Jira's search by JQL, in the order of ids. A token names the issue that the next page starts at and lives for seven days by the vendor's clock. A page looks at
 * 5,000 issues at most, so it may be short or empty before the end, as Jira's may.
 */
final class JiraSearch {

    private static final int USUAL = 50;
    private static final int LARGEST = 5000;
    private static final int LARGEST_WITH_FIELDS = 100;
    private static final int LOOKED_AT = 5000;
    private static final long LIFE_MILLIS = 7L * 24 * 3600 * 1000;

    private record Asked(
            String jql,
            List<String> fields,
            long maxResults,
            @Nullable String token) {}

    private final VendorState state;
    private final JiraIssues issues;

    JiraSearch(VendorState state, JiraIssues issues) {
        this.state = state;
        this.issues = issues;
    }

    void answer(HttpExchange exchange, Dialect.Quirk quirk) {
        Asked asked = exchange.method().equals("GET") ? inQuery(exchange) : inBody(exchange);
        if (asked == null) {
            return;
        }
        if (asked.maxResults() < 1 || asked.maxResults() > LARGEST) {
            JiraErrors.write(exchange, 400, "The value for maxResults must be between 1 and " + LARGEST + ".");
            return;
        }
        Jql jql;
        try {
            jql = Jql.parse(asked.jql());
        } catch (IllegalArgumentException e) {
            JiraErrors.write(exchange, 400, String.valueOf(e.getMessage()));
            return;
        }
        if (!jql.bounded()) {
            JiraErrors.write(
                    exchange,
                    400,
                    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.");
            return;
        }
        RecordCollection collection = issues.collection();
        String token = asked.token();
        long from = token == null ? (jql.descending() ? Long.MAX_VALUE : 0) : place(token, asked.jql());
        if (from < 0) {
            JiraErrors.write(exchange, 400, "The provided next page token is invalid or expired.");
            return;
        }
        state.churning().before(collection, jql.descending() ? collection.previous(from) : collection.next(from));
        page(exchange, asked, jql, from, quirk);
    }

    private void page(HttpExchange exchange, Asked asked, Jql jql, long from, Dialect.Quirk quirk) {
        RecordCollection collection = issues.collection();
        List<String> fields = issues.fields(asked.fields());
        boolean withKey = !fields.isEmpty() || asked.fields().contains("key");
        int most = (int) Math.min(asked.maxResults(), fields.isEmpty() ? LARGEST : LARGEST_WITH_FIELDS);
        state.pages().begin("issues", asked.token());
        ByteText out = Wire.json(exchange).text("{\"issues\":[");
        int found = 0;
        int looked = 0;
        long id = jql.descending() ? collection.previous(from) : collection.next(from);
        while (id >= 0 && found < most && looked++ < LOOKED_AT) {
            long current = id;
            if (jql.holds(field -> collection.value(current, field))) {
                if (found++ > 0) {
                    out.raw((byte) ',');
                }
                issues.write(out, current, !withKey, fields.isEmpty() ? null : fields);
            }
            id = jql.descending() ? collection.previous(id - 1) : collection.next(id + 1);
        }
        out.raw((byte) ']');
        String next = id < 0 ? null : token(id, asked.jql());
        if (next != null && quirk == Dialect.Quirk.REPEAT_CURSOR && asked.token() != null) {
            next = asked.token();
        }
        state.pages().end(out, next);
        if (next == null) {
            out.text(",\"isLast\":true}");
        } else {
            out.text(",\"nextPageToken\":").string(next).text(",\"isLast\":false}");
        }
    }

    private static @Nullable Asked inBody(HttpExchange exchange) {
        JsonNode body = Wire.object(exchange);
        if (body == null) {
            JiraErrors.write(exchange, 400, "There was an error parsing JSON. Check that your request body is valid.");
            return null;
        }
        List<String> fields = new ArrayList<>();
        body.path("fields").forEach(field -> fields.add(field.asString("")));
        return new Asked(
                body.path("jql").asString(""),
                fields,
                body.path("maxResults").asLong(USUAL),
                body.path("nextPageToken").isString()
                        ? body.path("nextPageToken").asString()
                        : null);
    }

    private static Asked inQuery(HttpExchange exchange) {
        String jql = exchange.query("jql");
        String fields = exchange.query("fields");
        String most = exchange.query("maxResults");
        return new Asked(
                jql == null ? "" : jql,
                fields == null ? List.of() : List.of(fields.split(",", -1)),
                most == null ? USUAL : Wire.number(most),
                exchange.query("nextPageToken"));
    }

    private String token(long id, String jql) {
        String text = id + " " + (state.nowMillis().getAsLong() + LIFE_MILLIS) + " " + jql.hashCode();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The issue that a token names, or -1 when it is no token of this query or too old. */
    private long place(String token, String jql) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII).split(" ", -1);
            return parts.length == 3
                            && parts[2].equals(Integer.toString(jql.hashCode()))
                            && state.nowMillis().getAsLong() < Wire.number(parts[1])
                    ? Wire.number(parts[0])
                    : -1;
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }
}
