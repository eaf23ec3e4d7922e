package dev.toolpost.worker.credentials;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The secret values of a connection by name: {@code token}; {@code key}; {@code username} and {@code password}. Immutable;
 * cannot print itself, and is not serializable.
 */
public final class Secret {

    private final Map<String, String> values;

    private Secret(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public static Secret of(Map<String, String> values) {
        return new Secret(values);
    }

    public static Secret of(String name, String value) {
        return new Secret(Map.of(name, value));
    }

    /** No values, for connections without authentication. */
    public static Secret none() {
        return new Secret(Map.of());
    }

    public @Nullable String get(String name) {
        return values.get(name);
    }

    public Set<String> names() {
        return values.keySet();
    }

    /** The same with one value added or replaced. */
    public Secret with(String name, String value) {
        Map<String, String> changed = new TreeMap<>(values);
        changed.put(name, value);
        return new Secret(changed);
    }

    /** All values, for stores. */
    Map<String, String> values() {
        return values;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && values.equals(secret.values);
    }

    /** Of the names alone: a hash of values would say something about them. */
    @Override
    public int hashCode() {
        return Objects.hash(values.keySet());
    }

    @Override
    public String toString() {
        return "Secret" + values.keySet() + "[redacted]";
    }
}
