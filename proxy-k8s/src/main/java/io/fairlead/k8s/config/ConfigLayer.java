package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one place says: a file, or a command line. One owner; not safe for threads.
public final class ConfigLayer {

    private record Setting<T>(ConfigKey<T> key, T value) {
        void apply(AgentOptions.Draft draft) {
            key.set(draft, value);
        }
    }

    private final Map<ConfigKey<?>, Setting<?>> settings = new LinkedHashMap<>();

    <T> void put(ConfigKey<T> key, T value) {
        settings.put(key, new Setting<>(key, value));
    }

    boolean has(ConfigKey<?> key) {
        Setting<?> setting = settings.get(key);
        return setting != null && !setting.value().equals(List.of());
    }

    /// Whether it names two kinds of source; what an upper layer names takes the place of what a
    /// lower one does.
    boolean hasTwoSources() {
        return has(SourceKeys.MANIFESTS)
                && (has(SourceKeys.KUBECONFIG) || has(SourceKeys.API_SERVERS));
    }

    /// Puts what it says in the place of what was said below it.
    void apply(AgentOptions.Draft draft) {
        settings.values().forEach(s -> s.apply(draft));
    }
}
