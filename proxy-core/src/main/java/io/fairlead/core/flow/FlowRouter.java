package io.fairlead.core.flow;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.AffinityPicker;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.balance.FlowHash;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import org.jspecify.annotations.Nullable;

/// Decides the backend of a new flow. Stateless; allocates nothing, but for a client that begins to
/// stick to a backend.
public final class FlowRouter {

    private FlowRouter() {}

    /// The pool that serves a flow; null when the flow is refused.
    public static @Nullable BackendPool pool(VipTable table, FlowTuple flow) {
        VipTable.Row row = table.lookup(flow.vipHigh, flow.vipLow, flow.tag);
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

    /// The backend of a pool for a flow: the one its client sticks to, else the policy's choice.
    public static Backend pick(BackendPool pool, FlowTuple flow) {
        BackendPicker picker = pool.picker();
        long hash =
                switch (picker.hashKey()) {
                    case NONE -> 0;
                    case CLIENT -> FlowHash.client(flow.clientHigh, flow.clientLow);
                    case TUPLE -> tupleHash(flow);
                };
        AffinityPicker affinity = pool.affinity();
        int index =
                affinity == null
                        ? picker.pick(hash)
                        : affinity.pick(flow.clientHigh, flow.clientLow, hash, flow.nowNs);
        return pool.backend(index);
    }

    /// The picked backend, unless it is a VIP of the table: dialling that would lead the flow back
    /// here, and on and on until no descriptor is left. Then the next backend of the pool that is
    /// none; null when all are.
    public static @Nullable Backend dialable(
            VipTable table, BackendPool pool, Backend picked, FlowTuple flow) {
        if (!isVip(table, picked, flow)) {
            return picked;
        }
        for (int i = 0; i < pool.size(); i++) {
            if (!isVip(table, pool.backend(i), flow)) {
                return pool.backend(i);
            }
        }
        return null;
    }

    private static boolean isVip(VipTable table, Backend backend, FlowTuple flow) {
        AddressPort at = backend.at();
        return table.lookup(
                        at.address().high(), at.address().low(), VipTable.tag(flow.protocol, at))
                != null;
    }

    private static long tupleHash(FlowTuple flow) {
        return FlowHash.flow(
                FlowHash.client(flow.clientHigh, flow.clientLow),
                flow.clientPort,
                FlowHash.destination(
                        flow.vipHigh, flow.vipLow, flow.vipPort, flow.protocol.number()));
    }
}
