package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.Services;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Capture of 10,000 Services: how many sockets it takes, and how long, which is printed (SEMANTICS
/// A18.2).
class ManyServicesTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final int SERVICES = 10_000;
    private static final int LOOPS = 2;
    private static final int FAMILIES = 2;
    private static final int BACKEND_PORT = 8080;
    private static final int CLUSTER_IPS = 0x0a60_1000; // 10.96.16.0, in the service range
    private static final int BALANCERS = 0x0a70_0000; // 10.112.0.0, in none

    @Test
    void a18_2_tenThousandServicesTakeOneSocketForEachLoopAndFamily() throws Exception {
        Host n1 = LAB.n1();
        DataPlane plane =
                n1.run(() ->
                        DataPlane.start(PlaneOptions.node(LOOPS).withCapture(CaptureMode.BPF)));
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), BACKEND_PORT)) {
            int idle = listening(n1);
            assertThat(idle).isEqualTo(LOOPS * FAMILIES);

            program(plane, "one route", services(CLUSTER_IPS));
            assertThat(listening(n1)).isEqualTo(idle);
            assertServed(n1, CLUSTER_IPS, SERVICES - 1);

            program(plane, "a route for each of 10,000 more VIPs", both());
            assertThat(listening(n1)).isEqualTo(idle);
            assertThat(plane.frontends()).isEqualTo(2 * SERVICES);
            assertServed(n1, BALANCERS, 0);
            assertServed(n1, BALANCERS, SERVICES - 1);

            program(plane, "none of it", List.of());
            assertThat(new Client(LAB.p1()).connect(at(CLUSTER_IPS, 0)))
                    .isEqualTo(new Outcome.Refused());
        } finally {
            n1.run(() -> {
                plane.close();
                return true;
            });
        }
    }

    private static void program(DataPlane plane, String what, List<ServicePort> ports)
            throws Exception {
        Set<IpAddress> node = Set.of(IpAddress.of(LAB.n1().ipv4()));
        ServiceSnapshot next =
                ServiceSnapshot.of(
                        ports,
                        NodeNetwork.at(node)
                                .withAddresses(node, node)
                                .withServiceCidrs(List.of(Cidr.parse(Lab.SERVICE_CIDR))));
        LAB.n1()
                .run(() -> {
                    long start = System.nanoTime();
                    long cpu = THREADS.getCurrentThreadCpuTime();
                    assertThat(plane.apply(next)).isEmpty();
                    System.out.printf(
                            "10,000 Services, %s: programmed in %d ms, %d ms of them on a CPU%n",
                            what,
                            (System.nanoTime() - start) / 1_000_000,
                            (THREADS.getCurrentThreadCpuTime() - cpu) / 1_000_000);
                    return true;
                });
    }

    private static List<ServicePort> both() {
        List<ServicePort> all = new ArrayList<>(services(CLUSTER_IPS));
        all.addAll(services(BALANCERS));
        return all;
    }

    private static List<ServicePort> services(int first) {
        BackendSet set =
                Services.set(List.of(new AddressPort(IpAddress.of(LAB.b1().ipv4()), BACKEND_PORT)));
        List<ServicePort> ports = new ArrayList<>(SERVICES);
        for (int i = 0; i < SERVICES; i++) {
            Vip.Kind kind = first == CLUSTER_IPS ? Vip.Kind.CLUSTER_IP : Vip.Kind.EXTERNAL_IP;
            Vip vip = Vip.of(kind, IpAddress.ofIpv4(first + i), 80);
            ports.add(
                    Services.external(
                            "web-" + kind + "-" + i, List.of(vip), set, set, set, List.of()));
        }
        return ports;
    }

    private static InetSocketAddress at(int first, int i) {
        return new InetSocketAddress(IpAddress.ofIpv4(first + i).toInetAddress(), 80);
    }

    private static void assertServed(Host client, int first, int i) throws Exception {
        assertThat(new Client(client).connect(at(first, i)))
                .as("%s", at(first, i))
                .isInstanceOf(Outcome.Answered.class);
    }

    private static int listening(Host host) {
        return (int) host.exec("ss", "-Hltn").lines().count();
    }
}
