package io.fairlead.core.backend;

import io.fairlead.core.backend.Standing.Kind;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Whether a backend can be connected to, as flows found out: its [Standing] and the failures in a
/// row.
///
/// Event loops change it, each by compare-and-set; a change that loses is the other's to make. What
/// goes well costs one read.
final class Reachability {

    private static final VarHandle STANDING;
    private static final VarHandle FAILURES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STANDING = lookup.findVarHandle(Reachability.class, "standing", Standing.class);
            FAILURES = lookup.findVarHandle(Reachability.class, "failures", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EjectionRule rule;

    // Written by event loops through the VarHandles.
    private volatile Standing standing = Standing.NEW;
    private volatile int failures;

    Reachability(EjectionRule rule) {
        this.rule = rule;
    }

    boolean isEjected() {
        return standing.isEjected();
    }

    /// Connections in a row that failed, up to now.
    int failures() {
        return failures;
    }

    /// Whether the caller's flow is the one that tries an ejected backend, whose time is over.
    boolean claimProbe(long nowNs) {
        Standing now = standing;
        return now.kind() == Kind.EJECTED
                && nowNs - now.timeNs() >= 0
                && change(now, new Standing(Kind.PROBED, now.times(), now.timeNs()));
    }

    /// A connection was established.
    ///
    /// @return whether that brought the backend back into use
    boolean onConnected(Attempt attempt, long nowNs) {
        if (failures != 0) {
            failures = 0;
        }
        if (attempt == Attempt.NORMAL) {
            return false;
        }
        Standing now = standing;
        return now.isEjected() && change(now, new Standing(Kind.IN_USE, now.times(), nowNs));
    }

    /// A connection failed.
    ///
    /// @return for how long the backend is ejected by that, or 0
    long onFailed(Attempt attempt, long nowNs) {
        int failed = (int) FAILURES.getAndAdd(this, 1) + 1;
        Standing now = standing;
        boolean ends =
                switch (now.kind()) {
                    case IN_USE -> rule.applies(failed);
                    case PROBED -> attempt == Attempt.PROBE;
                    case EJECTED, GONE -> false;
                };
        if (!ends) {
            return 0;
        }
        int times = 1 + (now.kind() == Kind.IN_USE ? remembered(now, nowNs) : now.times());
        long nanos = rule.nanos(times);
        return change(now, new Standing(Kind.EJECTED, times, nowNs + nanos)) ? nanos : 0;
    }

    /// Of the ejections before, those that count still: one is forgiven for each base time in use.
    private int remembered(Standing inUse, long nowNs) {
        if (inUse.times() == 0) {
            return 0;
        }
        long forgiven = (nowNs - inUse.timeNs()) / rule.baseTime().toNanos();
        return (int) Math.max(0, inUse.times() - forgiven);
    }

    /// The flow that probed ended without an answer: another may.
    void onProbeAbandoned() {
        Standing now = standing;
        if (now.kind() == Kind.PROBED) {
            boolean _ = change(now, new Standing(Kind.EJECTED, now.times(), now.timeNs()));
        }
    }

    /// Forgets what flows have found out. Tells whether it was ejected.
    boolean forgive() {
        failures = 0;
        Standing before = (Standing) STANDING.getAndSet(this, Standing.NEW);
        return before.isEjected();
    }

    /// Nothing that flows find out matters any more. Tells whether it was ejected.
    boolean end() {
        Standing before = (Standing) STANDING.getAndSet(this, Standing.GONE);
        return before.isEjected();
    }

    /// As another process can take it over; null where there is nothing to say.
    @Nullable BackendStanding record(ServicePortName group, AddressPort at, long nowNs) {
        Standing now = standing;
        int failed = failures;
        return switch (now.kind()) {
            case GONE -> null;
            case IN_USE ->
                    now.times() == 0 && failed == 0
                            ? null
                            : new BackendStanding(
                                    group, at, false, now.times(), nowNs - now.timeNs(), failed);
            case EJECTED, PROBED ->
                    new BackendStanding(group, at, true, now.times(), now.timeNs() - nowNs, failed);
        };
    }

    /// Goes on where another process was. For the time before the first flow.
    void restore(BackendStanding record, long nowNs) {
        failures = record.failures();
        Kind kind = record.ejected() ? Kind.EJECTED : Kind.IN_USE;
        long timeNs = record.ejected() ? nowNs + record.nanos() : nowNs - record.nanos();
        boolean _ = change(standing, new Standing(kind, record.times(), timeNs));
    }

    private boolean change(Standing from, Standing to) {
        return STANDING.compareAndSet(this, from, to);
    }
}
