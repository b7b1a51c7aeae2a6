package io.fairlead.k8s.testing;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.ClusterIps;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import io.fairlead.k8s.cluster.SlicePort;
import java.util.List;
import java.util.stream.IntStream;

/// Facts of a cluster whose Services have one port, TCP 8080 named `http`.
public final class Facts {

    public static final int PORT = 8080;

    private Facts() {}

    public static ClusterState state(ClusterObject... objects) {
        ClusterState state = ClusterState.EMPTY;
        for (ClusterObject object : objects) {
            state = state.with(object);
        }
        return state;
    }

    public static ServiceSpec service(String name, String clusterIp) {
        AddressField primary = new AddressField(IpAddress.parse(clusterIp), "spec.clusterIP");
        return new ServiceSpec(
                new ObjectName("default", name),
                ServiceTraits.NONE,
                ServiceType.CLUSTER_IP,
                new ServiceAddresses(
                        new ClusterIps(false, primary, List.of(), false), List.of(), List.of()),
                List.of(new ServicePortSpec(0, "http", Protocol.TCP, PORT, 0)),
                ServicePolicy.DEFAULT);
    }

    /// A slice of ready endpoints at port 8080.
    public static EndpointSliceSpec slice(String name, String service, String... addresses) {
        return slice(name, service, PORT, addresses);
    }

    public static EndpointSliceSpec slice(
            String name, String service, int port, String... addresses) {
        return new EndpointSliceSpec(
                new ObjectName("default", name),
                new ObjectName("default", service),
                IpFamily.IPV4,
                new EndpointSliceSpec.SliceTraits(false, 1),
                List.of(new SlicePort("http", Protocol.TCP, port)),
                IntStream.range(0, addresses.length)
                        .mapToObj(i -> endpoint(i, addresses[i]))
                        .toList());
    }

    private static Endpoint endpoint(int index, String address) {
        return new Endpoint(
                index,
                IpAddress.parse(address),
                null,
                Endpoint.Conditions.UNKNOWN,
                Endpoint.Hints.NONE);
    }
}
