package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePortName;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The backends of one service port, shared by its internal and external sets.
///
/// Membership belongs to the control thread and may be read by any; the count of live flows is
/// written by event loops.
public final class BackendGroup {

    private final ServicePortName name;
    private final Map<AddressPort, Backend> backends = new ConcurrentHashMap<>();
    private final AtomicInteger live = new AtomicInteger();

    // Written by the control thread, read by event loops.
    private volatile FlowRules rules = FlowRules.NONE;

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

    /// How its flows live; any thread.
    public FlowRules rules() {
        return rules;
    }

    /// Takes the rules of its service port, and which backends may be picked from now on: the
    /// others drain. Control thread only.
    public void follow(FlowRules now, Set<AddressPort> wanted, long nowNs) {
        rules = now;
        boolean others = backends.values().stream().anyMatch(b -> isReady(b));
        for (AddressPort at : wanted) {
            Backend known = backends.get(at);
            if (known == null || !isReady(known)) {
                backend(at).ready(others && now.slowStartSeconds() != FlowRules.OFF, nowNs);
            }
        }
        backends.values().stream().filter(b -> !wanted.contains(b.at())).forEach(b -> b.drain(nowNs));
        boolean _ = warm(nowNs);
    }

    private static boolean isReady(Backend backend) {
        return backend.drainingSinceNs() == Backend.NOT_DRAINING;
    }

    /// Brings the shares of backends up to date that start slowly. Control thread only.
    ///
    /// @return whether one changed
    public boolean warm(long nowNs) {
        long slowStartNs = TimeUnit.SECONDS.toNanos(Math.max(0, rules.slowStartSeconds()));
        boolean changed = false;
        for (Backend backend : backends.values()) {
            changed |= backend.warm(slowStartNs, nowNs);
        }
        return changed;
    }

    /// Whether a backend has less than its full share. Control thread only.
    public boolean isWarming() {
        return backends.values().stream().anyMatch(b -> b.share() != Backend.FULL_SHARE);
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
