package dev.toolpost.sandbox;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of one collection: any number of them computed from their ids, and over them a bounded overlay of those that were created, changed or
 * archived. When the overlay is full, the oldest creation is forgotten and no further computed record can be changed. Not
 * thread-safe.
 */
final class RecordCollection {

    /** Ids of created records, far above all computed ones. */
    private static final long CREATED_FROM = 1_000_000_000_000L;

    /** What is remembered of a record beyond its id. */
    static final class Entry {
        /** Of a created record all properties, of a computed one those that were changed. */
        final Map<String, String> properties = new HashMap<>();

        final long createdMillis;
        long updatedMillis;
        boolean archived;

        private Entry(long createdMillis) {
            this.createdMillis = createdMillis;
            this.updatedMillis = createdMillis;
        }
    }

    private final VendorProfile.CollectionProfile profile;
    private final long seed;
    private final int overlayBound;
    private final Map<String, PropertyTemplate> templates = new LinkedHashMap<>();
    private final Map<Long, Entry> changed = new HashMap<>();
    private final TreeMap<Long, Entry> created = new TreeMap<>();
    private final Map<String, Long> byUnique = new HashMap<>();
    private final ByteText scratch = new ByteText(256);
    private long records;
    private long nextId;

    RecordCollection(VendorProfile.CollectionProfile profile, long seed, int overlayBound) {
        this.profile = profile;
        this.seed = seed;
        this.overlayBound = overlayBound;
        this.records = profile.records();
        this.nextId = CREATED_FROM + profile.firstId();
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
    }

    void reset() {
        changed.clear();
        created.clear();
        byUnique.clear();
        nextId = CREATED_FROM + profile.firstId();
    }

    boolean knows(String property) {
        return profile.properties().containsKey(property);
    }

    boolean isPresent(long id) {
        Entry entry = entry(id);
        return entry == null ? isComputed(id) : !entry.archived;
    }

    /** Whether there is or was such a record. */
    boolean existed(long id) {
        return isComputed(id) || created.containsKey(id);
    }

    @Nullable
    Entry entry(long id) {
        if (id >= CREATED_FROM) {
            return created.get(id);
        }
        return changed.isEmpty() ? null : changed.get(id);
    }

    /** The first record at or after an id, or -1. */
    long next(long fromId) {
        long end = profile.firstId() + records;
        for (long id = Math.max(fromId, profile.firstId()); id < end; id++) {
            if (isPresent(id)) {
                return id;
            }
        }
        for (Map.Entry<Long, Entry> entry : created.tailMap(fromId, true).entrySet()) {
            if (!entry.getValue().archived) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /** The record at a place in the order of ids, or -1; exact while nothing is archived. */
    long at(long place) {
        return place < records
                ? next(profile.firstId() + place)
                : created.keySet().stream().skip(place - records).findFirst().orElse(-1L);
    }

    long total() {
        long gone = changed.values().stream().filter(entry -> entry.archived).count()
                + created.values().stream().filter(entry -> entry.archived).count();
        return records + created.size() - gone;
    }

    /** Appends a property's value as it stands in JSON, quotes included. */
    void writeValue(ByteText out, long id, @Nullable Entry entry, String property) {
        if (entry != null) {
            String own = entry.properties.get(property);
            if (own != null) {
                out.string(own);
                return;
            }
        }
        PropertyTemplate template = id >= CREATED_FROM ? null : templates.get(property);
        if (template == null) {
            out.text("null");
        } else {
            out.raw((byte) '"');
            template.write(out, id, seed, templates);
            out.raw((byte) '"');
        }
    }

    @Nullable
    String value(long id, String property) {
        Entry entry = entry(id);
        String own = entry == null ? null : entry.properties.get(property);
        if (own != null) {
            return own;
        }
        PropertyTemplate template = id >= CREATED_FROM ? null : templates.get(property);
        if (template == null) {
            return null;
        }
        template.write(scratch.clear(), id, seed, templates);
        return scratch.toString();
    }

    /** The record with this value of the unique property, or -1. */
    long find(String uniqueValue) {
        String unique = profile.unique();
        if (unique == null) {
            return -1;
        }
        Long own = byUnique.get(uniqueValue);
        if (own != null) {
            return isPresent(own) ? own : -1;
        }
        long id = lastNumber(uniqueValue);
        return id >= 0 && isPresent(id) && uniqueValue.equals(value(id, unique)) ? id : -1;
    }

    long create(Map<String, String> properties, long nowMillis) {
        if (created.size() + changed.size() >= overlayBound && !created.isEmpty()) {
            forget(created.firstKey());
        }
        long id = nextId++;
        Entry entry = new Entry(nowMillis);
        entry.properties.putAll(properties);
        created.put(id, entry);
        index(id, properties);
        return id;
    }

    /** False when the overlay holds no more. */
    boolean update(long id, Map<String, String> properties, long nowMillis) {
        Entry entry = writable(id, nowMillis);
        if (entry == null) {
            return false;
        }
        entry.properties.putAll(properties);
        entry.updatedMillis = nowMillis;
        index(id, properties);
        return true;
    }

    /** False when the overlay holds no more. */
    boolean archive(long id, long nowMillis) {
        Entry entry = writable(id, nowMillis);
        if (entry == null) {
            return false;
        }
        entry.archived = true;
        entry.updatedMillis = nowMillis;
        return true;
    }

    private @Nullable Entry writable(long id, long nowMillis) {
        Entry entry = entry(id);
        if (entry == null && created.size() + changed.size() < overlayBound) {
            entry = new Entry(0);
            entry.updatedMillis = nowMillis;
            changed.put(id, entry);
        }
        return entry;
    }

    private void index(long id, Map<String, String> properties) {
        String value = profile.unique() == null ? null : properties.get(profile.unique());
        if (value != null) {
            byUnique.put(value, id);
        }
    }

    private void forget(long id) {
        Entry entry = created.remove(id);
        String value = entry == null || profile.unique() == null ? null : entry.properties.get(profile.unique());
        if (value != null) {
            byUnique.remove(value, id);
        }
    }

    private boolean isComputed(long id) {
        return id >= profile.firstId() && id < profile.firstId() + records;
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
