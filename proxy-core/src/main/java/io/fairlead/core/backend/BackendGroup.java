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
/// Membership belongs to the control thread and may be read by any; the counts are written by event
/// loops.
public final class BackendGroup {

    private final ServicePortName name;
    private final Map<AddressPort, Backend> backends = new ConcurrentHashMap<>();
    private final AtomicInteger live = new AtomicInteger();
    private final EjectionRule rule;
    private final EjectionLog log;

    // Ejections and their ends since the start: whoever counts ejected backends looks here first.
    private final AtomicInteger changes = new AtomicInteger();

    /// @param rule when backends are ejected
    /// @param log of all groups, to tell of it
    public BackendGroup(ServicePortName name, EjectionRule rule, EjectionLog log) {
        this.name = name;
        this.rule = rule;
        this.log = log;
    }

    /// One by itself, with the default rule.
    public BackendGroup(ServicePortName name) {
        this(name, EjectionRule.DEFAULT, new EjectionLog());
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
        return backends.computeIfAbsent(at, a -> new Backend(a, this, rule));
    }

    /// Forgets the backends that are not in `wanted` once no flow holds them: one that comes back
    /// while it drains is the same backend, with its count. Control thread only.
    public void retain(Set<AddressPort> wanted) {
        backends.values()
                .removeIf(b -> {
                    if (wanted.contains(b.at()) || b.live() != 0) {
                        return false;
                    }
                    b.end();
                    return true;
                });
    }

    /// Changes whenever a backend is ejected or used again.
    public int ejectionChanges() {
        return changes.get();
    }

    /// All of them, draining ones included; any thread.
    public Collection<Backend> backends() {
        return backends.values();
    }

    void onEjected(Backend backend, long forNs, String cause) {
        changes.getAndIncrement();
        log.onEjected(backend, forNs, cause);
    }

    void onReadmitted(Backend backend) {
        changes.getAndIncrement();
        log.onReadmitted(backend);
    }

    void onGone() {
        changes.getAndIncrement();
    }

    void acquire() {
        live.getAndIncrement();
    }

    void release() {
        live.getAndDecrement();
    }
}
