package io.fairlead.core.flow;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The backends that flows were not led to because their addresses must not be dialled: for the
/// control thread to tell people. Bounded; any thread.
public final class RefusedDials {

    private static final int MOST = 100;

    /// One of them.
    ///
    /// @param what its address is, to follow "is"
    public record Refused(ServicePortName service, AddressPort at, String what) {}

    private final ConcurrentHashMap<Backend, String> refused = new ConcurrentHashMap<>();
    private final LongAdder count = new LongAdder();

    /// A flow was not led to this one.
    ///
    /// @param what its address is, to follow "is"
    public void note(Backend backend, String what) {
        count.increment();
        if (refused.size() < MOST) {
            refused.put(backend, what);
        }
    }

    /// How often it happened since the start.
    public long count() {
        return count.sum();
    }

    /// All that were noted since the last call, in no order.
    public List<Refused> take() {
        List<Refused> all = new ArrayList<>();
        for (Map.Entry<Backend, String> entry : refused.entrySet()) {
            Backend backend = entry.getKey();
            all.add(new Refused(backend.group().name(), backend.at(), entry.getValue()));
            refused.remove(backend);
        }
        return all;
    }
}
