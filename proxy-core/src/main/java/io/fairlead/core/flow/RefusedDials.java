package io.fairlead.core.flow;

import io.fairlead.core.backend.Backend;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// The backends that flows were not led to because their addresses must not be dialled: for the
/// control thread to tell people. Bounded; any thread.
public final class RefusedDials {

    private static final int MOST = 100;

    /// One of them.
    ///
    /// @param what its address is, to follow "is"
    public record Refused(Backend backend, String what) {}

    private final ConcurrentHashMap<Backend, String> refused = new ConcurrentHashMap<>();

    public void note(Backend backend, String what) {
        if (refused.size() < MOST) {
            refused.put(backend, what);
        }
    }

    /// All that were noted since the last call, sorted.
    public List<Refused> take() {
        List<Refused> all =
                refused.entrySet().stream()
                        .map(e -> new Refused(e.getKey(), e.getValue()))
                        .sorted((a, b) -> a.backend().at().compareTo(b.backend().at()))
                        .toList();
        all.forEach(r -> refused.remove(r.backend()));
        return all;
    }
}
