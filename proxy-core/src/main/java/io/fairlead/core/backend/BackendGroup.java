package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The backends of one service port, shared by its internal and external sets.
///
/// Membership belongs to the control thread and may be read by any; the count of live flows is
/// written by event loops.
public final class BackendGroup {

    private static final VarHandle COUNTERS;

    static {
        try {
            COUNTERS =
                    MethodHandles.lookup()
                            .findVarHandle(BackendGroup.class, "counters", FlowCounters[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ServicePortName name;
    private final Map<AddressPort, Backend> backends = new ConcurrentHashMap<>();
    private final AtomicInteger live = new AtomicInteger();

    // By event loop, made when one has its first flow; replaced through the VarHandle.
    private volatile @Nullable FlowCounters[] counters = new @Nullable FlowCounters[0];

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

    /// What an event loop counts of this service port's flows; made with its first one.
    ///
    /// @param loop number of the event loop, from 0 on
    public FlowCounters counters(int loop) {
        @Nullable FlowCounters[] now = counters;
        FlowCounters own = loop < now.length ? now[loop] : null;
        return own == null ? newCounters(loop) : own;
    }

    private FlowCounters newCounters(int loop) {
        FlowCounters own = new FlowCounters();
        @Nullable FlowCounters[] now;
        @Nullable FlowCounters[] next;
        do {
            now = counters;
            next = Arrays.copyOf(now, Math.max(now.length, loop + 1));
            next[loop] = own;
        } while (!COUNTERS.compareAndSet(this, now, next));
        return own;
    }

    /// All that was counted, a moment old; null where no flow has ever come. Any thread.
    public @Nullable FlowTotals totals() {
        @Nullable FlowCounters[] now = counters;
        return now.length == 0 ? null : FlowTotals.of(now);
    }

    void acquire() {
        live.getAndIncrement();
    }

    void release() {
        live.getAndDecrement();
    }
}
