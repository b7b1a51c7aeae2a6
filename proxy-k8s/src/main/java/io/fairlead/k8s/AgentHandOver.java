package io.fairlead.k8s;

import io.fairlead.core.handover.Giver;
import io.fairlead.core.handover.HandOverServer;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.k8s.status.StatusServers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How another agent takes over from this one: waited for from the start on, it is given
/// everything, and then this one lets go of what only one can have.
final class AgentHandOver implements Giver, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /// For an agent that is about to take over: a slow API server may keep it that long from having
    /// a state. Supervisors wait for 330 s, of which flows have 300.
    private static final Duration SUCCESSOR_PATIENCE = Duration.ofSeconds(25);

    private final AgentParts parts;
    private final StatusServers status;
    private final AgentAdmin admin;
    private final CompletableFuture<Void> succeeded = new CompletableFuture<>();
    private @Nullable HandOverServer server;

    AgentHandOver(AgentParts parts, StatusServers status, AgentAdmin admin) {
        this.parts = parts;
        this.status = status;
        this.admin = admin;
    }

    /// Lets others take over.
    void open() {
        try {
            server =
                    HandOverServer.listen(
                            parts.runDir().path(),
                            this,
                            parts.plane().estate(),
                            HandOverServer.Patience.DEFAULT);
        } catch (IOException e) {
            LOG.warn(
                    "no agent can take over from this one without interruption: {}",
                    FailedIo.reason(e));
        }
    }

    /// Completes when another agent has taken over.
    CompletableFuture<Void> succeeded() {
        return succeeded;
    }

    /// Whether another agent has taken over, or does so now: one that is about to is waited for,
    /// for nobody would serve between the two.
    ///
    /// @param hurried whether not to wait any longer
    boolean isTakenOver(BooleanSupplier hurried) {
        HandOverServer open = server;
        if (open == null) {
            return false;
        }
        long deadline = System.nanoTime() + SUCCESSOR_PATIENCE.toNanos();
        boolean told = false;
        while (!open.isOver()
                && !hurried.getAsBoolean()
                && System.nanoTime() < deadline
                && parts.runDir().hasSuccessor()) {
            if (!told) {
                told = true;
                LOG.info("another agent is about to take over: this one serves until it does");
            }
            RunDir.pause();
        }
        return open.settle();
    }

    @Override
    public long namespace() {
        return NetworkNamespace.inode();
    }

    @Override
    public boolean hold(Runnable exchange) {
        try {
            return parts.sync()
                    .call(() -> {
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

    /// The page of this agent's administration is its own.
    @Override
    public boolean gives(HandedSocket socket) {
        return socket.kind() != HandedSocket.Kind.OTHER
                || admin.pageAddress().filter(at -> at.getPort() == socket.port()).isEmpty();
    }

    @Override
    public void left() {
        status.mute();
        admin.closeDoors();
        parts.closeSource();
        parts.sync().close();
        parts.runDir().close();
        var _ = succeeded.complete(null);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
