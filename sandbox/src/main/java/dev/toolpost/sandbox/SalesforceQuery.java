package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Salesforce's queries and their locators, which live for two days by the vendor's clock. A query sees the records that were there when it
 * began, less those that disappear. With conditions or an order it looks at the first 20,000 records, so that it stays quick over any number.
 */
final class SalesforceQuery {

    private static final int LARGEST = 2000;
    private static final int SMALLEST = 200;
    private static final int LOOKED_AT = 20_000;
    private static final int LOCATORS = 200;
    private static final int PLACES = 20_000;
    private static final long LIFE_MILLIS = 48L * 3600 * 1000;

    /** A query that is under way. */
    private static final class Locator {
        private final RecordCollection collection;
        private final List<String> fields;
        private final String version;
        private final int batch;
        private final long total;
        private final long end;
        private final @Nullable List<Long> chosen;
        private final long endsMillis;

        /** For each offset that was handed out the id to go on from. */
        private final Map<Long, Long> places = bounded(PLACES);

        private Locator(
                RecordCollection collection,
                List<String> fields,
                String version,
                int batch,
                long total,
                @Nullable List<Long> chosen,
                long endsMillis) {
            this.collection = collection;
            this.fields = fields;
            this.version = version;
            this.batch = batch;
            this.total = total;
            this.end = collection.end();
            this.chosen = chosen;
            this.endsMillis = endsMillis;
        }

        private long next(long fromId) {
            long id = collection.next(fromId);
            return id < end ? id : -1;
        }
    }

    private final VendorState state;
    private final SalesforceRecords records;
    private final Map<String, Locator> locators = bounded(LOCATORS);
    private long lastLocator;

    SalesforceQuery(VendorState state, SalesforceRecords records) {
        this.state = state;
        this.records = records;
    }

    void start(HttpExchange exchange, String version, Dialect.Quirk quirk) {
        Soql query;
        try {
            String text = exchange.query("q");
            query = Soql.parse(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            SalesforceErrors.write(exchange, 400, "MALFORMED_QUERY", String.valueOf(e.getMessage()));
            return;
        }
        RecordCollection collection = records.collection(query.type());
        if (collection == null) {
            SalesforceErrors.write(
                    exchange, 400, "INVALID_TYPE", "sObject type '" + query.type() + "' is not supported.");
            return;
        }
        List<String> fields = fields(exchange, collection, query);
        int batch = batch(exchange);
        if (fields == null || batch < 0) {
            return;
        }
        state.churning().before(collection, collection.next(0));
        boolean plain = query.conditions().isEmpty()
                && (query.orderBy() == null || (query.orderBy().equals("Id") && !query.descending()));
        List<Long> chosen = plain ? null : chosen(collection, query);
        long all = Math.max(0, (chosen == null ? collection.total() : chosen.size()) - query.offset());
        long total = query.limit() < 0 ? all : Math.min(all, query.limit());
        if (query.count()) {
            Wire.json(exchange).text("{\"totalSize\":").number(total).text(",\"done\":true,\"records\":[]}");
            return;
        }
        Locator locator = new Locator(
                collection,
                fields,
                version,
                batch,
                total,
                chosen == null ? null : chosen.subList((int) Math.min(query.offset(), chosen.size()), chosen.size()),
                state.nowMillis().getAsLong() + LIFE_MILLIS);
        locator.places.put(0L, chosen == null ? collection.at(query.offset()) : 0L);
        String id = "01g" + String.format(Locale.ROOT, "%012d", ++lastLocator);
        state.pages().begin(collection.profile().name(), null);
        page(exchange, locator, id, 0, quirk);
    }

    void next(HttpExchange exchange, String cursor, Dialect.Quirk quirk) {
        int dash = cursor.lastIndexOf('-');
        String id = dash < 0 ? cursor : cursor.substring(0, dash);
        long offset = dash < 0 ? -1 : Wire.number(cursor.substring(dash + 1));
        Locator locator = locators.get(id);
        if (locator == null
                || !locator.places.containsKey(offset)
                || state.nowMillis().getAsLong() >= locator.endsMillis) {
            SalesforceErrors.write(exchange, 400, "INVALID_QUERY_LOCATOR", "invalid query locator");
            return;
        }
        if (locator.chosen == null) {
            state.churning().before(locator.collection, locator.next(locator.places.getOrDefault(offset, 0L)));
        }
        state.pages().begin(locator.collection.profile().name(), exchange.path());
        page(exchange, locator, id, offset, quirk);
    }

    private void page(HttpExchange exchange, Locator locator, String id, long offset, Dialect.Quirk quirk) {
        ByteText out = Wire.json(exchange)
                .text("{\"totalSize\":")
                .number(locator.total)
                .text(",\"done\":");
        int head = out.length();
        List<Long> ids = new ArrayList<>();
        long place = locator.places.getOrDefault(offset, 0L);
        long most = Math.min(locator.batch, locator.total - offset);
        List<Long> chosen = locator.chosen;
        if (chosen == null) {
            place = place < 0 ? -1 : locator.next(place);
            while (place >= 0 && ids.size() < most) {
                ids.add(place);
                place = locator.next(place + 1);
            }
        } else {
            while (place < chosen.size() && ids.size() < most) {
                long one = chosen.get((int) place++);
                if (locator.collection.isPresent(one)) {
                    ids.add(one);
                }
            }
            place = place < chosen.size() ? place : -1;
        }
        long nextOffset = offset + ids.size();
        String next = null;
        if (place >= 0 && nextOffset < locator.total && !ids.isEmpty()) {
            locators.put(id, locator);
            locator.places.put(nextOffset, place);
            next = quirk == Dialect.Quirk.REPEAT_CURSOR && offset > 0
                    ? exchange.path()
                    : "/services/data/" + locator.version + "/query/" + id + "-" + nextOffset;
            if (quirk == Dialect.Quirk.FOREIGN_LINK) {
                next = "http://collector.example.net" + next;
            }
        }
        out.truncate(head).text(next == null ? "true" : "false");
        if (next != null) {
            out.text(",\"nextRecordsUrl\":").string(next);
        }
        out.text(",\"records\":[");
        for (int i = 0; i < ids.size(); i++) {
            if (i > 0) {
                out.raw((byte) ',');
            }
            records.write(out, locator.collection, ids.get(i), locator.fields, locator.version);
        }
        state.pages().end(out, next);
        out.text("]}");
    }

    private static List<Long> chosen(RecordCollection collection, Soql query) {
        List<Long> ids = new ArrayList<>();
        String only = onlyId(query);
        if (only != null) {
            long id = SalesforceId.number(SalesforceRecords.prefix(collection), only);
            if (id >= 0 && collection.isPresent(id) && matches(collection, query, id)) {
                ids.add(id);
            }
            return ids;
        }
        int looked = 0;
        for (long id = collection.next(0); id >= 0 && looked < LOOKED_AT; id = collection.next(id + 1), looked++) {
            if (matches(collection, query, id)) {
                ids.add(id);
            }
        }
        String orderBy = query.orderBy();
        if (orderBy != null) {
            Comparator<String> byValue = Soql::compare;
            Comparator<Long> order =
                    Comparator.comparing(id -> value(collection, id, orderBy), Comparator.nullsFirst(byValue));
            ids.sort(query.descending() ? order.reversed() : order);
        }
        return ids;
    }

    private static @Nullable String onlyId(Soql query) {
        for (Soql.Condition condition : query.conditions()) {
            if (condition.field().equals("Id") && condition.operator().equals("=")) {
                return condition.values().getFirst();
            }
        }
        return null;
    }

    private static boolean matches(RecordCollection collection, Soql query, long id) {
        for (Soql.Condition condition : query.conditions()) {
            if (!condition.holds(value(collection, id, condition.field()))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String value(RecordCollection collection, long id, String field) {
        return field.equals("Id")
                ? SalesforceId.text(SalesforceRecords.prefix(collection), id)
                : collection.value(id, field);
    }

    /** The fields to show, or null after an answer that says what is wrong. */
    private static @Nullable List<String> fields(HttpExchange exchange, RecordCollection collection, Soql query) {
        List<String> fields = new ArrayList<>();
        List<String> used = new ArrayList<>();
        query.conditions().forEach(condition -> used.add(condition.field()));
        if (query.orderBy() != null) {
            used.add(query.orderBy());
        }
        for (String asked : query.fields()) {
            if (query.count()) {
                continue;
            }
            if (asked.regionMatches(true, 0, "FIELDS(", 0, 7)) {
                fields.add("Id");
                collection.profile().properties().keySet().stream()
                        .filter(field -> !field.startsWith("_"))
                        .forEach(fields::add);
                continue;
            }
            int dot = asked.indexOf('.');
            String field = dot < 0 ? asked : asked.substring(0, dot);
            used.add(field);
            if (!fields.contains(field)) {
                fields.add(field);
            }
        }
        for (String field : used) {
            if (!SalesforceRecords.knows(collection, field)) {
                SalesforceRecords.invalidField(exchange, collection, field);
                return null;
            }
        }
        return fields;
    }

    /** How many records a page may hold, or -1 after an answer that says what is wrong. */
    private static int batch(HttpExchange exchange) {
        String options = exchange.header("sforce-query-options");
        if (options == null) {
            return LARGEST;
        }
        String text = options.replace(" ", "");
        long batch = text.startsWith("batchSize=") ? Wire.number(text.substring(10)) : -1;
        if (batch < SMALLEST || batch > LARGEST) {
            SalesforceErrors.write(
                    exchange,
                    400,
                    "INVALID_QUERY_OPTIONS",
                    "Sforce-Query-Options: " + options + " (batchSize must be 200 to 2000)");
            return -1;
        }
        return (int) batch;
    }

    private static <K, V> Map<K, V> bounded(int most) {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }
}
