package io.fairlead.core.flow;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.AffinityPicker;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.balance.Candidates;
import io.fairlead.core.balance.FlowHash;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ClientClasses;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import org.jspecify.annotations.Nullable;

/// Decides the backend of a new flow. Stateless; allocates nothing, but for a client that begins to
/// stick to a backend.
public final class FlowRouter {

    private FlowRouter() {}

    /// Where a flow arrived; null when nothing is served there.
    public static VipTable.@Nullable Row row(VipTable table, FlowTuple flow) {
        return table.lookup(flow.vipHigh, flow.vipLow, flow.tag);
    }

    /// The pool that serves a flow; null when the flow is refused.
    public static @Nullable BackendPool pool(
            VipTable table, VipTable.@Nullable Row row, FlowTuple flow) {
        if (row == null) {
            return null;
        }
        ServiceEntry entry = row.entry();
        if (row.kind() == Vip.Kind.CLUSTER_IP) {
            return entry.internal();
        }
        if (row.kind() == Vip.Kind.LOAD_BALANCER
                && !entry.sourceRanges().allows(flow.family, flow.clientHigh, flow.clientLow)) {
            return null;
        }
        return entry.external(
                table.clients().isPodOrNode(flow.family, flow.clientHigh, flow.clientLow));
    }

    /// Whether the backend is to see the client's own address (SEMANTICS A5): where kube-proxy
    /// would not masquerade, and packets of the backend can find their way back here.
    ///
    /// Not so for this node's own connections, for a backend on one of this node's addresses, whose
    /// replies would never leave the node, and for a client that is its own backend (A10.5).
    public static boolean keepsClient(
            VipTable table, VipTable.Row row, FlowTuple flow, Backend backend) {
        ClientClasses clients = table.clients();
        IpAddress to = backend.at().address();
        if (to.family() != flow.family
                || clients.isNode(flow.family, flow.clientHigh, flow.clientLow)
                || clients.isNode(flow.family, to.high(), to.low())
                || (to.high() == flow.clientHigh && to.low() == flow.clientLow)) {
            return false;
        }
        if (row.kind() == Vip.Kind.CLUSTER_IP) {
            return clients.mayBePod(flow.family, flow.clientHigh, flow.clientLow);
        }
        return row.entry().port().externalLocal() && !isElsewhere(clients, flow, to);
    }

    /// Whether neither end is here: another node's pod that came to a NodePort of this one, and a
    /// backend that would answer it directly.
    private static boolean isElsewhere(ClientClasses clients, FlowTuple flow, IpAddress to) {
        return clients.isPodOrNode(flow.family, flow.clientHigh, flow.clientLow)
                && !clients.isOwnPod(flow.family, flow.clientHigh, flow.clientLow)
                && !clients.isOwnPod(flow.family, to.high(), to.low());
    }

    /// The backend of a pool for a flow: the one its client sticks to, else the policy's choice.
    public static Backend pick(BackendPool pool, FlowTuple flow) {
        BackendPicker picker = pool.picker();
        long hash = hash(picker, flow);
        AffinityPicker affinity = pool.affinity();
        int index =
                affinity == null
                        ? picker.pick(hash)
                        : affinity.pick(flow.clientHigh, flow.clientLow, hash, flow.nowNs);
        return pool.backend(index);
    }

    /// The same among candidates; null when there are none. Its client sticks to that one then.
    static @Nullable Backend pickAmong(BackendPool pool, FlowTuple flow, Candidates candidates) {
        BackendPicker picker = pool.picker();
        long hash = hash(picker, flow);
        AffinityPicker affinity = pool.affinity();
        int index =
                affinity == null
                        ? picker.pickAmong(hash, candidates)
                        : affinity.pickAmong(
                                flow.clientHigh, flow.clientLow, hash, candidates, flow.nowNs);
        return index == BackendPicker.NONE ? null : pool.backend(index);
    }

    private static long hash(BackendPicker picker, FlowTuple flow) {
        return switch (picker.hashKey()) {
            case NONE -> 0;
            case CLIENT -> FlowHash.client(flow.clientHigh, flow.clientLow);
            case TUPLE -> tupleHash(flow);
        };
    }

    /// The picked backend, unless its address must not be dialled: then the next of the pool that
    /// may be; null when none may.
    public static @Nullable Backend dialable(
            VipTable table, BackendPool pool, Backend picked, FlowTuple flow) {
        if (dialRefusal(table, picked, flow) == null) {
            return picked;
        }
        for (int i = 0; i < pool.size(); i++) {
            if (dialRefusal(table, pool.backend(i), flow) == null) {
                return pool.backend(i);
            }
        }
        return null;
    }

    /// What a backend's address is that must not be dialled; null when it may.
    public static @Nullable String dialRefusal(VipTable table, Backend backend, FlowTuple flow) {
        return table.dialRefusal(flow.protocol, backend.at(), flow.isToLoopback());
    }

    private static long tupleHash(FlowTuple flow) {
        return FlowHash.flow(
                FlowHash.client(flow.clientHigh, flow.clientLow),
                flow.clientPort,
                FlowHash.destination(
                        flow.vipHigh, flow.vipLow, flow.vipPort, flow.protocol.number()));
    }
}
