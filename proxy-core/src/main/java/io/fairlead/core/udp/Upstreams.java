package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.IpAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The sockets of one event loop that are connected to backends and wait for a flow.
///
/// Only a socket whose every question had its answer waits here, and its next flow is given no
/// answer but to its own questions (docs/udp.md). Owned by one event loop.
final class Upstreams {

    /// Then another port of this node is used: who guesses answers shall not have one port to guess
    /// them for, for ever (RFC 5452, 9.2).
    private static final int MOST_REUSES = 1_024;

    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(30);

    private final UdpCounters counters;
    private final IdleUpstreams ofNode = new IdleUpstreams(null);
    private final Map<IpAddress, IdleUpstreams> ofClients = new HashMap<>();
    private int idleCount;

    Upstreams(UdpCounters counters) {
        this.counters = counters;
    }

    /// Sockets that wait for a flow.
    int idleCount() {
        return idleCount;
    }

    /// A socket that waits, the one that was used last; null when none does.
    ///
    /// @param client whose address the backend is to see; null for this node's
    @Nullable Upstream take(Backend backend, @Nullable IpAddress client) {
        IdleUpstreams idle = client == null ? ofNode : ofClients.get(client);
        Upstream upstream = idle == null ? null : idle.take(backend);
        if (idle != null && upstream != null) {
            countIdle(-1);
            counters.add(UdpCount.REUSED, 1);
            upstream.reuses++;
            upstream.fresh = true;
        }
        return upstream;
    }

    /// A flow needs its socket no more.
    ///
    /// @param settled whether all that it asked was answered
    void giveBack(UdpFlow flow, boolean settled, int room, long nowNs) {
        Upstream upstream = flow.upstream;
        upstream.flow = null;
        if (!settled
                || upstream.source == SourceName.CLIENT
                || upstream.spoilt
                || !upstream.isOpen()
                || upstream.reuses >= MOST_REUSES
                || idleCount >= room) {
            upstream.close();
            return;
        }
        upstream.idleSinceNs = nowNs;
        upstream.idle =
                upstream.source == SourceName.NODE
                        ? ofNode
                        : ofClients.computeIfAbsent(flow.ofClient.client(), IdleUpstreams::new);
        countIdle(1);
        Upstream tooMany = upstream.idle.add(upstream);
        if (tooMany != null) {
            countIdle(-1);
            tooMany.close();
        }
    }

    private void countIdle(int more) {
        idleCount += more;
        counters.add(UdpCount.POOLED, more);
    }

    /// One that waits has heard something that nobody asked for. At a client's address that may be
    /// the client's own affair: the socket is in its way.
    void onStray(Upstream upstream) {
        if (upstream.source != SourceName.NODE) {
            forget(upstream);
        }
    }

    /// One that waits failed.
    void forget(Upstream upstream) {
        IdleUpstreams idle = upstream.idle;
        if (idle != null && idle.remove(upstream)) {
            countIdle(-1);
            dropIfEmpty(idle);
        }
        upstream.close();
    }

    private void dropIfEmpty(IdleUpstreams idle) {
        IpAddress client = idle.client();
        if (client != null && idle.isEmpty()) {
            ofClients.remove(client);
        }
    }

    /// Closes one that waits; false when none does.
    boolean closeOne() {
        Iterator<IdleUpstreams> clients = ofClients.values().iterator();
        while (clients.hasNext()) {
            if (closeOldest(clients.next())) {
                return true;
            }
            clients.remove();
        }
        return closeOldest(ofNode);
    }

    private boolean closeOldest(IdleUpstreams idle) {
        Upstream oldest = idle.removeOldest();
        if (oldest == null) {
            return false;
        }
        countIdle(-1);
        oldest.close();
        return true;
    }

    /// Closes those that waited long in vain.
    void expire(long nowNs) {
        expire(ofNode, nowNs);
        Iterator<IdleUpstreams> clients = ofClients.values().iterator();
        while (clients.hasNext()) {
            IdleUpstreams idle = clients.next();
            expire(idle, nowNs);
            if (idle.isEmpty()) {
                clients.remove();
            }
        }
    }

    private void expire(IdleUpstreams idle, long nowNs) {
        Upstream old = idle.removeOlder(nowNs - IDLE_NS);
        while (old != null) {
            countIdle(-1);
            old.close();
            old = idle.removeOlder(nowNs - IDLE_NS);
        }
    }
}
