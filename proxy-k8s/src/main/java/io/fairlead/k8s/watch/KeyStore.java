package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What an informer remembers of its objects: names and resource versions.
///
/// The rest of an object lives on as facts only. Outlives the informer, so that its successor knows
/// what has vanished in between.
final class KeyStore<T extends HasMetadata> implements ItemStore<T> {

    private final ConcurrentMap<String, String> versions = new ConcurrentHashMap<>();
    private final Supplier<T> blank;

    /// @param blank a new object of the kind
    KeyStore(Supplier<T> blank) {
        this.blank = blank;
    }

    @Override
    public String getKey(T object) {
        ObjectMeta meta = object.getMetadata();
        return meta.getNamespace() == null
                ? meta.getName()
                : meta.getNamespace() + "/" + meta.getName();
    }

    @Override
    public @Nullable T put(String key, T object) {
        String version = object.getMetadata().getResourceVersion();
        return stub(key, versions.put(key, version == null ? "" : version));
    }

    @Override
    public @Nullable T remove(String key) {
        return stub(key, versions.remove(key));
    }

    @Override
    public @Nullable T get(String key) {
        return stub(key, versions.get(key));
    }

    private @Nullable T stub(String key, @Nullable String version) {
        return version == null ? null : make(key, version);
    }

    private T make(String key, String version) {
        int slash = key.indexOf('/');
        ObjectMeta meta = new ObjectMeta();
        meta.setName(key.substring(slash + 1));
        meta.setNamespace(slash < 0 ? null : key.substring(0, slash));
        meta.setResourceVersion(version);
        T object = blank.get();
        object.setMetadata(meta);
        return object;
    }

    @Override
    public Stream<String> keySet() {
        return versions.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return versions.entrySet().stream().map(e -> make(e.getKey(), e.getValue()));
    }

    @Override
    public int size() {
        return versions.size();
    }

    /// Handlers must get the first list's objects as they come: here nothing of them is left.
    @Override
    public boolean isFullState() {
        return false;
    }
}
