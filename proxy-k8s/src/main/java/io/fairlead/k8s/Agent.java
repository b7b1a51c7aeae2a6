package io.fairlead.k8s;

import static java.util.Objects.requireNonNull;

import io.fairlead.core.DataPlane;
import io.fairlead.core.PlaneOptions;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.handover.HandOverServer;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.status.BuildInfo;
import io.fairlead.k8s.status.InheritedPorts;
import io.fairlead.k8s.status.NodeEligibility;
import io.fairlead.k8s.status.StatusServers;
import io.fairlead.k8s.sync.Placement;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.watch.ApiScope;
import io.fairlead.k8s.watch.EventQueue;
import io.fairlead.k8s.watch.StateSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's agent: a source of cluster states at one end, the data plane at the other.
public final class Agent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    /// For an agent that is about to take over: a slow API server may keep it that long from having
    /// a state. Supervisors wait for 330 s, of which flows have 300.
    private static final Duration SUCCESSOR_PATIENCE = Duration.ofSeconds(25);

    private final RunDir runDir;
    private final DataPlane plane;
    private final SyncLoop sync;
    private final StatusServers status;
    private final StateSource source;
    private final CaptureMode mode;
    private final AtomicReference<AgentOptions> options;
    private final AgentAdmin admin;

    /// Completes when another agent has taken over from this one.
    private final CompletableFuture<Void> succeeded = new CompletableFuture<>();

    private @Nullable HandOverServer successors;
    private @Nullable Successor predecessor;

    private Agent(
            RunDir runDir,
            DataPlane plane,
            SyncLoop sync,
            StatusServers status,
            StateSource source,
            AtomicReference<AgentOptions> options,
            CaptureMode mode) {
        this.mode = mode;
        this.runDir = runDir;
        this.plane = plane;
        this.sync = sync;
        this.status = status;
        this.source = source;
        this.options = options;
        this.admin =
                new AgentAdmin(
                        requireNonNull(options.get()),
                        plane,
                        sync,
                        source,
                        () -> localOptions(requireNonNull(options.get()), mode));
    }

    /// Starts; with a folder, returns when its Services are served.
    ///
    /// The API server may be away: then the agent waits for it in the background and serves as soon
    /// as it can.
    ///
    /// @throws AgentException when it cannot serve at all; one line that says why
    public static Agent start(AgentOptions options) throws AgentException {
        return start(options, _ -> Map.of());
    }

    /// The same.
    ///
    /// @param configz what `/configz` tells of the options as they are then
    public static Agent start(
            AgentOptions options, Function<AgentOptions, ? extends Map<String, ?>> configz)
            throws AgentException {
        return start(options, configz, false);
    }

    /// The same; returns when its Services are served.
    ///
    /// @param takeover whether to take over from the agent that runs with the same run directory,
    ///   if one does, once there is a state to serve
    public static Agent start(
            AgentOptions options,
            Function<AgentOptions, ? extends Map<String, ?>> configz,
            boolean takeover)
            throws AgentException {
        AtomicReference<AgentOptions> current = new AtomicReference<>(options);
        Supplier<Map<String, ?>> description = () -> configz.apply(current.get());
        RunDir runDir =
                takeover ? RunDir.takeOrSucceed(options.runDir()) : RunDir.take(options.runDir());
        boolean aside = !runDir.isTaken();
        Successor successor = null;
        DataPlane plane = null;
        SyncLoop sync = null;
        StatusServers status = null;
        StateSource source = null;
        try {
            FirstState states = new FirstState();
            source =
                    options.source()
                            .open(
                                    new ApiScope(options.nodeName(), options.serviceProxyName()),
                                    states,
                                    options.watch(),
                                    options.runDir());
            CaptureMode mode = mode(options, states);
            plane =
                    aside
                            ? DataPlane.startAside(planeOptions(options, mode))
                            : DataPlane.start(planeOptions(options, mode));
            EventQueue events = new EventQueue(!options.source().isLocal());
            sync =
                    new SyncLoop(
                            options.sync(),
                            new Localiser(localOptions(options, mode)),
                            plane,
                            placement(options, mode),
                            events);
            states.handOver(sync::offer);
            source.publish(events);
            if (aside) {
                tellVersion();
                LOG.info("another agent serves; this one takes over once it has what to serve");
                List<CaptureFailure> _ = awaitFirst(sync);
                successor = new Successor(runDir, plane, sync);
                InheritedPorts ports = successor.ask();
                status = status(options, sync, plane, source, description, ports);
                List<CaptureFailure> failures = successor.serve();
                successor.dropRest();
                Agent agent = new Agent(runDir, plane, sync, status, source, current, mode);
                agent.begin(successor);
                agent.tellServing(options, failures);
                events.offer(starting(options));
                return agent;
            }
            if (options.source().isLocal()) {
                List<CaptureFailure> failures = awaitFirst(sync);
                // Not before: a second agent by mistake has one thing to say, and no port to take.
                tellVersion();
                status = status(options, sync, plane, source, description, InheritedPorts.none());
                Agent agent = new Agent(runDir, plane, sync, status, source, current, mode);
                agent.begin(null);
                agent.tellServing(options, failures);
                return agent;
            }
            tellVersion();
            LOG.info("node {} waits for the first state of the cluster", options.nodeName());
            status = status(options, sync, plane, source, description, InheritedPorts.none());
            Agent agent = new Agent(runDir, plane, sync, status, source, current, mode);
            agent.begin(null);
            var _ = sync.first().whenComplete((failures, _) -> agent.onFirst(failures, options));
            return agent;
        } catch (AgentException | IOException | IllegalStateException e) {
            if (successor != null) {
                successor.giveUp();
            }
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

    private static void tellVersion() {
        BuildInfo build = BuildInfo.read();
        LOG.info("fairlead {} ({}), Java {}", build.version(), build.commit(), Runtime.version());
    }

    /// Opens what only one agent can have, and lets others take over.
    private void begin(@Nullable Successor from) {
        predecessor = from;
        admin.open();
        try {
            successors =
                    HandOverServer.listen(
                            runDir.path(),
                            new AgentGiver(sync, this::isGiven, this::letGo),
                            plane.estate(),
                            HandOverServer.Patience.DEFAULT);
        } catch (IOException e) {
            LOG.warn(
                    "no agent can take over from this one without interruption: {}",
                    FailedIo.reason(e));
        }
        runDir.started();
        if (from != null) {
            from.followCounts();
        }
    }

    /// The page of this agent's administration is its own.
    private boolean isGiven(HandedSocket socket) {
        return socket.kind() != HandedSocket.Kind.OTHER
                || admin.pageAddress().filter(at -> at.getPort() == socket.port()).isEmpty();
    }

    /// Another agent serves: what only one can have is free for it when this returns.
    private void letGo() {
        status.mute();
        admin.closeDoors();
        closeSource();
        sync.close();
        runDir.close();
        var _ = succeeded.complete(null);
    }

    /// Completes when another agent has taken over from this one, which only has to [#drain] and
    /// [#close].
    public CompletableFuture<Void> succeeded() {
        return succeeded;
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
            sync.events().offer(starting(options));
        }
    }

    /// As kube-proxy announces itself (SEMANTICS A1.13).
    private static ClusterEvent starting(AgentOptions options) {
        return new ClusterEvent(
                new ObjectKey(ObjectKey.Kind.NODE, new ObjectName("", options.nodeName())),
                ClusterEvent.Severity.NORMAL,
                "Starting",
                "StartFairlead",
                "Fairlead serves the Services of this node");
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
            AgentOptions options,
            SyncLoop sync,
            DataPlane plane,
            StateSource source,
            Supplier<Map<String, ?>> configz,
            InheritedPorts ports)
            throws IOException {
        NodeEligibility node = new NodeEligibility(options.nodeName(), options.source().isLocal());
        return StatusServers.start(options.status(), node, sync, plane, configz, source, ports);
    }

    /// Manifests whose ClusterIPs are all on loopback need no more than that, and leave the machine
    /// as it is.
    private static CaptureMode mode(AgentOptions options, FirstState states) throws AgentException {
        CaptureMode asked = options.capture().mode();
        if (asked != CaptureMode.AUTO || !options.source().isLocal()) {
            return asked;
        }
        try {
            return states.isOnLoopback() ? CaptureMode.LOOPBACK : asked;
        } catch (InterruptedException e) {
            throw new AgentException("cannot start: interrupted", e);
        }
    }

    private static PlaneOptions planeOptions(AgentOptions options, CaptureMode mode) {
        PlaneOptions plane =
                mode == CaptureMode.LOOPBACK
                        ? PlaneOptions.loopback(options.threads())
                        : PlaneOptions.node(options.threads());
        return plane.withCapture(mode)
                .withUdp(options.udp())
                .withTcp(options.flows().tcp())
                .withLoops(options.loops())
                .withAffinityClients(options.flows().affinityClients())
                .withConnect(options.connect(), options.ejection())
                .withKeepClientAddress(
                        mode != CaptureMode.LOOPBACK && options.capture().keepClientAddress());
    }

    private static Placement placement(AgentOptions options, CaptureMode mode) {
        return mode == CaptureMode.LOOPBACK
                ? LoopbackPlacement.ofThisMachine()
                : new NodePlacement(
                        options.capture(),
                        options.status().ports(),
                        options.serviceProxyName() == null);
    }

    private static LocalOptions localOptions(AgentOptions options, CaptureMode mode) {
        // With listeners on loopback alone, nobody but this machine can reach what is served; but
        // the objects of an API server are others' to write.
        return LocalOptions.forNode(options.nodeName())
                .withDefaultBalancing(Balancing.of(options.balance()))
                .withAllowLoopbackBackends(
                        options.source().isLocal() && mode == CaptureMode.LOOPBACK)
                .withServiceProxyName(options.serviceProxyName())
                .withExternalIps(options.capture().externalIps())
                .withFlows(options.flows().rules());
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

    /// Takes what can change in place: the policy of Services that name none, the times of syncs,
    /// how long empty lists are held, flows of datagrams. Any thread.
    public void reconfigure(AgentOptions next) {
        options.set(next);
        sync.reconfigure(localOptions(next, mode), next.sync());
        source.reconfigure(next.watch());
        plane.reconfigure(next.udp());
    }

    /// What it serves with.
    public DataPlane dataPlane() {
        return plane;
    }

    /// What answers for it over HTTP.
    public StatusServers status() {
        return status;
    }

    /// What answers questions of people about it.
    public AgentAdmin admin() {
        return admin;
    }

    /// The problems there are, sorted.
    public List<Problem> problems() {
        return sync.problems().current();
    }

    /// What of ours is left in the kernel after [#close], one line each.
    public List<String> leftovers() {
        return plane.leftovers();
    }

    /// Tells load balancers to go elsewhere, refuses new clients, and waits for open flows to end,
    /// for as long as the options say. What is served changes no more. To be followed by [#close].
    ///
    /// @param hurried whether not to wait any longer
    public void drain(BooleanSupplier hurried) {
        if (isTakenOver(hurried)) {
            drainBeside(hurried);
            return;
        }
        status.leave();
        closeSource();
        sync.close();
        plane.refuseNew();
        long flows = plane.liveFlows();
        if (flows == 0) {
            return;
        }
        Duration most = requireNonNull(options.get()).flows().stopDrain();
        LOG.info(
                "refuses new clients; {} flows may go on for {} s, another signal cuts them",
                flows,
                most.toSeconds());
        FlowDrain.await(plane, most, hurried);
    }

    /// Whether another agent has taken over, or does so now: one that is about to is waited for,
    /// for nobody would serve between the two.
    private boolean isTakenOver(BooleanSupplier hurried) {
        HandOverServer open = successors;
        if (open == null) {
            return false;
        }
        long deadline = System.nanoTime() + SUCCESSOR_PATIENCE.toNanos();
        boolean told = false;
        while (!open.isOver()
                && !hurried.getAsBoolean()
                && System.nanoTime() < deadline
                && runDir.hasSuccessor()) {
            if (!told) {
                told = true;
                LOG.info("another agent is about to take over: this one serves until it does");
            }
            RunDir.pause();
        }
        return open.settle();
    }

    private void drainBeside(BooleanSupplier hurried) {
        long flows = plane.liveFlows();
        Duration most = requireNonNull(options.get()).flows().stopDrain();
        LOG.info("another agent serves; {} flows may go on here for {} s", flows, most.toSeconds());
        // Health checks that this one has accepted have their answer within that time.
        FlowDrain.pause();
        status.close();
        FlowDrain.await(plane, most, hurried);
    }

    private void closeSource() {
        try {
            source.close();
        } catch (IOException e) {
            LOG.debug("the source could not be closed", e);
        }
    }

    /// Stops serving: refuses new clients, then closes what is open.
    @Override
    public void close() {
        long flows = plane.liveFlows();
        if (flows == 0) {
            LOG.info("stops; no flow was open");
        } else {
            LOG.info("stops; {} flows were open and are cut", flows);
        }
        if (predecessor != null) {
            predecessor.close();
        }
        if (successors != null) {
            successors.close();
        }
        admin.close();
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
