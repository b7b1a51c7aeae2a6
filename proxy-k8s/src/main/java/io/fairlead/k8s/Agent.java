package io.fairlead.k8s;

import static java.util.Objects.requireNonNull;

import io.fairlead.core.DataPlane;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.status.StatusServers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's agent: a source of cluster states at one end, the data plane at the other.
public final class Agent implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentParts parts;
    private final StatusServers status;
    private final AtomicReference<AgentOptions> options;
    private final AgentAdmin admin;
    private final AgentHandOver handOver;
    private final @Nullable Successor predecessor;

    /// @param options as they are now; changed by [#reconfigure] alone
    /// @param predecessor by which it took over from another; null where it did not
    Agent(
            AgentParts parts,
            StatusServers status,
            AtomicReference<AgentOptions> options,
            @Nullable Successor predecessor) {
        this.parts = parts;
        this.status = status;
        this.options = options;
        this.predecessor = predecessor;
        this.admin = new AgentAdmin(options(), parts, () -> rules(options()));
        this.handOver = new AgentHandOver(parts, status, admin);
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
        return new AgentStart(options, configz).start(takeover);
    }

    /// Opens what only one agent can have, and lets others take over.
    void begin() {
        admin.open();
        handOver.open();
        parts.runDir().started();
        if (predecessor != null) {
            predecessor.followCounts();
        }
    }

    private AgentOptions options() {
        return requireNonNull(options.get());
    }

    private LocalOptions rules(AgentOptions by) {
        return new PartOptions(by, parts.mode()).local();
    }

    /// Completes when another agent has taken over from this one, which only has to [#drain] and
    /// [#close].
    public CompletableFuture<Void> succeeded() {
        return handOver.succeeded();
    }

    /// Takes what can change in place: the policy of Services that name none, the times of syncs,
    /// how long empty lists are held, flows of datagrams. Any thread.
    public void reconfigure(AgentOptions next) {
        options.set(next);
        parts.sync().reconfigure(rules(next), next.sync());
        parts.source().reconfigure(next.watch());
        parts.plane().reconfigure(next.udp());
    }

    /// What it serves with.
    public DataPlane dataPlane() {
        return parts.plane();
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
        return parts.sync().problems().current();
    }

    /// What of ours is left in the kernel after [#close], one line each.
    public List<String> leftovers() {
        return parts.plane().leftovers();
    }

    /// Tells load balancers to go elsewhere, refuses new clients, and waits for open flows to end,
    /// for as long as the options say. What is served changes no more. To be followed by [#close].
    ///
    /// @param hurried whether not to wait any longer
    public void drain(BooleanSupplier hurried) {
        if (handOver.isTakenOver(hurried)) {
            drainBeside(hurried);
            return;
        }
        status.leave();
        parts.closeSource();
        parts.sync().close();
        parts.plane().refuseNew();
        long flows = parts.plane().liveFlows();
        if (flows == 0) {
            return;
        }
        Duration most = options().flows().stopDrain();
        LOG.info(
                "refuses new clients; {} flows may go on for {} s, another signal cuts them",
                flows,
                most.toSeconds());
        FlowDrain.await(parts.plane(), most, hurried);
    }

    private void drainBeside(BooleanSupplier hurried) {
        long flows = parts.plane().liveFlows();
        Duration most = options().flows().stopDrain();
        LOG.info("another agent serves; {} flows may go on here for {} s", flows, most.toSeconds());
        // Health checks that this one has accepted have their answer within that time.
        FlowDrain.pause();
        status.close();
        FlowDrain.await(parts.plane(), most, hurried);
    }

    /// Stops serving: refuses new clients, then closes what is open.
    @Override
    public void close() {
        long flows = parts.plane().liveFlows();
        if (flows == 0) {
            LOG.info("stops; no flow was open");
        } else {
            LOG.info("stops; {} flows were open and are cut", flows);
        }
        if (predecessor != null) {
            predecessor.close();
        }
        handOver.close();
        admin.close();
        parts.close(status);
    }
}
