package io.fairlead.core.flow;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.balance.AffinityPicker;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.balance.HashKey;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ServedSet;
import io.fairlead.core.table.VipTable;
import org.jspecify.annotations.Nullable;

/// What [FlowRouter] would do with a flow now, step by step. Asking changes nothing.
///
/// @param row where it arrives; null when nothing is served there
/// @param set which backend set serves it; null without a row
/// @param admitted whether the source ranges let it in
/// @param pool the pool; null when the flow is refused
/// @param sticky index in the pool of the backend that the client sticks to, or [#NONE]
/// @param foreseen index in the pool of what would be picked, or [#NONE] where chance, or a
///   client's port that is not known, decides
/// @param backend what it would be led to; null where that is not known, or no backend may be
///   dialled
/// @param dialable how many backends of the pool may be dialled
/// @param keepsClient whether `backend`, or the first of the pool that may be dialled, sees the
///   client's own address, as far as the routing of flows has a say
/// @param limit which limit of the service port would reset it; null for none
public record FlowDecision(
        VipTable.@Nullable Row row,
        @Nullable ServedSet set,
        boolean admitted,
        @Nullable BackendPool pool,
        int sticky,
        int foreseen,
        @Nullable Backend backend,
        int dialable,
        boolean keepsClient,
        @Nullable FlowRefusal limit) {

    /// In place of an index.
    public static final int NONE = -1;

    /// What would be decided by this table.
    ///
    /// @param flow with a client's port of 0 where it is not known
    public static FlowDecision of(VipTable table, FlowTuple flow, ClientAddresses clientAddresses) {
        VipTable.Row row = FlowRouter.row(table, flow);
        BackendPool pool = FlowRouter.pool(table, row, flow);
        ServedSet set = row == null ? null : FlowRouter.set(table, row, flow);
        boolean admitted = row != null && FlowRouter.isAdmitted(row, flow);
        if (row == null || pool == null) {
            return new FlowDecision(row, set, admitted, null, NONE, NONE, null, 0, false, null);
        }
        int sticky = sticky(pool, flow);
        int foreseen = sticky == NONE ? foreseen(pool, flow) : sticky;
        int dialable = 0;
        Backend first = null;
        for (int i = pool.size() - 1; i >= 0; i--) {
            if (FlowRouter.dialRefusal(table, pool.backend(i), flow) == null) {
                first = pool.backend(i);
                dialable++;
            }
        }
        boolean certain =
                foreseen != NONE
                        && FlowRouter.dialRefusal(table, pool.backend(foreseen), flow) == null
                        && !isLedRound(pool, pool.backend(foreseen));
        Backend only = dialable == 1 ? first : null;
        Backend backend = certain ? pool.backend(foreseen) : only;
        Backend seer = backend == null ? first : backend;
        boolean keeps =
                seer != null
                        && clientAddresses.mayUse(flow, seer.at().address())
                        && FlowRouter.keepsClient(table, row, flow, seer);
        return new FlowDecision(
                row, set, true, pool, sticky, foreseen, backend, dialable, keeps, null);
    }

    /// The same where a limit stands above it.
    public FlowDecision within(@Nullable FlowRefusal over) {
        return new FlowDecision(
                row, set, admitted, pool, sticky, foreseen, backend, dialable, keepsClient, over);
    }

    /// As [BackendChoice] does with an ejected one, but for a probe of it.
    private static boolean isLedRound(BackendPool pool, Backend backend) {
        return backend.isEjected() && !pool.isMostlyEjected();
    }

    private static int sticky(BackendPool pool, FlowTuple flow) {
        AffinityPicker affinity = pool.affinity();
        return affinity == null ? NONE : affinity.peek(flow.clientHigh, flow.clientLow, flow.nowNs);
    }

    private static int foreseen(BackendPool pool, FlowTuple flow) {
        BackendPicker picker = pool.picker();
        if (picker.hashKey() == HashKey.TUPLE && flow.clientPort == 0) {
            return NONE;
        }
        return picker.foresee(FlowRouter.hash(picker, flow));
    }
}
