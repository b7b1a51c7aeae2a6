package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.Services;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Capture by the BPF program, on a node of the lab (SEMANTICS A6, A7, A8).
class SkLookupTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int BACKEND_PORT = 8080;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Host n1;
    private DataPlane plane;

    @BeforeEach
    void start() throws Exception {
        n1 = LAB.n1();
        open.add(WhoAmI.start(LAB.b1(), BACKEND_PORT));
        plane = n1.run(() -> DataPlane.start(PlaneOptions.node(2).withCapture(CaptureMode.BPF)));
        open.add(plane);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClusterIpIsReachedFromEverywhere(IpFamily family) throws Exception {
        apply(clusterIp(family, Services.set(List.of(backend(family)))));
        for (Host client : List.of(LAB.p1(), n1, LAB.out(), LAB.n2())) {
            assertThat(connect(client, vip(family), 80))
                    .as("from %s", client)
                    .isInstanceOf(Outcome.Answered.class);
        }
    }

    /// Ours has the client's address and port, and waits for its end when the client is done.
    @Test
    void aClientMayUseItsPortForTheBackendItselfAfterwards() throws Exception {
        apply(clusterIp(IpFamily.IPV4, Services.set(List.of(backend(IpFamily.IPV4)))));
        for (int port = 41_000; port < 41_020; port++) {
            assertThat(greeting(port, vip(IpFamily.IPV4), 80)).startsWith("b1");
            assertThat(greeting(port, backend(IpFamily.IPV4).address(), BACKEND_PORT))
                    .startsWith("b1");
        }
    }

    /// What the server at `to` says to p1's client at a port of its choice.
    private static String greeting(int port, IpAddress to, int toPort) throws Exception {
        return LAB.p1()
                .run(() -> {
                    try (Socket socket = new Socket()) {
                        socket.setReuseAddress(true);
                        socket.setSoTimeout(10_000);
                        socket.bind(new InetSocketAddress(LAB.p1().ipv4(), port));
                        socket.connect(new InetSocketAddress(to.toInetAddress(), toPort), 10_000);
                        socket.shutdownOutput();
                        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
                    }
                });
    }

    /// SEMANTICS A6.1, A6.4, A6.5.
    @ParameterizedTest
    @EnumSource
    void whatIsNotServedInsideAServiceCidrIsRefusedBeforeAHandshake(IpFamily family)
            throws Exception {
        apply(clusterIp(family, Services.set(List.of(backend(family)))));
        IpAddress unallocated =
                IpAddress.parse(family == IpFamily.IPV4 ? "10.96.0.99" : "fd00:10:96::99");
        try (ServerSocket _ = daemon(8443)) {
            for (Host client : List.of(LAB.p1(), n1, LAB.out())) {
                assertThat(connect(client, vip(family), 8443))
                        .as("a host daemon on a wildcard address, from %s", client)
                        .isInstanceOf(Outcome.Refused.class);
                assertThat(connect(client, unallocated, 80))
                        .as("an address of no Service, from %s", client)
                        .isInstanceOf(Outcome.Refused.class);
            }
        }
        apply(clusterIp(family, BackendSet.REJECT));
        assertThat(connect(LAB.p1(), vip(family), 80)).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void aHostProcessOnTheSamePortIsNotDisturbed() throws Exception {
        try (ServerSocket daemon = daemon(80)) {
            apply(clusterIp(IpFamily.IPV4, Services.set(List.of(backend(IpFamily.IPV4)))));
            assertThat(connect(LAB.p1(), vip(IpFamily.IPV4), 80))
                    .isInstanceOf(Outcome.Answered.class);
            try (var direct =
                    new Client(LAB.p1())
                            .open(
                                    new InetSocketAddress(
                                            InetAddress.getByAddress(n1.ipv4().getAddress()),
                                            80))) {
                assertThat(daemon.accept().getPort()).isEqualTo(direct.getLocalPort());
            }
        }
    }

    /// SEMANTICS A6.3: outsiders are refused before a handshake, pods and this node are served.
    @Test
    void anExternalVipWithoutLocalEndpointsServesPodsAndTheNodeOnly() throws Exception {
        apply(
                Services.external(
                        "web",
                        List.of(Vip.of(Vip.Kind.LOAD_BALANCER, loadBalancer(), 80)),
                        null,
                        BackendSet.DROP,
                        Services.set(List.of(backend(IpFamily.IPV4))),
                        List.of()));
        assertThat(connect(LAB.p1(), loadBalancer(), 80)).isInstanceOf(Outcome.Answered.class);
        assertThat(connect(n1, loadBalancer(), 80)).isInstanceOf(Outcome.Answered.class);
        assertThat(connect(LAB.out(), loadBalancer(), 80)).isInstanceOf(Outcome.Refused.class);
    }

    /// SEMANTICS A8.4; and a change of the ranges holds for the next connection.
    @Test
    void sourceRangesOfALoadBalancerAreHeldBeforeAHandshake() throws Exception {
        String outside = LAB.out().ipv4().getHostAddress() + "/32";
        apply(restricted(List.of(Cidr.parse(outside))));
        assertThat(connect(LAB.out(), loadBalancer(), 80)).isInstanceOf(Outcome.Answered.class);
        assertThat(connect(LAB.p1(), loadBalancer(), 80)).isInstanceOf(Outcome.Refused.class);
        apply(restricted(List.of(Cidr.parse(Lab.POD_CIDR))));
        assertThat(connect(LAB.out(), loadBalancer(), 80)).isInstanceOf(Outcome.Refused.class);
        assertThat(connect(LAB.p1(), loadBalancer(), 80)).isInstanceOf(Outcome.Answered.class);
        apply(restricted(List.of()));
        assertThat(connect(LAB.out(), loadBalancer(), 80)).isInstanceOf(Outcome.Answered.class);
    }

    /// SEMANTICS A5, A11: pods are seen as themselves, and answered by the address they asked.
    @ParameterizedTest
    @EnumSource
    void datagramsOfPodsShowTheirOwnAddress(IpFamily family) throws Exception {
        apply(datagrams(family, Services.set(List.of(backend(family)))));
        Outcome answer = ask(LAB.p1(), vip(family), 80);
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answered ->
                                assertThat(answered.seen()).isEqualTo(address(LAB.p1(), family)));
        for (Host client : List.of(n1, LAB.out(), LAB.n2())) {
            assertThat(ask(client, vip(family), 80))
                    .as("from %s", client)
                    .isInstanceOf(Outcome.Answered.class);
        }
    }

    /// SEMANTICS A6.5, A6.6, A11.3.
    @ParameterizedTest
    @EnumSource
    void datagramsThatNobodyServesAreRefused(IpFamily family) throws Exception {
        apply(datagrams(family, Services.set(List.of(backend(family)))));
        assertThat(askConnected(LAB.p1(), vip(family), 81)).isInstanceOf(Outcome.Refused.class);
        assertThat(askConnected(n1, vip(family), 81)).isInstanceOf(Outcome.Refused.class);
        apply(datagrams(family, BackendSet.REJECT));
        assertThat(askConnected(LAB.p1(), vip(family), 80)).isInstanceOf(Outcome.Refused.class);
    }

    /// SEMANTICS A11.9: what the backend's host says reaches the client.
    @ParameterizedTest
    @EnumSource
    void aBackendThatRefusesDatagramsIsToldToThePod(IpFamily family) throws Exception {
        AddressPort nobody = new AddressPort(backend(family).address(), BACKEND_PORT + 1);
        apply(datagrams(family, Services.set(List.of(nobody))));
        assertThat(askConnected(LAB.p1(), vip(family), 80)).isInstanceOf(Outcome.Refused.class);
    }

    private static ServicePort datagrams(IpFamily family, BackendSet set) {
        ServicePort tcp = clusterIp(family, set);
        return new ServicePort(
                new ServicePortName("default", "dns", "", Protocol.UDP, family),
                tcp.vips(),
                tcp.balancing(),
                tcp.affinitySeconds(),
                set,
                set,
                set,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    private static Outcome ask(Host client, IpAddress to, int port) throws Exception {
        return new Client(client).ask(new InetSocketAddress(to.toInetAddress(), port));
    }

    private static Outcome askConnected(Host client, IpAddress to, int port) throws Exception {
        return new Client(client).askConnected(new InetSocketAddress(to.toInetAddress(), port));
    }

    private static InetAddress address(Host host, IpFamily family) {
        return family == IpFamily.IPV4 ? host.ipv4() : host.ipv6();
    }

    private static ServicePort restricted(List<Cidr> ranges) {
        BackendSet set = Services.set(List.of(backend(IpFamily.IPV4)));
        return Services.external(
                "web",
                List.of(Vip.of(Vip.Kind.LOAD_BALANCER, loadBalancer(), 80)),
                null,
                set,
                set,
                ranges);
    }

    private static ServicePort clusterIp(IpFamily family, BackendSet set) {
        return Services.external(
                "web",
                List.of(Vip.of(Vip.Kind.CLUSTER_IP, vip(family), 80)),
                set,
                set,
                set,
                List.of());
    }

    private void apply(ServicePort port) throws Exception {
        Set<IpAddress> addresses = Set.of(IpAddress.of(n1.ipv4()), IpAddress.of(n1.ipv6()));
        NodeNetwork node =
                NodeNetwork.at(addresses)
                        .withAddresses(addresses, addresses)
                        .withServiceCidrs(
                                List.of(
                                        Cidr.parse(Lab.SERVICE_CIDR),
                                        Cidr.parse(Lab.SERVICE_CIDR6)))
                        .withPodCidrs(
                                List.of(Cidr.parse(Lab.POD_CIDR), Cidr.parse(Lab.POD_CIDR6)),
                                List.of());
        assertThat(n1.run(() -> plane.apply(ServiceSnapshot.of(List.of(port), node)))).isEmpty();
    }

    private ServerSocket daemon(int port) throws Exception {
        return n1.run(() -> new ServerSocket(port));
    }

    private static Outcome connect(Host client, IpAddress to, int port) throws Exception {
        return new Client(client).connect(new InetSocketAddress(to.toInetAddress(), port));
    }

    private static IpAddress vip(IpFamily family) {
        return IpAddress.parse(family == IpFamily.IPV4 ? "10.96.0.10" : "fd00:10:96::10");
    }

    private static IpAddress loadBalancer() {
        return IpAddress.parse("203.0.113.7");
    }

    private static AddressPort backend(IpFamily family) {
        Host b1 = LAB.b1();
        return new AddressPort(
                IpAddress.of(family == IpFamily.IPV4 ? b1.ipv4() : b1.ipv6()), BACKEND_PORT);
    }
}
