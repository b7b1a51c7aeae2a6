package io.fairlead.core.service;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An immutable map whose successors share all but one small part with it.
///
/// Keys are spread over a fixed number of small maps: a change copies the row of references to them
/// and one of them, and two versions are compared by looking only into those that differ. Values
/// are compared by identity there.
@SuppressWarnings("ReferenceEquality") // telling versions apart must not cost a deep comparison
public final class PersistentMap<K, V> {

    /// At 10,000 entries a change copies 256 references and a map of 40.
    private static final int PARTS = 256;

    private static final PersistentMap<?, ?> EMPTY =
            new PersistentMap<>(Collections.nCopies(PARTS, Map.of()), 0);

    private final List<Map<K, V>> parts;
    private final int size;

    private PersistentMap(List<Map<K, V>> parts, int size) {
        this.parts = parts;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // holds nothing of either type
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    public @Nullable V get(K key) {
        return parts.get(part(key)).get(key);
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /// This map with `value` at `key`, or without `key` when `value` is null.
    public PersistentMap<K, V> with(K key, @Nullable V value) {
        int part = part(key);
        Map<K, V> before = parts.get(part);
        if (before.get(key) == value) {
            return this;
        }
        Map<K, V> after = new HashMap<>(before);
        if (value == null) {
            after.remove(key);
        } else {
            after.put(key, value);
        }
        List<Map<K, V>> row = new ArrayList<>(parts);
        row.set(part, after.isEmpty() ? Map.of() : after);
        return new PersistentMap<>(row, size + after.size() - before.size());
    }

    /// All keys, in no order.
    public Stream<K> keys() {
        return parts.stream().map(Map::keySet).flatMap(Set::stream);
    }

    /// All values, in no order.
    public Stream<V> values() {
        return parts.stream().flatMap(p -> p.values().stream());
    }

    /// Calls `changed` with each key whose value here is not the same object as in `before`.
    public void forEachChange(PersistentMap<K, V> before, Consumer<K> changed) {
        for (int i = 0; i < PARTS; i++) {
            Map<K, V> now = parts.get(i);
            Map<K, V> then = before.parts.get(i);
            if (now != then) {
                forEachChange(now, then, changed);
            }
        }
    }

    private static <K, V> void forEachChange(Map<K, V> now, Map<K, V> then, Consumer<K> changed) {
        for (Map.Entry<K, V> entry : now.entrySet()) {
            if (then.get(entry.getKey()) != entry.getValue()) {
                changed.accept(entry.getKey());
            }
        }
        for (K key : then.keySet()) {
            if (!now.containsKey(key)) {
                changed.accept(key);
            }
        }
    }

    private static int part(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash >>> 24;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PersistentMap<?, ?> map && parts.equals(map.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return parts.stream().filter(p -> !p.isEmpty()).toList().toString();
    }
}
