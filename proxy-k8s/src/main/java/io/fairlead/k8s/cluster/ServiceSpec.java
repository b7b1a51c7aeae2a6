package io.fairlead.k8s.cluster;

import java.util.List;

/// A Service as its author and the control plane wrote it, with readable values only: what could
/// not be read was reported and left out.
public record ServiceSpec(
        ObjectName name,
        ServiceTraits traits,
        ServiceType type,
        ServiceAddresses addresses,
        List<ServicePortSpec> ports,
        ServicePolicy policy)
        implements ClusterObject {

    public ServiceSpec {
        ports = List.copyOf(ports);
    }

    @Override
    public ObjectKey key() {
        return new ObjectKey(ObjectKey.Kind.SERVICE, name);
    }
}
