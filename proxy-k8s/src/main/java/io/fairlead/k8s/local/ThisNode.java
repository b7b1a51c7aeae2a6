package io.fairlead.k8s.local;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.NodeTopology;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The node for which a view is made, and all of the cluster beside a Service's own objects on
/// which the result for that Service depends.
///
/// @param addresses all addresses of the Node object
record ThisNode(LocalOptions options, @Nullable String zone, List<IpAddress> addresses) {

    static ThisNode of(ClusterState state, LocalOptions options) {
        NodeTopology node = state.node(options.nodeName());
        return node == null
                ? new ThisNode(options, null, List.of())
                : new ThisNode(options, node.zone(), node.addresses());
    }

    boolean is(@Nullable String nodeName) {
        return options.nodeName().equals(nodeName);
    }

    /// The network of the node as far as the API tells it: the machine knows more.
    NodeNetwork network(ClusterState state) {
        NodeTopology node = state.node(options.nodeName());
        List<Cidr> ownPods = node == null ? List.of() : node.podCidrs();
        return NodeNetwork.at(Set.copyOf(addresses))
                .withNodePortAddresses(nodePortAddresses())
                .withServiceCidrs(state.serviceCidrs())
                .withPodCidrs(ownPods, ownPods);
    }

    /// Where NodePorts are served: the node's primary addresses without loopback (SEMANTICS A7.2).
    private Set<IpAddress> nodePortAddresses() {
        return addresses.stream()
                .filter(a -> !a.isAny())
                .filter(a -> options.allowLoopbackBackends() || !a.isLoopback())
                .collect(Collectors.toUnmodifiableSet());
    }
}
