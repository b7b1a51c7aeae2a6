package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a node stands, and whether it stays.
///
/// @param zone label `topology.kubernetes.io/zone`; null without it
/// @param addresses its InternalIP and ExternalIP addresses, in the order written
/// @param podCidrs the ranges of the pods it runs
/// @param leaving whether it is being deleted, or the cluster autoscaler says that it will be
public record NodeTopology(
        String name,
        @Nullable String zone,
        List<IpAddress> addresses,
        List<Cidr> podCidrs,
        boolean leaving)
        implements ClusterObject {

    public NodeTopology {
        addresses = List.copyOf(addresses);
        podCidrs = List.copyOf(podCidrs);
    }

    @Override
    public ObjectKey key() {
        return new ObjectKey(ObjectKey.Kind.NODE, new ObjectName("", name));
    }
}
