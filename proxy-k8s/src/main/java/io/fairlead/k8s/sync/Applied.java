package io.fairlead.k8s.sync;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.local.LocalView;
import java.util.List;
import java.util.Set;

/// What is served, and from which state of the cluster.
///
/// @param generation counts the states applied; 0 before the first
/// @param nodeAddresses where NodePorts stand on this machine
public record Applied(
        long generation, ClusterState state, LocalView view, Set<IpAddress> nodeAddresses) {

    static final Applied NOTHING =
            new Applied(
                    0,
                    ClusterState.EMPTY,
                    new LocalView(ServiceSnapshot.EMPTY, null, List.of(), List.of(), List.of()),
                    Set.of());

    public Applied {
        nodeAddresses = Set.copyOf(nodeAddresses);
    }
}
