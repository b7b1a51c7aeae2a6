package io.fairlead.k8s;

import io.fairlead.core.handover.Giver;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.k8s.sync.SyncLoop;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/// An agent as it gives what it has to the one that takes over from it.
final class AgentGiver implements Giver {

    private final SyncLoop sync;
    private final Predicate<HandedSocket> given;
    private final Runnable onLeft;

    /// @param given what of the open files is of use to another process
    /// @param onLeft lets go of what only one agent can have
    AgentGiver(SyncLoop sync, Predicate<HandedSocket> given, Runnable onLeft) {
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
    public boolean gives(HandedSocket socket) {
        return given.test(socket);
    }

    @Override
    public void left() {
        onLeft.run();
    }
}
