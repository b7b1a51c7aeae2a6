package io.fairlead.k8s.status;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.NodeTopology;

/// Whether load balancers should send new clients to this node (SEMANTICS A12b): not to one that is
/// about to go, nor to one that is not known.
///
/// @param mayBeUnknown whether a source without any Node is no reason to keep clients away
public record NodeEligibility(String nodeName, boolean mayBeUnknown) {

    boolean test(ClusterState state) {
        NodeTopology node = state.node(nodeName);
        return node == null ? mayBeUnknown && state.nodes().isEmpty() : !node.leaving();
    }
}
