package io.fairlead.k8s;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.capture.PortHolder;
import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.watch.ManifestFolder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's agent: a folder of manifests at one end, the data plane at the other.
public final class Agent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final RunDir runDir;
    private final DataPlane plane;
    private final SyncLoop sync;
    private final ManifestFolder folder;

    private Agent(RunDir runDir, DataPlane plane, SyncLoop sync, ManifestFolder folder) {
        this.runDir = runDir;
        this.plane = plane;
        this.sync = sync;
        this.folder = folder;
    }

    /// Starts and returns when the Services of the folder are served.
    ///
    /// @throws AgentException when it cannot serve at all; one line that says why
    public static Agent start(AgentOptions options) throws AgentException {
        RunDir runDir = RunDir.take(options.runDir());
        DataPlane plane = null;
        SyncLoop sync = null;
        try {
            plane = DataPlane.start(options.threads());
            LOG.info(
                    "node {}; transport {}, {} event loops; capture {}",
                    options.nodeName(),
                    plane.transport(),
                    options.threads(),
                    plane.captureDescription());
            sync =
                    new SyncLoop(
                            new Localiser(localOptions(options)),
                            plane,
                            LoopbackPlacement.ofThisMachine());
            ManifestFolder folder = ManifestFolder.watch(options.manifests(), sync::offer);
            Agent agent = new Agent(runDir, plane, sync, folder);
            agent.awaitFirst();
            return agent;
        } catch (IOException | IllegalStateException e) {
            close(sync, plane, runDir);
            throw new AgentException(String.valueOf(e.getMessage()), e);
        }
    }

    private static LocalOptions localOptions(AgentOptions options) {
        // With listeners on loopback alone, nobody but this machine can reach what is served.
        return LocalOptions.forNode(options.nodeName())
                .withDefaultBalancing(Balancing.of(options.balance()))
                .withAllowLoopbackBackends(true);
    }

    /// The first state is served, unless another agent serves it.
    private void awaitFirst() throws AgentException {
        try {
            Optional<CaptureFailure> taken =
                    sync.first().get().stream().filter(f -> byAnotherAgent(f)).findFirst();
            if (taken.isPresent()) {
                close();
                throw new AgentException(taken.get().message() + "; stop that one first");
            }
        } catch (InterruptedException | ExecutionException e) {
            close();
            throw new AgentException("cannot start: " + e.getMessage(), e);
        }
    }

    private static boolean byAnotherAgent(CaptureFailure failure) {
        PortHolder holder = failure.holder();
        return holder != null && holder.isAgent();
    }

    /// What it serves with.
    public DataPlane dataPlane() {
        return plane;
    }

    /// The problems there are, sorted.
    public List<Problem> problems() {
        return sync.problems().current();
    }

    /// Stops serving: refuses new clients, then closes what is open.
    @Override
    public void close() {
        try {
            folder.close();
        } catch (IOException e) {
            LOG.debug("closing the folder of manifests", e);
        }
        close(sync, plane, runDir);
    }

    private static void close(@Nullable SyncLoop sync, @Nullable DataPlane plane, RunDir runDir) {
        if (sync != null) {
            sync.close();
        }
        if (plane != null) {
            plane.close();
        }
        runDir.close();
    }
}
