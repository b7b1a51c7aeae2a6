package io.fairlead.k8s.local;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.ClusterIps;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import io.fairlead.k8s.cluster.SlicePort;
import io.fairlead.k8s.cluster.SourceRanges;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Facts for tests.
final class Clusters {
    static final int BACKEND_PORT = 8080;

    private Clusters() {}

    static ObjectName name(String name) {
        return new ObjectName("default", name);
    }

    /// A Service with TCP port 80 named `http`, and node port `nodePort` if that is not 0.
    static ServiceSpec service(String name, String clusterIp, int nodePort, ServicePolicy policy) {
        return new ServiceSpec(
                name(name),
                ServiceTraits.NONE,
                nodePort == 0 ? ServiceType.CLUSTER_IP : ServiceType.NODE_PORT,
                addresses(clusterIp),
                List.of(new ServicePortSpec(0, "http", Protocol.TCP, 80, nodePort)),
                policy);
    }

    static ServiceSpec service(String name, String clusterIp) {
        return service(name, clusterIp, 0, ServicePolicy.DEFAULT);
    }

    static ServiceAddresses addresses(String clusterIp) {
        AddressField primary = at(clusterIp, "spec.clusterIP");
        return new ServiceAddresses(
                new ClusterIps(false, primary, List.of(), false), List.of(), List.of());
    }

    static AddressField at(String address, String field) {
        return new AddressField(IpAddress.parse(address), field);
    }

    static ServicePolicy policy(boolean internalLocal, boolean externalLocal) {
        return new ServicePolicy(
                internalLocal, externalLocal, OptionalInt.empty(), 0, SourceRanges.ALL);
    }

    static EndpointSliceSpec slice(String name, String service, List<Endpoint> endpoints) {
        return slice(name, service, 1, endpoints);
    }

    static EndpointSliceSpec slice(
            String name, String service, int weight, List<Endpoint> endpoints) {
        return new EndpointSliceSpec(
                name(name),
                name(service),
                IpFamily.IPV4,
                new EndpointSliceSpec.SliceTraits(false, weight),
                List.of(new SlicePort("http", Protocol.TCP, BACKEND_PORT)),
                endpoints);
    }

    static Endpoint endpoint(String address) {
        return endpoint(address, null, Endpoint.Conditions.UNKNOWN);
    }

    static Endpoint endpoint(
            String address, @Nullable String node, Endpoint.Conditions conditions) {
        return new Endpoint(0, IpAddress.parse(address), node, conditions, Endpoint.Hints.NONE);
    }

    static NodeTopology node(String name, @Nullable String zone, String... addresses) {
        return new NodeTopology(
                name,
                zone,
                List.of(addresses).stream().map(IpAddress::parse).toList(),
                List.of(),
                false);
    }
}
