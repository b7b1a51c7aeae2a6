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
import io.fairlead.k8s.watch.StateSource;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's agent: a source of cluster states at one end, the data plane at the other.
public final class Agent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final RunDir runDir;
    private final DataPlane plane;
    private final SyncLoop sync;
    private final StatusServers status;
    private final StateSource source;

    private Agent(
            RunDir runDir,
            DataPlane plane,
            SyncLoop sync,
            StatusServers status,
            StateSource source) {
        this.runDir = runDir;
        this.plane = plane;
        this.sync = sync;
        this.status = status;
        this.source = source;
    }

    /// Starts; with a folder, returns when its Services are served.
    ///
    /// The API server may be away: then the agent waits for it in the background and serves as soon
    /// as it can.
    ///
    /// @throws AgentException when it cannot serve at all; one line that says why
    public static Agent start(AgentOptions options) throws AgentException {
        RunDir runDir = RunDir.take(options.runDir());
        DataPlane plane = null;
        SyncLoop sync = null;
        StatusServers status = null;
        StateSource source = null;
        try {
            plane = DataPlane.start(options.threads());
            sync =
                    new SyncLoop(
                            new Localiser(localOptions(options)),
                            plane,
                            LoopbackPlacement.ofThisMachine());
            source = options.source().opener().open(sync::offer, options.watch(), options.runDir());
            if (options.source().isLocal()) {
                List<CaptureFailure> failures = awaitFirst(sync);
                // Not before: a second agent by mistake has one thing to say, and no port to take.
                status = status(options, sync, plane, source);
                Agent agent = new Agent(runDir, plane, sync, status, source);
                agent.tellServing(options, failures);
                return agent;
            }
            LOG.info("node {} waits for the first state of the cluster", options.nodeName());
            status = status(options, sync, plane, source);
            Agent agent = new Agent(runDir, plane, sync, status, source);
            var _ = sync.first().whenComplete((failures, _) -> agent.onFirst(failures, options));
            return agent;
        } catch (AgentException | IOException | IllegalStateException e) {
            closeAll(source, status, sync, plane, runDir);
            throw e instanceof AgentException known
                    ? known
                    : new AgentException(
                            e instanceof IOException io
                                    ? FailedIo.reason(io)
                                    : String.valueOf(e.getMessage()),
                            e);
        }
    }

    private void tellServing(AgentOptions options, List<CaptureFailure> failures) {
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
    }

    private void onFirst(@Nullable List<CaptureFailure> failures, AgentOptions options) {
        if (failures != null) {
            failures.stream()
                    .filter(CaptureFailure::isByAnotherAgent)
                    .findFirst()
                    .ifPresent(f -> LOG.error("{}", byAnother(f)));
            tellServing(options, failures);
        }
    }

    private static String byAnother(CaptureFailure failure) {
        return failure.frontend().at()
                + " is already served by "
                + failure.holder()
                + "; stop that one first";
    }

    /// Nodes may be missing among manifests; then nothing says that this one is to go. An API
    /// server has the Node, or the node is gone.
    private static StatusServers status(
            AgentOptions options, SyncLoop sync, DataPlane plane, StateSource source) {
        NodeEligibility node = new NodeEligibility(options.nodeName(), options.source().isLocal());
        return StatusServers.start(
                options.status(), node, sync, plane, source, options.effective());
    }

    private static LocalOptions localOptions(AgentOptions options) {
        // With listeners on loopback alone, nobody but this machine can reach what is served; but
        // the objects of an API server are others' to write.
        return LocalOptions.forNode(options.nodeName())
                .withDefaultBalancing(Balancing.of(options.balance()))
                .withAllowLoopbackBackends(options.source().isLocal())
                .withServiceProxyName(options.serviceProxyName());
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
                throw new AgentException(byAnother(taken.get()));
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
        closeAll(source, status, sync, plane, runDir);
    }

    /// In the order of the flow: no new state, no change under way, then the data plane.
    private static void closeAll(
            @Nullable StateSource source,
            @Nullable StatusServers status,
            @Nullable SyncLoop sync,
            @Nullable DataPlane plane,
            RunDir runDir) {
        try (runDir;
                plane;
                sync;
                status;
                source) {
            LOG.debug("closing");
        } catch (IOException e) {
            LOG.debug("the source could not be closed", e);
        }
    }
}
