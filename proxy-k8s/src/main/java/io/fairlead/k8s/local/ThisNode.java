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
/// @param network what the API tells of the node's network
record ThisNode(
        LocalOptions options,
        @Nullable String zone,
        List<IpAddress> addresses,
        NodeNetwork network) {

    static ThisNode of(ClusterState state, LocalOptions options) {
        NodeTopology node = state.node(options.nodeName());
        List<IpAddress> addresses = node == null ? List.of() : node.addresses();
        List<Cidr> ownPods = node == null ? List.of() : node.podCidrs();
        NodeNetwork network =
                NodeNetwork.at(Set.copyOf(addresses))
                        .withNodePortAddresses(nodePortAddresses(addresses, options))
                        .withServiceCidrs(state.serviceCidrs())
                        .withPodCidrs(ownPods, ownPods);
        return new ThisNode(options, node == null ? null : node.zone(), addresses, network);
    }

    boolean is(@Nullable String nodeName) {
        return options.nodeName().equals(nodeName);
    }

    /// Where NodePorts are served: the node's primary addresses without loopback (SEMANTICS A7.2).
    private static Set<IpAddress> nodePortAddresses(
            List<IpAddress> addresses, LocalOptions options) {
        return addresses.stream()
                .filter(a -> !a.isAny())
                .filter(a -> options.allowLoopbackBackends() || !a.isLoopback())
                .collect(Collectors.toUnmodifiableSet());
    }
}
