package dev.toolpost.worker.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value that somebody gave, not interpreted yet.
 *
 * @param key the whole key, such as {@code worker.max_in_flight}
 * @param keyOrigin where the key stands: {@code file:line:column}, an environment variable or an option
 * @param valueOrigin where the value stands
 * @param value what was given; null where the key stands without a value, which counts as not given
 */
record Setting(
        String key,
        String keyOrigin,
        String valueOrigin,
        @Nullable Value value) {
    sealed interface Value {}

    record Text(String text) implements Value {}

    record Items(List<Item> items) implements Value {}

    /** One item of a list: plain text, or small text fields by name. */
    record Item(String origin, @Nullable String text, Map<String, String> fields) {}
}
