package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Service ports of UDP.
public final class DatagramServices {

    private DatagramServices() {}

    /// One, at a ClusterIP.
    public static ServiceSnapshot snapshot(AddressPort vip, AddressPort... backends) {
        return snapshot(List.of(vip), Arrays.asList(backends));
    }

    /// One, at many ClusterIPs.
    public static ServiceSnapshot snapshot(List<AddressPort> vips, List<AddressPort> backends) {
        return Services.snapshot(port("dns", vips, backends));
    }

    public static ServicePort port(
            String name, List<AddressPort> vips, List<AddressPort> backends) {
        return new ServicePort(
                new ServicePortName(
                        "default", name, "", Protocol.UDP, vips.getFirst().address().family()),
                vips.stream().map(vip -> new Vip(Vip.Kind.CLUSTER_IP, vip)).toList(),
                Balancing.DEFAULT,
                OptionalInt.empty(),
                Services.set(backends),
                null,
                null,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    /// As sockets take it.
    public static InetSocketAddress address(AddressPort at) {
        return new InetSocketAddress(at.address().toInetAddress(), at.port());
    }
}
