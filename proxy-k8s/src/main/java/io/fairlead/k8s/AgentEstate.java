package io.fairlead.k8s;

import io.fairlead.core.PlaneHandOver;
import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.handover.Estate;
import io.fairlead.core.handover.HandedCount;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.k8s.sync.SyncLoop;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/// What an agent gives to the one that takes over from it.
final class AgentEstate implements Estate {

    private final PlaneHandOver plane;
    private final SyncLoop sync;
    private final Predicate<HandedSocket> given;
    private final Runnable onLeft;

    /// @param given what of the open files is of use to another process
    /// @param onLeft lets go of what only one agent can have
    AgentEstate(
            PlaneHandOver plane, SyncLoop sync, Predicate<HandedSocket> given, Runnable onLeft) {
        this.plane = plane;
        this.sync = sync;
        this.given = given;
        this.onLeft = onLeft;
    }

    @Override
    public long namespace() {
        return NetworkNamespace.inode();
    }

    @Override
    public boolean hold(Runnable exchange) {
        try {
            return sync.call(() -> {
                exchange.run();
                return true;
            });
        } catch (RejectedExecutionException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public List<HandedSocket> sockets() {
        return plane.sockets().stream().filter(given).toList();
    }

    @Override
    public List<AffinityRecord> clients(long heardOfNs) {
        return plane.clients(heardOfNs);
    }

    @Override
    public List<BackendStanding> standings() {
        return plane.standings();
    }

    @Override
    public List<HandedCount> counts() {
        return plane.counts();
    }

    @Override
    public List<HandedFlow> freeze() {
        return plane.freeze();
    }

    @Override
    public void thaw() {
        plane.thaw();
    }

    @Override
    public void leave(boolean hostKept) {
        plane.leave(hostKept);
    }

    @Override
    public void left() {
        onLeft.run();
    }
}
