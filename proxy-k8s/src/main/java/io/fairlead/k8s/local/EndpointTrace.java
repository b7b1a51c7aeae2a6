package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ProblemList;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Why each endpoint of a service port may or may not be used by this node: the sets of
/// [EndpointSets] with their reasons, for people who ask.
///
/// @param endpoints all of them, sorted by address
/// @param followed which hints narrow the choice, such as `zone a`; null where none do
/// @param ignored why hints that exist are not followed; null when they are, or there are none
public record EndpointTrace(
        List<Judged> endpoints, @Nullable String followed, @Nullable String ignored) {

    /// One endpoint.
    ///
    /// @param node where it runs; empty where that is not known
    /// @param state `ready`, `terminating` or `not ready`
    /// @param cluster why it is not among those for clients that may go to any node; null if it is
    /// @param local why it is not among those for clients that must stay here; null if it is
    public record Judged(
            AddressPort at,
            String node,
            String state,
            @Nullable String cluster,
            @Nullable String local) {}

    /// Nothing is known of it.
    public static final EndpointTrace NONE = new EndpointTrace(List.of(), null, null);

    public EndpointTrace {
        endpoints = List.copyOf(endpoints);
    }

    /// The trace of a service port by the rules that made its sets.
    public static EndpointTrace of(ClusterState state, ServicePortName port, LocalOptions options) {
        ObjectName name = new ObjectName(port.namespace(), port.service());
        ServiceSpec service = state.services().get(name);
        List<EndpointSliceSpec> slices = state.slicesByService().get(name);
        if (service == null || slices == null) {
            return NONE;
        }
        ThisNode node = ThisNode.of(state, options);
        List<Candidate> all =
                SliceEndpoints.of(
                                Selection.usable(slices),
                                node,
                                ServiceRules.mayUseLoopback(service, node),
                                new ProblemList())
                        .candidates(port.port(), port.protocol(), port.family());
        TopologyMode mode = TopologyMode.of(all.stream().filter(Candidate::isReady).toList(), node);
        EndpointSets sets = EndpointSets.of(all, node);
        List<Judged> judged = new ArrayList<>();
        for (Candidate candidate : all) {
            judged.add(
                    new Judged(
                            candidate.at(),
                            candidate.facts().nodeName() == null
                                    ? ""
                                    : candidate.facts().nodeName(),
                            state(candidate),
                            sets.cluster().contains(candidate) ? null : notAny(candidate, mode),
                            sets.local().contains(candidate) ? null : notLocal(candidate)));
        }
        return new EndpointTrace(
                judged,
                mode.kind() == null ? null : mode.kind() + " " + mode.name(),
                sets.hintsIgnored());
    }

    private static String state(Candidate candidate) {
        if (candidate.isReady()) {
            return "ready";
        }
        return candidate.isServingTerminating() ? "terminating" : "not ready";
    }

    private static String notAny(Candidate candidate, TopologyMode mode) {
        if (!candidate.isReady()) {
            return notReady(candidate);
        }
        Endpoint.Hints hints = candidate.facts().hints();
        return "hinted for "
                + mode.kind()
                + " "
                + String.join(
                        ", ",
                        new TreeSet<>("node".equals(mode.kind()) ? hints.nodes() : hints.zones()))
                + ", not for "
                + mode.name();
    }

    private static String notLocal(Candidate candidate) {
        if (!candidate.local()) {
            return candidate.facts().nodeName() == null
                    ? "on no known node"
                    : "on node " + candidate.facts().nodeName() + ", not on this one";
        }
        return notReady(candidate);
    }

    private static String notReady(Candidate candidate) {
        return candidate.isServingTerminating()
                ? "it terminates, and others are ready"
                : "neither ready nor serving";
    }
}
