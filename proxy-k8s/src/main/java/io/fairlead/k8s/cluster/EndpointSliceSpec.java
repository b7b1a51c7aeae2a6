package io.fairlead.k8s.cluster;

import io.fairlead.core.service.IpFamily;
import java.util.List;

/// An EndpointSlice that belongs to a Service and holds addresses of one IP family.
///
/// @param service the Service that label `kubernetes.io/service-name` names
public record EndpointSliceSpec(
        ObjectName name,
        ObjectName service,
        IpFamily family,
        SliceTraits traits,
        List<SlicePort> ports,
        List<Endpoint> endpoints)
        implements ClusterObject {

    public EndpointSliceSpec {
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    @Override
    public ObjectKey key() {
        return new ObjectKey(ObjectKey.Kind.ENDPOINT_SLICE, name);
    }

    /// What a slice's metadata says.
    ///
    /// @param headless has the label `service.kubernetes.io/headless`
    /// @param weight of each endpoint of the slice, by annotation `fairlead.io/weight`
    public record SliceTraits(boolean headless, int weight) {}
}
