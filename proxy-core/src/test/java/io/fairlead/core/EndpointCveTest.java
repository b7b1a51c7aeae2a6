package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Addresses that a proxy on a node must not be talked into connecting to: refused when they are
/// dialled, whoever named them (OPERATIONS C).
class EndpointCveTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int NODE_PORT = 30_080;
    private static final Set<Integer> AGENT_PORTS = Set.of(10249, 10256);

    private final List<AutoCloseable> open = new ArrayList<>();
    private Host n1;
    private DataPlane plane;

    @BeforeEach
    void start() throws Exception {
        n1 = LAB.n1();
        open.add(WhoAmI.start(LAB.b1(), 8080));
        plane = n1.run(() -> DataPlane.start(PlaneOptions.node(2).withCapture(CaptureMode.BPF)));
        open.add(plane);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    /// Whoever may write an EndpointSlice reaches daemons that listen for the node alone, or a
    /// cloud's metadata service.
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 10.96.0.10, a loopback address",
        "127.8.8.8, 10.96.0.10, a loopback address",
        "::1, fd00:10:96::10, a loopback address",
        "169.254.169.254, 10.96.0.10, a link-local address",
        "fe80::1, fd00:10:96::10, a link-local address",
        "::ffff:127.0.0.1, fd00:10:96::10, an IPv4-mapped address",
        "::ffff:169.254.169.254, fd00:10:96::10, an IPv4-mapped address",
        "224.0.0.1, 10.96.0.10, a multicast address",
        "ff02::1, fd00:10:96::10, a multicast address",
        "255.255.255.255, 10.96.0.10, the broadcast address",
        "0.0.0.0, 10.96.0.10, an unspecified address",
        "0.0.0.1, 10.96.0.10, an unspecified address",
        "::, fd00:10:96::10, an unspecified address",
    })
    void cve_2021_25737_aSpecialAddressIsNotDialled(String endpoint, String vip, String what)
            throws Exception {
        assertNotDialled(vip, mapped(endpoint), 8080, what);
    }

    /// `IpAddress.parse` makes IPv4 of it; an attacker's slice of IPv6 would not.
    private static IpAddress mapped(String endpoint) {
        if (!endpoint.startsWith("::ffff:")) {
            return IpAddress.parse(endpoint);
        }
        IpAddress ipv4 = IpAddress.parse(endpoint.substring("::ffff:".length()));
        return IpAddress.ofIpv6(0, 0xffff_0000_0000L | ipv4.low());
    }

    /// A deputy with a way to an address that its master has not: a VIP's rules, such as source
    /// ranges, would be those for the node.
    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.11", "10.96.0.10", "10.96.0.99", "203.0.113.7"})
    void cve_2021_25740_aVipIsNotDialled(String endpoint) throws Exception {
        assertNotDialled(
                "10.96.0.10", IpAddress.parse(endpoint), 80, "a VIP, which would lead back here");
    }

    @Test
    void aNodePortOfThisNodeIsNotDialled() throws Exception {
        assertNotDialled(
                "10.96.0.10",
                IpAddress.of(n1.ipv4()),
                NODE_PORT,
                "a VIP, which would lead back here");
    }

    @ParameterizedTest
    @ValueSource(ints = {10249, 10256})
    void aPortOfTheAgentItselfIsNotDialled(int port) throws Exception {
        try (WhoAmI health = WhoAmI.startAt(n1, "agent", port, n1.ipv4())) {
            assertNotDialled(
                    "10.96.0.10", IpAddress.of(n1.ipv4()), port, "a port of the agent itself");
            assertThat(health.accepted()).isZero();
        }
    }

    /// Host-network pods and the API server of `default/kubernetes` are there.
    @Test
    void otherPortsOfThisNodeAreDialled() throws Exception {
        try (WhoAmI _ = WhoAmI.startAt(n1, "apiserver", 6443, n1.ipv4())) {
            apply(web("10.96.0.10", IpAddress.of(n1.ipv4()), 6443));
            assertThat(connect(LAB.p1(), "10.96.0.10", 80))
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            a -> assertThat(a.who()).isEqualTo("apiserver"));
            assertThat(plane.counts().dialRefusals()).isZero();
        }
    }

    /// The first of two may be dialled: clients do not suffer.
    @Test
    void anotherEndpointIsDialledInItsPlace() throws Exception {
        IpAddress b1 = IpAddress.of(LAB.b1().ipv4());
        IpAddress bad = IpAddress.parse("169.254.169.254");
        BackendSet both =
                Services.set(List.of(new AddressPort(bad, 8080), new AddressPort(b1, 8080)));
        apply(clusterIp("10.96.0.10", both));
        for (int i = 0; i < 4; i++) {
            assertThat(connect(LAB.p1(), "10.96.0.10", 80)).isInstanceOf(Outcome.Answered.class);
        }
        assertThat(plane.counts().dialRefusals()).isPositive();
    }

    /// An external IP can name a node's address, until a policy forbids it: then it takes its own
    /// port there, and neither the host's other ports nor endpoints at them.
    @Test
    void cve_2020_8554_anExternalIpOfTheNodeTakesItsPortOnly() throws Exception {
        String node = n1.ipv4().getHostAddress();
        ServicePort thief =
                Services.external(
                        "thief",
                        List.of(Vip.of(Vip.Kind.EXTERNAL_IP, IpAddress.parse(node), 80)),
                        null,
                        b1(),
                        b1(),
                        List.of());
        try (WhoAmI _ = WhoAmI.startAt(n1, "apiserver", 6443, n1.ipv4())) {
            apply(thief, web("10.96.0.10", IpAddress.of(n1.ipv4()), 6443));
            for (String to : List.of(node + " 6443", "10.96.0.10 80")) {
                String[] at = to.split(" ", -1);
                assertThat(connect(LAB.p1(), at[0], Integer.parseInt(at[1])))
                        .as(to)
                        .isInstanceOfSatisfying(
                                Outcome.Answered.class,
                                a -> assertThat(a.who()).isEqualTo("apiserver"));
            }
        }
    }

    private void assertNotDialled(String vip, IpAddress endpoint, int port, String what)
            throws Exception {
        ServicePort other =
                Services.external(
                        "other",
                        List.of(
                                Vip.of(Vip.Kind.CLUSTER_IP, IpAddress.parse("10.96.0.11"), 80),
                                Vip.nodePort(IpFamily.IPV4, NODE_PORT),
                                Vip.of(Vip.Kind.LOAD_BALANCER, IpAddress.parse("203.0.113.7"), 80)),
                        b1(),
                        b1(),
                        b1(),
                        List.of());
        apply(other, web(vip, endpoint, port));
        assertThat(connect(LAB.p1(), vip, 80)).isInstanceOf(Outcome.Reset.class);
        assertThat(plane.counts().dialRefusals()).isEqualTo(1);
        assertThat(plane.takeRefusedDials())
                .singleElement()
                .satisfies(refused -> {
                    assertThat(refused.service().service()).isEqualTo("web");
                    assertThat(refused.at()).isEqualTo(new AddressPort(endpoint, port));
                    assertThat(refused.what()).isEqualTo(what);
                });
        assertThat(plane.takeRefusedDials()).isEmpty();
    }

    private static BackendSet b1() {
        return Services.set(List.of(new AddressPort(IpAddress.of(LAB.b1().ipv4()), 8080)));
    }

    private static ServicePort web(String vip, IpAddress endpoint, int port) {
        return clusterIp(vip, Services.set(List.of(new AddressPort(endpoint, port))));
    }

    private static ServicePort clusterIp(String vip, BackendSet set) {
        return Services.external(
                "web",
                List.of(Vip.of(Vip.Kind.CLUSTER_IP, IpAddress.parse(vip), 80)),
                set,
                set,
                set,
                List.of());
    }

    private void apply(ServicePort... ports) throws Exception {
        Set<IpAddress> addresses = Set.of(IpAddress.of(n1.ipv4()), IpAddress.of(n1.ipv6()));
        NodeNetwork node =
                NodeNetwork.at(addresses)
                        .withAddresses(addresses, addresses)
                        .withAgentPorts(AGENT_PORTS)
                        .withServiceCidrs(
                                List.of(
                                        Cidr.parse(Lab.SERVICE_CIDR),
                                        Cidr.parse(Lab.SERVICE_CIDR6)))
                        .withPodCidrs(
                                List.of(Cidr.parse(Lab.POD_CIDR), Cidr.parse(Lab.POD_CIDR6)),
                                List.of());
        assertThat(n1.run(() -> plane.apply(ServiceSnapshot.of(List.of(ports), node)))).isEmpty();
    }

    private static Outcome connect(Host client, String to, int port) throws Exception {
        return new Client(client).connect(new InetSocketAddress(InetAddress.ofLiteral(to), port));
    }
}
