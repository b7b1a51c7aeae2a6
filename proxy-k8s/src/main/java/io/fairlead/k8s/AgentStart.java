package io.fairlead.k8s;

import static java.util.Objects.requireNonNull;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.status.BuildInfo;
import io.fairlead.k8s.status.InheritedPorts;
import io.fairlead.k8s.status.NodeEligibility;
import io.fairlead.k8s.status.StatusServers;
import io.fairlead.k8s.sync.SyncLoop;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The start of one agent: from manifests, from an API server, or in the place of another agent.
///
/// Of one thread, and once. What was opened is closed again where it fails.
final class AgentStart {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentOptions options;
    private final AtomicReference<AgentOptions> current;
    private final Supplier<Map<String, ?>> configz;
    private @Nullable StatusServers status;
    private @Nullable Successor successor;

    AgentStart(AgentOptions options, Function<AgentOptions, ? extends Map<String, ?>> configz) {
        this.options = options;
        this.current = new AtomicReference<>(options);
        this.configz = () -> configz.apply(requireNonNull(current.get()));
    }

    /// @param takeover whether to take over from the agent that runs with the same run directory,
    ///   if one does
    Agent start(boolean takeover) throws AgentException {
        RunDir runDir =
                takeover ? RunDir.takeOrSucceed(options.runDir()) : RunDir.take(options.runDir());
        boolean aside = !runDir.isTaken();
        AgentParts parts = null;
        try {
            parts = AgentParts.open(options, runDir, aside);
            if (aside) {
                return inPlaceOfAnother(parts);
            }
            return options.source().isLocal() ? fromManifests(parts) : fromApi(parts);
        } catch (AgentException | IOException | IllegalStateException e) {
            if (successor != null) {
                successor.giveUp();
            }
            if (parts != null) {
                parts.close(status);
            }
            throw e instanceof AgentException known
                    ? known
                    : new AgentException(
                            e instanceof IOException io
                                    ? FailedIo.reason(io)
                                    : String.valueOf(e.getMessage()),
                            e);
        }
    }

    private Agent inPlaceOfAnother(AgentParts parts) throws AgentException, IOException {
        tellVersion();
        LOG.info("another agent serves; this one takes over once it has what to serve");
        List<CaptureFailure> _ = awaitFirst(parts.sync());
        Successor from = new Successor(parts.runDir(), parts.plane(), parts.sync());
        successor = from;
        InheritedPorts ports = from.ask();
        StatusServers servers = openStatus(parts, ports);
        List<CaptureFailure> failures = from.serve();
        from.dropRest();
        Agent agent = new Agent(parts, servers, current, from);
        agent.begin();
        tellServing(parts.plane(), failures);
        parts.sync().events().offer(starting());
        return agent;
    }

    private Agent fromManifests(AgentParts parts) throws AgentException, IOException {
        List<CaptureFailure> failures = awaitFirst(parts.sync());
        // Not before: a second agent by mistake has one thing to say, and no port to take.
        tellVersion();
        StatusServers servers = openStatus(parts, InheritedPorts.none());
        Agent agent = new Agent(parts, servers, current, null);
        agent.begin();
        tellServing(parts.plane(), failures);
        return agent;
    }

    private Agent fromApi(AgentParts parts) throws IOException {
        tellVersion();
        LOG.info("node {} waits for the first state of the cluster", options.nodeName());
        StatusServers servers = openStatus(parts, InheritedPorts.none());
        Agent agent = new Agent(parts, servers, current, null);
        agent.begin();
        var _ = parts.sync().first().whenComplete((failures, _) -> onFirst(parts, failures));
        return agent;
    }

    private static void tellVersion() {
        BuildInfo build = BuildInfo.read();
        LOG.info("fairlead {} ({}), Java {}", build.version(), build.commit(), Runtime.version());
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

    private void onFirst(AgentParts parts, @Nullable List<CaptureFailure> failures) {
        if (failures != null) {
            failures.stream()
                    .filter(CaptureFailure::isByAnotherAgent)
                    .findFirst()
                    .ifPresent(f -> LOG.error("{}", byAnother(f)));
            tellServing(parts.plane(), failures);
            parts.sync().events().offer(starting());
        }
    }

    private static String byAnother(CaptureFailure failure) {
        return failure.frontend().at()
                + " is already served by "
                + failure.holder()
                + "; stop that one first";
    }

    private StatusServers openStatus(AgentParts parts, InheritedPorts ports) throws IOException {
        // Nodes may be missing among manifests; then nothing says that this one is to go. An API
        // server has the Node, or the node is gone.
        NodeEligibility node = new NodeEligibility(options.nodeName(), options.source().isLocal());
        StatusServers servers =
                StatusServers.start(
                        options.status(),
                        node,
                        parts.sync(),
                        parts.plane(),
                        configz,
                        parts.source(),
                        ports);
        status = servers;
        return servers;
    }

    private void tellServing(DataPlane plane, List<CaptureFailure> failures) {
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

    /// As kube-proxy announces itself (SEMANTICS A1.13).
    private ClusterEvent starting() {
        return new ClusterEvent(
                new ObjectKey(ObjectKey.Kind.NODE, new ObjectName("", options.nodeName())),
                ClusterEvent.Severity.NORMAL,
                "Starting",
                "StartFairlead",
                "Fairlead serves the Services of this node");
    }
}
