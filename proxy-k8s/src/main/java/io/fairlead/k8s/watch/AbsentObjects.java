package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ObjectKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Objects of one kind that are still served although the API server does not name them: not yet,
/// or no more.
///
/// They go with the list that leaves them out, unless that list is empty: then they are held back
/// for a time. One owner; not safe for threads.
final class AbsentObjects {

    private final Set<ObjectKey> keys = new HashSet<>();
    private @Nullable Long heldSinceNanos;

    void add(ObjectKey key) {
        keys.add(key);
    }

    /// The API server has named it, or said by itself that it is gone.
    void remove(ObjectKey key) {
        if (keys.remove(key) && keys.isEmpty()) {
            heldSinceNanos = null;
        }
    }

    int size() {
        return keys.size();
    }

    /// Whether they outlive a list that left them out.
    boolean isHeld() {
        return heldSinceNanos != null;
    }

    /// When they were first held back; null when they are not.
    @Nullable Long heldSinceNanos() {
        return heldSinceNanos;
    }

    /// Holds them back from now on, if they were not held back before.
    void hold(long nowNanos) {
        if (heldSinceNanos == null) {
            heldSinceNanos = nowNanos;
        }
    }

    /// All of them, which are absent no longer but gone.
    List<ObjectKey> drain() {
        List<ObjectKey> all = new ArrayList<>(keys);
        keys.clear();
        heldSinceNanos = null;
        return all;
    }
}
