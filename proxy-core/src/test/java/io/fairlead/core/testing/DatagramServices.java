package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
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
        return Services.snapshot(
                new ServicePort(
                        new ServicePortName(
                                "default", "dns", "", Protocol.UDP, vip.address().family()),
                        List.of(new Vip(Vip.Kind.CLUSTER_IP, vip)),
                        Balancing.DEFAULT,
                        OptionalInt.empty(),
                        Services.set(Arrays.asList(backends)),
                        null,
                        null,
                        false,
                        Set.of(),
                        List.of()));
    }

    /// As sockets take it.
    public static InetSocketAddress address(AddressPort at) {
        return new InetSocketAddress(at.address().toInetAddress(), at.port());
    }
}
