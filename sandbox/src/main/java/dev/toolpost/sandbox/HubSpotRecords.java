package dev.toolpost.sandbox;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How HubSpot's records look, which of their properties are shown and how a path names one. Belongs to the loop's thread. */
final class HubSpotRecords {

    private final PageLog pages;
    private final Map<String, List<String>> propertyLists = new LinkedHashMap<>();

    HubSpotRecords(PageLog pages) {
        this.pages = pages;
    }

    /** Appends a record. */
    void write(ByteText out, RecordCollection collection, long id, List<String> properties) {
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
        out.string(Wire.date(millis, "Z"));
    }

    /** The record that a path names: by id, or by the unique property when the query says so; -1 for none. */
    static long find(HttpExchange exchange, RecordCollection collection, String id) {
        String by = exchange.query("idProperty");
        if (by != null && by.equals(collection.profile().unique())) {
            return collection.find(HttpExchange.decode(id));
        }
        long number = Wire.number(id);
        return number >= 0 && collection.isPresent(number) ? number : -1;
    }

    /** The properties to show: those that were asked for, separated by commas, or the usual ones. */
    List<String> properties(RecordCollection collection, @Nullable String asked) {
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
}
