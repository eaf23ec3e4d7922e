package dev.toolpost.connectors;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/** Unmodifiable copies that keep the order of the definition, which {@code Map.copyOf} does not. */
final class Immutable {
    private Immutable() {}

    static <K, V> SequencedMap<K, V> map(Map<K, V> source) {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(source));
    }

    static <E> SequencedSet<E> set(Set<E> source) {
        return Collections.unmodifiableSequencedSet(new LinkedHashSet<>(source));
    }
}
