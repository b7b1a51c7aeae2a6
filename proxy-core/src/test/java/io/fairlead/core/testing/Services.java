package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Short ways to say what a snapshot serves.
public final class Services {

    private Services() {}

    /// A ClusterIP Service with one port.
    public static ServicePort clusterIp(
            String name, AddressPort vip, Balancing.Policy policy, List<AddressPort> backends) {
        return new ServicePort(
                new ServicePortName("default", name, "", Protocol.TCP, vip.address().family()),
                List.of(new Vip(Vip.Kind.CLUSTER_IP, vip)),
                Balancing.of(policy),
                OptionalInt.empty(),
                set(backends),
                null,
                null,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    public static ServicePort clusterIp(String name, AddressPort vip, TestServer... backends) {
        return clusterIp(
                name,
                vip,
                Balancing.Policy.LEAST_CONNECTIONS,
                List.of(backends).stream().map(TestServer::at).toList());
    }

    /// A Service whose VIPs outside the cluster are served by these sets; its ClusterIP, if it has
    /// one, by `internal`.
    public static ServicePort external(
            String name,
            List<Vip> vips,
            @Nullable BackendSet internal,
            BackendSet external,
            BackendSet externalFromPodOrNode,
            List<Cidr> sourceRanges) {
        return new ServicePort(
                new ServicePortName(
                        "default", name, "", Protocol.TCP, vips.getFirst().address().family()),
                vips,
                Balancing.DEFAULT,
                OptionalInt.empty(),
                internal,
                external,
                externalFromPodOrNode,
                false,
                Set.of(),
                sourceRanges,
                FlowRules.NONE);
    }

    public static BackendSet set(TestServer... backends) {
        return set(List.of(backends).stream().map(TestServer::at).toList());
    }

    public static ServiceSnapshot snapshot(ServicePort... ports) {
        return ServiceSnapshot.of(List.of(ports), NodeNetwork.EMPTY);
    }

    /// A set that forwards to these, or rejects when there are none.
    public static BackendSet set(List<AddressPort> backends) {
        return backends.isEmpty()
                ? BackendSet.REJECT
                : BackendSet.forward(
                        backends.stream()
                                .map(at -> new BackendSpec(at, BackendSpec.DEFAULT_WEIGHT))
                                .toList());
    }
}
