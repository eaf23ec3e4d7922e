package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A HubSpot search: groups of filters (any group, all of its filters), free text, one sort. With filters or a sort it looks at the first 20,000
 * records of the collection, so that it stays quick over any number.
 */
final class HubSpotSearch {

    /** Results beyond this place cannot be reached. */
    static final int REACH = 10_000;

    private static final int LOOKED_AT = 20_000;
    private static final int GROUPS = 5;
    private static final int FILTERS_OF_GROUP = 6;
    private static final int FILTERS = 18;

    private record Filter(
            String property,
            String operator,
            @Nullable String value,
            @Nullable String high,
            Set<String> values) {

        boolean holds(@Nullable String actual) {
            return switch (operator) {
                case "HAS_PROPERTY" -> actual != null;
                case "NOT_HAS_PROPERTY" -> actual == null;
                case "NEQ" -> actual == null || compare(actual, value) != 0;
                case "NOT_IN" -> actual == null || !values.contains(actual.toLowerCase(Locale.ROOT));
                case "NOT_CONTAINS_TOKEN" -> actual == null || !contains(actual, value);
                case "EQ" -> actual != null && compare(actual, value) == 0;
                case "IN" -> actual != null && values.contains(actual.toLowerCase(Locale.ROOT));
                case "CONTAINS_TOKEN" -> actual != null && contains(actual, value);
                case "LT" -> actual != null && compare(actual, value) < 0;
                case "LTE" -> actual != null && compare(actual, value) <= 0;
                case "GT" -> actual != null && compare(actual, value) > 0;
                case "GTE" -> actual != null && compare(actual, value) >= 0;
                case "BETWEEN" -> actual != null && compare(actual, value) >= 0 && compare(actual, high) <= 0;
                default -> throw new IllegalArgumentException("Unknown operator " + operator);
            };
        }
    }

    private record Sort(String property, boolean descending) {
        boolean isNatural() {
            return property.equals("hs_object_id") && !descending;
        }
    }

    /** The ids of one page and how many records match at all. */
    record Found(long total, List<Long> ids) {}

    private final RecordCollection collection;
    private final List<List<Filter>> groups;
    private final String query;
    private final @Nullable Sort sort;

    private HubSpotSearch(RecordCollection collection, List<List<Filter>> groups, String query, @Nullable Sort sort) {
        this.collection = collection;
        this.groups = groups;
        this.query = query;
        this.sort = sort;
    }

    static HubSpotSearch parse(JsonNode body, RecordCollection collection) {
        List<List<Filter>> groups = new ArrayList<>();
        int count = 0;
        for (JsonNode group : body.path("filterGroups")) {
            List<Filter> filters = new ArrayList<>();
            for (JsonNode filter : group.path("filters")) {
                filters.add(filter(filter, collection));
            }
            count += filters.size();
            if (filters.size() > FILTERS_OF_GROUP) {
                throw new IllegalArgumentException("At most " + FILTERS_OF_GROUP + " filters in a group");
            }
            groups.add(filters);
        }
        if (groups.size() > GROUPS || count > FILTERS) {
            throw new IllegalArgumentException("At most " + GROUPS + " groups and " + FILTERS + " filters in all");
        }
        if (body.path("sorts").size() > 1) {
            throw new IllegalArgumentException("At most one sort");
        }
        return new HubSpotSearch(
                collection,
                groups,
                body.path("query").asString("").toLowerCase(Locale.ROOT),
                sort(body.path("sorts").path(0), collection));
    }

    Found run(long offset, int limit) {
        if (groups.isEmpty() && query.isEmpty() && (sort == null || sort.isNatural())) {
            return all(offset, limit);
        }
        List<Long> ids =
                new ArrayList<>(LongStream.iterate(collection.next(0), id -> id >= 0, id -> collection.next(id + 1))
                        .limit(LOOKED_AT)
                        .filter(this::matches)
                        .boxed()
                        .toList());
        if (sort != null && !sort.isNatural()) {
            Comparator<String> byValue = HubSpotSearch::compare;
            Comparator<Long> order =
                    Comparator.comparing(id -> property(id, sort.property()), Comparator.nullsFirst(byValue));
            ids.sort(sort.descending() ? order.reversed() : order);
        }
        int from = (int) Math.min(offset, ids.size());
        return new Found(ids.size(), ids.subList(from, Math.min(from + limit, ids.size())));
    }

    private Found all(long offset, int limit) {
        List<Long> page = new ArrayList<>(limit);
        long id = collection.at(offset);
        while (id >= 0 && page.size() < limit) {
            page.add(id);
            id = collection.next(id + 1);
        }
        return new Found(collection.total(), page);
    }

    private boolean matches(long id) {
        return (query.isEmpty() || mentions(id))
                && (groups.isEmpty()
                        || groups.stream()
                                .anyMatch(group -> group.stream()
                                        .allMatch(filter -> filter.holds(property(id, filter.property())))));
    }

    private boolean mentions(long id) {
        for (String property : collection.profile().defaultProperties()) {
            String value = collection.value(id, property);
            if (value != null && value.toLowerCase(Locale.ROOT).contains(query)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable String property(long id, String name) {
        return name.equals("hs_object_id") ? Long.toString(id) : collection.value(id, name);
    }

    private static Filter filter(JsonNode node, RecordCollection collection) {
        String property = node.path("propertyName").asString("");
        if (!collection.knows(property) && !property.equals("hs_object_id")) {
            throw new IllegalArgumentException("Unknown property " + property);
        }
        Set<String> values = new HashSet<>();
        node.path("values").forEach(value -> values.add(value.asString("").toLowerCase(Locale.ROOT)));
        Filter filter = new Filter(
                property,
                node.path("operator").asString(""),
                node.path("value").isMissingNode() ? null : node.path("value").asString(""),
                node.path("highValue").isMissingNode()
                        ? null
                        : node.path("highValue").asString(""),
                values);
        boolean _ = filter.holds("");
        return filter;
    }

    private static @Nullable Sort sort(JsonNode node, RecordCollection collection) {
        if (node.isMissingNode()) {
            return null;
        }
        String property =
                node.isString() ? node.asString() : node.path("propertyName").asString("");
        boolean descending = node.path("direction").asString("").equals("DESCENDING") || property.startsWith("-");
        String name = property.startsWith("-") ? property.substring(1) : property;
        if (!collection.knows(name) && !name.equals("hs_object_id")) {
            throw new IllegalArgumentException("Unknown property " + name);
        }
        return new Sort(name, descending);
    }

    private static boolean contains(String actual, @Nullable String token) {
        String wanted = token == null ? "" : token.replace("*", "").toLowerCase(Locale.ROOT);
        return actual.toLowerCase(Locale.ROOT).contains(wanted);
    }

    /** As numbers where both are, otherwise as text without case. */
    private static int compare(String a, @Nullable String b) {
        if (b == null) {
            return 1;
        }
        try {
            return Double.compare(Double.parseDouble(a), Double.parseDouble(b));
        } catch (NumberFormatException e) {
            return a.compareToIgnoreCase(b);
        }
    }
}
