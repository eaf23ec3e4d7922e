package dev.toolpost.worker.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of a vendor's answer, in order; names compare without case. Immutable. */
public final class ResponseHeaders {

    public static final ResponseHeaders NONE = new ResponseHeaders(List.of());

    private final List<Map.Entry<String, String>> entries;

    private ResponseHeaders(List<Map.Entry<String, String>> entries) {
        this.entries = entries;
    }

    public static ResponseHeaders of(List<Map.Entry<String, String>> entries) {
        return entries.isEmpty() ? NONE : new ResponseHeaders(List.copyOf(entries));
    }

    /** Headers from alternating names and values. */
    public static ResponseHeaders of(String... namesAndValues) {
        List<Map.Entry<String, String>> entries = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            entries.add(Map.entry(namesAndValues[i], namesAndValues[i + 1]));
        }
        return of(entries);
    }

    /** The first value under a name, or null where the vendor sent none. */
    public @Nullable String first(String name) {
        for (Map.Entry<String, String> entry : entries) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    /** Every value under a name, in order. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, String> entry : entries) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                values.add(entry.getValue());
            }
        }
        return values;
    }

    public List<Map.Entry<String, String>> entries() {
        return entries;
    }

    ResponseHeaders without(String name) {
        return of(entries.stream()
                .filter(entry -> !entry.getKey().equalsIgnoreCase(name))
                .toList());
    }

    @Override
    public String toString() {
        return entries.stream().map(Map.Entry::getKey).toList().toString();
    }
}
