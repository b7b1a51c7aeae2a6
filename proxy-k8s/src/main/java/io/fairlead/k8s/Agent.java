package io.fairlead.k8s;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.status.NodeEligibility;
import io.fairlead.k8s.status.StatusServers;
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
    private final StatusServers status;
    private final ManifestFolder folder;

    private Agent(
            RunDir runDir,
            DataPlane plane,
            SyncLoop sync,
            StatusServers status,
            ManifestFolder folder) {
        this.runDir = runDir;
        this.plane = plane;
        this.sync = sync;
        this.status = status;
        this.folder = folder;
    }

    /// Starts and returns when the Services of the folder are served.
    ///
    /// @throws AgentException when it cannot serve at all; one line that says why
    public static Agent start(AgentOptions options) throws AgentException {
        RunDir runDir = RunDir.take(options.runDir());
        DataPlane plane = null;
        SyncLoop sync = null;
        StatusServers status = null;
        ManifestFolder folder = null;
        try {
            plane = DataPlane.start(options.threads());
            sync =
                    new SyncLoop(
                            new Localiser(localOptions(options)),
                            plane,
                            LoopbackPlacement.ofThisMachine());
            folder = ManifestFolder.watch(options.manifests(), sync::offer);
            List<CaptureFailure> failures = awaitFirst(sync);
            // Not before: a second agent by mistake has one thing to say, and no port to take.
            status = status(options, sync, plane);
            Agent agent = new Agent(runDir, plane, sync, status, folder);
            LOG.info(
                    "node {} serves {} Services at {} addresses; transport {}, {} event loops;"
                            + " capture {}",
                    options.nodeName(),
                    plane.view().stream()
                            .map(e -> e.port().name().qualifiedService())
                            .distinct()
                            .count(),
                    plane.frontends() - failures.size(),
                    plane.transport(),
                    options.threads(),
                    plane.captureDescription());
            return agent;
        } catch (AgentException | IOException | IllegalStateException e) {
            closeAll(folder, status, sync, plane, runDir);
            throw e instanceof AgentException known
                    ? known
                    : new AgentException(
                            e instanceof IOException io
                                    ? FailedIo.reason(io)
                                    : String.valueOf(e.getMessage()),
                            e);
        }
    }

    /// Nodes may be missing among manifests; then nothing says that this one is to go.
    private static StatusServers status(AgentOptions options, SyncLoop sync, DataPlane plane) {
        NodeEligibility node = new NodeEligibility(options.nodeName(), true);
        return StatusServers.start(options.status(), node, sync, plane, options.effective());
    }

    private static LocalOptions localOptions(AgentOptions options) {
        // With listeners on loopback alone, nobody but this machine can reach what is served.
        return LocalOptions.forNode(options.nodeName())
                .withDefaultBalancing(Balancing.of(options.balance()))
                .withAllowLoopbackBackends(true);
    }

    /// The first state is served, unless another agent serves it.
    ///
    /// @return what of it cannot be captured
    private static List<CaptureFailure> awaitFirst(SyncLoop sync) throws AgentException {
        try {
            List<CaptureFailure> failures = sync.first().get();
            Optional<CaptureFailure> taken =
                    failures.stream().filter(CaptureFailure::isByAnotherAgent).findFirst();
            if (taken.isPresent()) {
                throw new AgentException(
                        taken.get().frontend().at()
                                + " is already served by "
                                + taken.get().holder()
                                + "; stop that one first");
            }
            return failures;
        } catch (InterruptedException | ExecutionException e) {
            throw new AgentException("cannot start: " + e.getMessage(), e);
        }
    }

    /// What it serves with.
    public DataPlane dataPlane() {
        return plane;
    }

    /// What answers for it over HTTP.
    public StatusServers status() {
        return status;
    }

    /// The problems there are, sorted.
    public List<Problem> problems() {
        return sync.problems().current();
    }

    /// Stops serving: refuses new clients, then closes what is open.
    @Override
    public void close() {
        LOG.info("stops; {} flows were open", plane.liveFlows());
        closeAll(folder, status, sync, plane, runDir);
    }

    /// In the order of the flow: no new state, no change under way, then the data plane.
    private static void closeAll(
            @Nullable ManifestFolder folder,
            @Nullable StatusServers status,
            @Nullable SyncLoop sync,
            @Nullable DataPlane plane,
            RunDir runDir) {
        try (runDir;
                plane;
                sync;
                status;
                folder) {
            LOG.debug("closing");
        } catch (IOException e) {
            LOG.debug("the folder of manifests could not be closed", e);
        }
    }
}
