package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A backend of one service port, alive across table generations.
///
/// Created and retired by the control thread. Event loops count flows on it from any thread;
/// pickers read the counts, a moment old at worst.
public final class Backend {

    /// In place of a time: the backend is one of those that may be picked.
    public static final long NOT_DRAINING = Long.MIN_VALUE;

    /// The share of a backend that is not in its slow start, in steps.
    public static final int FULL_SHARE = 10;

    private static final VarHandle LIVE;
    private static final VarHandle OPENED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LIVE = lookup.findVarHandle(Backend.class, "live", int.class);
            OPENED = lookup.findVarHandle(Backend.class, "opened", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AddressPort at;
    private final InetSocketAddress socketAddress;
    private final BackendGroup group;
    private final Reachability reachability;

    // Written by event loops through the VarHandles.
    private volatile int live;
    private volatile long opened;
    private volatile String lastFailure = "";

    // Written by the control thread, read by event loops.
    private volatile long drainingSinceNs = NOT_DRAINING;

    // Of the control thread: when it turned ready, and how much of its share it has since.
    private long readySinceNs;
    private int share = FULL_SHARE;

    // Of the control thread: flows of another agent that are counted here.
    private int lent;

    Backend(AddressPort at, BackendGroup group, EjectionRule rule) {
        this.at = at;
        this.reachability = new Reachability(rule);
        this.socketAddress = new InetSocketAddress(at.address().toInetAddress(), at.port());
        this.group = group;
    }

    public AddressPort at() {
        return at;
    }

    /// The same address as connecting takes it, made once.
    public InetSocketAddress socketAddress() {
        return socketAddress;
    }

    /// The backends of the same service port.
    public BackendGroup group() {
        return group;
    }

    /// Flows that hold this backend now.
    public int live() {
        return live;
    }

    /// Flows that ever held this backend.
    public long opened() {
        return opened;
    }

    /// Takes the backend for a flow; each call is answered by one [#release].
    public void acquire() {
        LIVE.getAndAdd(this, 1);
        OPENED.getAndAdd(this, 1L);
        group.acquire();
    }

    public void release() {
        LIVE.getAndAdd(this, -1);
        group.release();
    }

    /// Counts flows that another agent still relays to it, in place of those of the last call.
    /// Control thread only.
    public void lend(int flows) {
        int more = flows - lent;
        lent = flows;
        LIVE.getAndAdd(this, more);
        group.lend(more);
    }

    /// What flows found out, as another process can take it over; null where there is nothing to
    /// say.
    public @Nullable BackendStanding standing(long nowNs) {
        return reachability.record(group.name(), at, nowNs);
    }

    /// Goes on where another process was. For the time before the first flow.
    public void restore(BackendStanding standing, long nowNs) {
        reachability.restore(standing, nowNs);
        group.onRestored();
    }

    /// Whether flows are led round it, as far as there are enough others.
    public boolean isEjected() {
        return reachability.isEjected();
    }

    /// Connections in a row that failed, up to now.
    public int failures() {
        return reachability.failures();
    }

    /// Why the last connection that failed did; empty while none has.
    public String lastFailure() {
        return lastFailure;
    }

    /// Whether the caller's flow is the one that finds out whether the ejected backend answers
    /// again; if so, one of the three methods below must follow.
    public boolean claimProbe(long nowNs) {
        return reachability.claimProbe(nowNs);
    }

    /// A flow has been connected.
    ///
    /// @param nowNs used by attempts other than normal ones only
    public void onConnected(Attempt attempt, long nowNs) {
        if (reachability.onConnected(attempt, nowNs)) {
            group.onReadmitted(this);
        }
    }

    /// A flow could not be connected, for a cause that is the backend's.
    public void onConnectFailed(Attempt attempt, String cause, long nowNs) {
        lastFailure = cause;
        long ejectedNs = reachability.onFailed(attempt, nowNs);
        if (ejectedNs > 0) {
            group.onEjected(this, ejectedNs, cause);
        }
    }

    /// A flow that claimed the probe ended before there was an answer.
    public void onProbeAbandoned() {
        reachability.onProbeAbandoned();
    }

    /// It is no backend any more.
    void end() {
        if (reachability.end()) {
            group.onGone();
        }
    }

    /// Since when it may no longer be picked, or [#NOT_DRAINING].
    public long drainingSinceNs() {
        return drainingSinceNs;
    }

    /// Its part of [#FULL_SHARE], less while it starts slowly. Control thread only.
    public int share() {
        return share;
    }

    void drain(long nowNs) {
        if (drainingSinceNs == NOT_DRAINING) {
            drainingSinceNs = nowNs;
        }
    }

    /// It may be picked from now on.
    ///
    /// @param fresh whether others could be picked before
    void ready(boolean fresh, long nowNs) {
        // It was away: what flows found out before says nothing of it now.
        if (drainingSinceNs != NOT_DRAINING && reachability.forgive()) {
            group.onReadmitted(this);
        }
        drainingSinceNs = NOT_DRAINING;
        readySinceNs = nowNs;
        share = fresh ? 1 : FULL_SHARE;
    }

    /// Brings its share up to date.
    ///
    /// @return whether that changed it
    boolean warm(long slowStartNs, long nowNs) {
        if (share == FULL_SHARE) {
            return false;
        }
        int before = share;
        long readyNs = nowNs - readySinceNs;
        share =
                readyNs >= slowStartNs
                        ? FULL_SHARE
                        : Math.max(1, (int) (readyNs * FULL_SHARE / slowStartNs));
        return share != before;
    }

    @Override
    public String toString() {
        return at.toString();
    }
}
