package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Cidr;
import java.util.List;

/// Ranges from which the cluster allocates cluster IPs.
public record ServiceCidr(String name, List<Cidr> ranges) implements ClusterObject {

    public ServiceCidr {
        ranges = List.copyOf(ranges);
    }

    @Override
    public ObjectKey key() {
        return new ObjectKey(ObjectKey.Kind.SERVICE_CIDR, new ObjectName("", name));
    }
}
