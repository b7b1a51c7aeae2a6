package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A data plane of this process that lives on a node of the lab.
class DataPlaneInLabTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int BACKEND_PORT = 8080;

    /// Backends see the node: keeping the client's address is not what bound listeners do.
    @Test
    void aClusterIpIsReachedFromPodsNodesAndOutside() throws Exception {
        Host n1 = LAB.n1();
        n1.ip("route add local " + Lab.SERVICE_CIDR + " dev lo src 192.168.50.1");
        AddressPort vip = new AddressPort(IpAddress.parse("10.96.0.10"), 80);
        // Event loops start with their first work: both calls are made on the node.
        try (WhoAmI _ = WhoAmI.start(LAB.b3(), BACKEND_PORT);
                DataPlane plane = n1.run(() -> DataPlane.start(2))) {
            AddressPort b3 = new AddressPort(IpAddress.of(LAB.b3().ipv4()), BACKEND_PORT);
            assertThat(
                            n1.run(() ->
                                    plane.apply(
                                            snapshot(
                                                    clusterIp(
                                                            "web",
                                                            vip,
                                                            Balancing.Policy.LEAST_CONNECTIONS,
                                                            List.of(b3))))))
                    .isEmpty();
            InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral("10.96.0.10"), 80);
            for (Host client : List.of(LAB.p1(), n1, LAB.out(), LAB.n2())) {
                assertThat(new Client(client).connect(to))
                        .as("from %s", client)
                        .isInstanceOfSatisfying(
                                Outcome.Answered.class,
                                answer -> {
                                    assertThat(answer.who()).isEqualTo("b3");
                                    assertThat(answer.seen()).isEqualTo(n1.ipv4());
                                });
            }
        }
    }
}
