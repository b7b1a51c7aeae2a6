package io.fairlead.core.flow;

import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.Candidates;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.VipTable;
import org.jspecify.annotations.Nullable;

/// Chooses the backends that flows are connected to, the first and those that take its place when
/// it cannot be reached. One for each event loop; allocates nothing, but as [FlowRouter#pick] does.
///
/// The first is the policy's choice, unless that is ejected: then another one that is not, or for
/// one flow, once its time is over, the ejected one as a probe. Where more than half of a pool is
/// ejected, nobody is led round anybody: what few are left would not stand it.
///
/// A flow that could not be connected goes to a backend that it has not tried, best one that
/// nothing is known against.
public final class BackendChoice implements Candidates {

    private static final Backend[] NONE_TRIED = {};

    // How good a candidate must be.
    private static final int FLAWLESS = 0; // its last connection, if any, did not fail
    private static final int IN_USE = 1;
    private static final int ANY = 2;

    // What is asked for, during a call.
    private VipTable table = VipTable.EMPTY;
    private FlowTuple flow = new FlowTuple();
    private @Nullable BackendPool pool;
    private @Nullable Backend[] tried = NONE_TRIED;
    private int need;

    private Attempt attempt = Attempt.NORMAL;

    /// What the last choice means for its backend.
    public Attempt attempt() {
        return attempt;
    }

    /// The backend of a new flow; its address may be one that must not be dialled.
    public Backend first(VipTable table, BackendPool pool, FlowTuple flow) {
        Backend picked = FlowRouter.pick(pool, flow);
        attempt = Attempt.NORMAL;
        if (!picked.isEjected()) {
            return picked;
        }
        if (pool.isMostlyEjected()) {
            attempt = Attempt.TRIAL;
            return picked;
        }
        if (picked.claimProbe(flow.nowNs)) {
            attempt = Attempt.PROBE;
            return picked;
        }
        Backend other = among(table, pool, flow, NONE_TRIED, IN_USE);
        return other == null ? picked : other;
    }

    /// The backend of a flow that was not or could not be connected to others; null when there is
    /// none left.
    ///
    /// @param tried those that the flow cannot have; null in places for none
    public @Nullable Backend next(
            VipTable table, BackendPool pool, FlowTuple flow, @Nullable Backend[] tried) {
        return among(table, pool, flow, tried, FLAWLESS);
    }

    /// Whether [#next] would find one; chooses nothing.
    public boolean hasNext(
            VipTable table, BackendPool pool, FlowTuple flow, @Nullable Backend[] tried) {
        ask(table, pool, flow, tried);
        need = ANY;
        boolean found = hasAny(pool);
        forget();
        return found;
    }

    private @Nullable Backend among(
            VipTable table,
            BackendPool pool,
            FlowTuple flow,
            @Nullable Backend[] tried,
            int firstNeed) {
        ask(table, pool, flow, tried);
        Backend chosen = null;
        for (need = firstNeed; need <= ANY && chosen == null; need++) {
            chosen = hasAny(pool) ? FlowRouter.pickAmong(pool, flow, this) : null;
        }
        attempt = chosen != null && chosen.isEjected() ? Attempt.TRIAL : Attempt.NORMAL;
        forget();
        return chosen;
    }

    private void ask(VipTable table, BackendPool pool, FlowTuple flow, @Nullable Backend[] tried) {
        this.table = table;
        this.pool = pool;
        this.flow = flow;
        this.tried = tried;
    }

    /// Keeps no generation of the table alive.
    private void forget() {
        table = VipTable.EMPTY;
        pool = null;
        tried = NONE_TRIED;
    }

    private boolean hasAny(BackendPool pool) {
        for (int i = 0; i < pool.size(); i++) {
            if (has(i)) {
                return true;
            }
        }
        return false;
    }

    /// For pickers, during a choice.
    @Override
    public boolean has(int index) {
        if (pool == null) {
            return false;
        }
        Backend backend = pool.backend(index);
        for (Backend other : tried) {
            if (other == backend) {
                return false;
            }
        }
        return switch (need) {
                    case FLAWLESS -> backend.failures() == 0 && !backend.isEjected();
                    case IN_USE -> !backend.isEjected();
                    default -> true;
                }
                && FlowRouter.dialRefusal(table, backend, flow) == null;
    }
}
