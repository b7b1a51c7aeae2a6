package io.fairlead.k8s.cluster;

/// One object's facts.
public sealed interface ClusterObject
        permits ServiceSpec, EndpointSliceSpec, NodeTopology, ServiceCidr {
    ObjectKey key();
}
