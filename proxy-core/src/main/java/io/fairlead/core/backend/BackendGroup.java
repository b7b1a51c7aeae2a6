package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePortName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The backends of one service port, shared by its internal and external sets.
///
/// Membership belongs to the control thread and may be read by any; the counts are written by event
/// loops.
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
    private final EjectionRule rule;
    private final EjectionLog log;

    // By event loop, made when one has its first flow; replaced through the VarHandle.
    private volatile @Nullable FlowCounters[] counters = new @Nullable FlowCounters[0];

    // Written by the control thread, read by event loops.
    private volatile FlowRules rules = FlowRules.NONE;

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
        backends.values().stream()
                .filter(b -> !wanted.contains(b.at()))
                .forEach(b -> b.drain(nowNs));
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

    void onRestored() {
        changes.getAndIncrement();
    }

    void lend(int more) {
        live.getAndAdd(more);
    }

    void acquire() {
        live.getAndIncrement();
    }

    void release() {
        live.getAndDecrement();
    }
}
