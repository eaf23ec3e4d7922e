package dev.toolpost.sandbox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The records of one collection: any number of them computed from their ids, and over them a bounded overlay of those that were created, changed or
 * archived. Computed records come first in the order of ids, then created ones. When the overlay is full, the oldest creation is
 * forgotten and no further computed record can be changed. Not thread-safe.
 */
final class RecordCollection {

    /** A property's value that was taken away. */
    static final String NULL = "\0";

    /** What stands before a value that is JSON other than text, where the property's template makes texts. */
    private static final char JSON = '\1';

    /** Ids of created records, far above all computed ones. */
    private static final long CREATED_FROM = 1_000_000_000_000L;

    /** What is remembered of a record beyond its id. */
    static final class Entry {
        /** Of a created record all properties, of a computed one those that were changed. */
        final Map<String, String> properties = new HashMap<>();

        final long createdMillis;
        long updatedMillis;

        private Entry(long createdMillis, long updatedMillis) {
            this.createdMillis = createdMillis;
            this.updatedMillis = updatedMillis;
        }

        private boolean isWhole() {
            return createdMillis > 0;
        }
    }

    private final VendorProfile.CollectionProfile profile;
    private final long seed;
    private final int overlayBound;
    private final Map<String, PropertyTemplate> templates = new LinkedHashMap<>();
    private final Map<Long, Entry> entries = new HashMap<>();
    private final SortedIds goneComputed = new SortedIds();
    private final SortedIds goneCreated = new SortedIds();
    private final Map<String, Long> byUnique = new HashMap<>();
    private final ByteText scratch = new ByteText(256);
    private final long createdFrom;
    private long records;
    private long oldestCreated;
    private long nextId;

    RecordCollection(VendorProfile.CollectionProfile profile, long seed, int overlayBound) {
        this.profile = profile;
        this.seed = seed;
        this.overlayBound = overlayBound;
        this.records = profile.records();
        this.createdFrom = CREATED_FROM + profile.firstId();
        this.oldestCreated = createdFrom;
        this.nextId = createdFrom;
        profile.properties().forEach((name, template) -> {
            if (template != null) {
                templates.put(name, template);
            }
        });
    }

    VendorProfile.CollectionProfile profile() {
        return profile;
    }

    long seed() {
        return seed;
    }

    /** How many records are computed; those that were created come on top. */
    void records(long count) {
        if (count < 0 || count > CREATED_FROM) {
            throw new IllegalArgumentException("records: " + count + " (expected: 0 to " + CREATED_FROM + ")");
        }
        records = count;
        goneComputed.removeFrom(profile.firstId() + count);
    }

    void reset() {
        entries.clear();
        goneComputed.clear();
        goneCreated.clear();
        byUnique.clear();
        oldestCreated = createdFrom;
        nextId = createdFrom;
    }

    boolean knows(String property) {
        return profile.properties().containsKey(property);
    }

    boolean isPresent(long id) {
        return existed(id) && !gone(id).contains(id);
    }

    /** Whether there is or was such a record. */
    boolean existed(long id) {
        return isComputed(id) || isCreated(id);
    }

    @Nullable
    Entry entry(long id) {
        return entries.isEmpty() ? null : entries.get(id);
    }

    /** The first record at or after an id, or -1. */
    long next(long fromId) {
        long end = profile.firstId() + records;
        for (long id = Math.max(fromId, profile.firstId()); id < end; id++) {
            if (!goneComputed.contains(id)) {
                return id;
            }
        }
        for (long id = Math.max(fromId, oldestCreated); id < nextId; id++) {
            if (!goneCreated.contains(id)) {
                return id;
            }
        }
        return -1;
    }

    /** The last record at or before an id, or -1. */
    long previous(long fromId) {
        for (long id = Math.min(fromId, nextId - 1); id >= oldestCreated; id--) {
            if (!goneCreated.contains(id)) {
                return id;
            }
        }
        for (long id = Math.min(fromId, profile.firstId() + records - 1); id >= profile.firstId(); id--) {
            if (!goneComputed.contains(id)) {
                return id;
            }
        }
        return -1;
    }

    /** The record at a place in the order of ids, counted from 0, or -1. */
    long at(long place) {
        long computed = records - goneComputed.size();
        if (place < computed) {
            return goneComputed.absent(profile.firstId(), place);
        }
        long id = goneCreated.absent(oldestCreated, place - computed);
        return id < nextId ? id : -1;
    }

    long total() {
        return records - goneComputed.size() + (nextId - oldestCreated) - goneCreated.size();
    }

    /** Appends a property's value as it stands in JSON, quotes included. */
    void writeValue(ByteText out, long id, @Nullable Entry entry, String property) {
        PropertyTemplate template = templates.get(property);
        if (entry != null) {
            String own = entry.properties.get(property);
            if (own != null) {
                if (own.equals(NULL)) {
                    out.text("null");
                } else if (own.startsWith(String.valueOf(JSON))) {
                    out.text(own.substring(1));
                } else if (template != null && template.isRaw()) {
                    out.text(own);
                } else {
                    out.string(own);
                }
                return;
            }
            if (entry.isWhole()) {
                out.text("null");
                return;
            }
        }
        if (template == null) {
            out.text("null");
        } else if (template.isRaw()) {
            template.write(out, id, seed, templates);
        } else {
            out.raw((byte) '"');
            template.write(out, id, seed, templates);
            out.raw((byte) '"');
        }
    }

    /** Appends the text of a computed property without quotes. */
    void writeUnquoted(ByteText out, long id, String property) {
        PropertyTemplate template = templates.get(property);
        if (template != null) {
            template.write(out, id, seed, templates);
        }
    }

    /** A property's value without quotes, or null. */
    @Nullable
    String value(long id, String property) {
        Entry entry = entry(id);
        if (entry != null) {
            String own = entry.properties.get(property);
            if (own != null || entry.isWhole()) {
                return own == null || own.equals(NULL)
                        ? null
                        : own.startsWith(String.valueOf(JSON)) ? own.substring(1) : own;
            }
        }
        PropertyTemplate template = templates.get(property);
        if (template == null) {
            return null;
        }
        template.write(scratch.clear(), id, seed, templates);
        return scratch.toString();
    }

    /** The record with this value of the first unique property, or -1. */
    long find(String uniqueValue) {
        String unique = profile.unique();
        return unique == null ? -1 : find(unique, uniqueValue);
    }

    /** The record with this value of a unique property, or -1. */
    long find(String unique, String value) {
        Long own = byUnique.get(key(unique, value));
        if (own != null) {
            return isPresent(own) ? own : -1;
        }
        long id = lastNumber(value);
        return id >= 0 && isPresent(id) && value.equals(value(id, unique)) ? id : -1;
    }

    /** A property's value as it is kept: JSON of properties that are more than text, otherwise the text. */
    String kept(String property, JsonNode value) {
        if (value.isNull()) {
            return NULL;
        }
        PropertyTemplate template = templates.get(property);
        return template != null && template.isRaw() ? value.toString() : value.asString("");
    }

    /** A property's value as it is kept so that it is written with the JSON type it came with. */
    String keptAsIs(String property, JsonNode value) {
        return value.isString() || value.isNull() || isRaw(property) ? kept(property, value) : JSON + value.toString();
    }

    /** Whether a property's computed values are JSON other than text. */
    boolean isRaw(String property) {
        PropertyTemplate template = templates.get(property);
        return template != null && template.isRaw();
    }

    /** The first id that no record has had yet. */
    long end() {
        return nextId;
    }

    long create(Map<String, String> properties, long nowMillis) {
        while (overlay() >= overlayBound && oldestCreated < nextId) {
            forgetOldest();
        }
        long id = nextId++;
        Entry entry = new Entry(nowMillis, nowMillis);
        entry.properties.putAll(properties);
        entries.put(id, entry);
        index(id, properties);
        return id;
    }

    /** A new record with computed properties, which takes no memory. */
    long insert() {
        return nextId++;
    }

    /** False when the overlay holds no more. */
    boolean update(long id, Map<String, String> properties, long nowMillis) {
        Entry entry = entry(id);
        if (entry == null) {
            if (overlay() >= overlayBound) {
                return false;
            }
            entry = new Entry(0, nowMillis);
            entries.put(id, entry);
        }
        entry.properties.putAll(properties);
        entry.updatedMillis = nowMillis;
        index(id, properties);
        return true;
    }

    /** False when the overlay holds no more. */
    boolean archive(long id) {
        SortedIds gone = gone(id);
        if (gone.contains(id)) {
            return true;
        }
        Entry entry = entries.get(id);
        if (entry == null && overlay() >= overlayBound) {
            return false;
        }
        if (entry != null) {
            entries.remove(id);
            unindex(id, entry);
        }
        return gone.add(id);
    }

    private int overlay() {
        return entries.size() + goneComputed.size() + goneCreated.size();
    }

    private SortedIds gone(long id) {
        return id >= CREATED_FROM ? goneCreated : goneComputed;
    }

    private void index(long id, Map<String, String> properties) {
        for (String unique : profile.uniques()) {
            String value = properties.get(unique);
            if (value != null) {
                byUnique.put(key(unique, value), id);
            }
        }
    }

    private void unindex(long id, Entry entry) {
        for (String unique : profile.uniques()) {
            String value = entry.properties.get(unique);
            if (value != null) {
                byUnique.remove(key(unique, value), id);
            }
        }
    }

    private static String key(String unique, String value) {
        return unique + " " + value;
    }

    private void forgetOldest() {
        long id = oldestCreated++;
        goneCreated.remove(id);
        Entry entry = entries.remove(id);
        if (entry != null) {
            unindex(id, entry);
        }
    }

    private boolean isComputed(long id) {
        return id >= profile.firstId() && id < profile.firstId() + records;
    }

    private boolean isCreated(long id) {
        return id >= oldestCreated && id < nextId;
    }

    /** The last run of digits in a text, or -1: computed unique values carry their id. */
    private static long lastNumber(String text) {
        int end = text.length();
        while (end > 0 && !Character.isDigit(text.charAt(end - 1))) {
            end--;
        }
        int start = end;
        while (start > 0 && end - start < 18 && Character.isDigit(text.charAt(start - 1))) {
            start--;
        }
        return start == end ? -1 : Long.parseLong(text.substring(start, end));
    }
}
