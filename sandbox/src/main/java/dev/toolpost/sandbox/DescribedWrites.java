package dev.toolpost.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Single records of a described vendor: reading, creating, changing and deleting them. Belongs to the loop's thread. */
final class DescribedWrites {

    private static final String NOT_FOUND = "not_found";
    private static final String FULL = "full";

    private final VendorState state;

    DescribedWrites(VendorState state) {
        this.state = state;
    }

    /** The error's name, or null with the record among the values; so do the others. */
    @Nullable
    String get(DescribedRoute route, DescribedRecords records, ReplyValues values) {
        long id = number(route, records, values);
        if (!records.isPresent(id)) {
            return missing(route, records, id, values);
        }
        show(route, records, id, values);
        return null;
    }

    @Nullable
    String create(DescribedRoute route, DescribedRecords records, ReplyValues values) {
        if (route.each() != null) {
            return createEach(route, route.each(), records, values);
        }
        Map<String, String> properties = properties(route, records, values, true);
        state.counts().wrote("create", records.name(), records.marker(properties, properties.toString()));
        if (route.duplicate() != null) {
            for (String unique : records.collection().profile().uniques()) {
                String value = properties.get(unique);
                if (value != null && records.collection().find(unique, value) >= 0) {
                    return route.duplicate();
                }
            }
        }
        long id = records.collection().create(properties, state.nowMillis().getAsLong());
        show(route, records, id, values);
        return null;
    }

    private @Nullable String createEach(
            DescribedRoute route, String each, DescribedRecords records, ReplyValues values) {
        List<Long> ids = new ArrayList<>();
        for (JsonNode sent : values.arguments().at(each)) {
            Map<String, String> properties = records.written(sent, route.set(), values, false, true);
            state.counts().wrote("create", records.name(), records.marker(properties, properties.toString()));
            ids.add(records.collection().create(properties, state.nowMillis().getAsLong()));
        }
        ReplyValues _ = values.write("records", out -> records.writeAll(out, ids, route.shows()));
        return null;
    }

    @Nullable
    String update(DescribedRoute route, DescribedRecords records, ReplyValues values) {
        long id = number(route, records, values);
        if (!records.isPresent(id)) {
            return missing(route, records, id, values);
        }
        state.counts().wrote("update", records.name(), records.idText(id));
        Map<String, String> properties = properties(route, records, values, false);
        if (!records.collection().update(id, properties, state.nowMillis().getAsLong())) {
            return FULL;
        }
        show(route, records, id, values);
        return null;
    }

    @Nullable
    String delete(DescribedRoute route, DescribedRecords records, ReplyValues values) {
        long id = number(route, records, values);
        if (!records.isPresent(id)) {
            return missing(route, records, id, values);
        }
        state.counts().wrote("delete", records.name(), records.idText(id));
        ByteText before = new ByteText(512);
        records.write(before, id);
        if (!records.collection().archive(id)) {
            return FULL;
        }
        values.put("id", records.idText(id)).write("record", out -> out.raw(before.toByteArray()));
        return null;
    }

    /** Counts a write that leaves no record. */
    @Nullable
    String act(DescribedRoute route, ReplyValues values) {
        state.counts().wrote("act", route.name(), values.arguments().all().toString());
        return null;
    }

    private static void show(DescribedRoute route, DescribedRecords records, long id, ReplyValues values) {
        values.put("id", records.idText(id)).record(records, id);
        if (!route.shows().isEmpty()) {
            ReplyValues _ = values.write("record", out -> records.write(out, id, route.shows()));
        }
    }

    private static String missing(DescribedRoute route, DescribedRecords records, long id, ReplyValues values) {
        if (id >= 0 && records.collection().existed(id) && route.gone() != null) {
            values.put("id", records.idText(id));
            return route.gone();
        }
        return route.missing() == null ? NOT_FOUND : route.missing();
    }

    private static long number(DescribedRoute route, DescribedRecords records, ReplyValues values) {
        String id = values.arguments().text(route.id());
        return id == null ? -1 : records.number(id);
    }

    private static Map<String, String> properties(
            DescribedRoute route, DescribedRecords records, ReplyValues values, boolean isNew) {
        RequestArguments arguments = values.arguments();
        JsonNode sent = route.from().isEmpty() ? arguments.all() : arguments.at(route.from());
        return records.written(sent, route.set(), values, arguments.form(), isNew);
    }
}
