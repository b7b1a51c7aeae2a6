package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The backends of one service port, shared by its internal and external sets.
///
/// Membership belongs to the control thread and may be read by any; the count of live flows is
/// written by event loops.
public final class BackendGroup {

    private final ServicePortName name;
    private final Map<AddressPort, Backend> backends = new ConcurrentHashMap<>();
    private final AtomicInteger live = new AtomicInteger();

    public BackendGroup(ServicePortName name) {
        this.name = name;
    }

    public ServicePortName name() {
        return name;
    }

    /// Flows of the service port, over all its backends, draining ones included.
    public int live() {
        return live.get();
    }

    /// The backend at an address, made when it is new. Control thread only.
    public Backend backend(AddressPort at) {
        return backends.computeIfAbsent(at, a -> new Backend(a, this));
    }

    /// Forgets the backends that are not in `wanted` once no flow holds them: one that comes back
    /// while it drains is the same backend, with its count. Control thread only.
    public void retain(Set<AddressPort> wanted) {
        backends.values().removeIf(b -> !wanted.contains(b.at()) && b.live() == 0);
    }

    /// All of them, draining ones included; any thread.
    public Collection<Backend> backends() {
        return backends.values();
    }

    void acquire() {
        live.getAndIncrement();
    }

    void release() {
        live.getAndDecrement();
    }
}
