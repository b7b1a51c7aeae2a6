package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.LabService.Destination;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who is refused, and how that looks (SEMANTICS A6, A8.4).
///
/// Refused is a RST for the SYN. Where listeners capture, they cannot know the source before they
/// accept: then it is a RST after the handshake.
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = CaptureMode.class,
        names = {"BPF", "LISTENERS"})
class VerdictTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final LabService WEB = LabService.of("web", 11);
    private static final LabService EMPTY = LabService.of("empty", 12);
    private static final LabService EXTERNAL_LOCAL = LabService.of("external-local", 13);
    private static final LabService INTERNAL_LOCAL = LabService.of("internal-local", 14);
    private static final LabService FOR_PODS = LabService.of("for-pods", 15);
    private static final LabService FOR_NODE = LabService.of("for-node", 16);
    private static final LabService FOR_OTHER_FAMILY = LabService.of("for-other-family", 17);

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    private final CaptureMode capture;

    VerdictTest(CaptureMode capture) {
        this.capture = capture;
    }

    @BeforeParameterizedClassInvocation
    static void start(CaptureMode capture, @TempDir Path folder) throws Exception {
        OPEN.add(WhoAmI.start(LAB.b1(), LabService.BACKEND_PORT));
        OPEN.add(WhoAmI.start(LAB.b3(), LabService.BACKEND_PORT));
        String world =
                String.join(
                        "",
                        LabAgent.node(LAB.n1()),
                        WEB.on(LAB.b1()).yaml(),
                        EMPTY.yaml(),
                        EXTERNAL_LOCAL
                                .on(LAB.b3())
                                .with("externalTrafficPolicy: Local")
                                .with("healthCheckNodePort: 32013")
                                .yaml(),
                        INTERNAL_LOCAL.on(LAB.b3()).with("internalTrafficPolicy: Local").yaml(),
                        FOR_PODS.on(LAB.b1())
                                .with(ranges("10.244.0.0/16", "fd00:10:244::/48"))
                                .yaml(),
                        FOR_NODE.on(LAB.b1())
                                .with(ranges("192.168.50.1/32", "fd00:50::1/128"))
                                .yaml(),
                        FOR_OTHER_FAMILY.on(LAB.b1()).with(ranges("192.0.2.0/24")).yaml());
        OPEN.add(LabAgent.start(LAB, folder, capture, world, LabAgent.CLUSTER_CIDR));
    }

    private static String ranges(String... ranges) {
        return "loadBalancerSourceRanges: [\"" + String.join("\", \"", ranges) + "\"]";
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
        OPEN.clear();
    }

    @ParameterizedTest
    @EnumSource
    void a6_1_noEndpointsIsRefusedEverywhere(IpFamily family) throws Exception {
        for (Destination to : Destination.values()) {
            for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
                assertRefused(client, EMPTY.at(to, family, LAB.n1()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a6_2_internalLocalWithoutLocalEndpointIsRefusedAtTheClusterIpOnly(IpFamily family)
            throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            assertRefused(client, INTERNAL_LOCAL.clusterIp(family));
            for (Destination to : external()) {
                assertServed(client, INTERNAL_LOCAL.at(to, family, LAB.n1()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a6_3_externalLocalWithoutLocalEndpointRefusesOutsidersOnly(IpFamily family)
            throws Exception {
        for (Destination to : external()) {
            InetSocketAddress at = EXTERNAL_LOCAL.at(to, family, LAB.n1());
            assertServed(LAB.p1(), at);
            assertServed(LAB.n1(), at);
            assertRefusedBySource(LAB.out(), at);
        }
        assertServed(LAB.out(), EXTERNAL_LOCAL.clusterIp(family));
    }

    @ParameterizedTest
    @EnumSource
    void a6_4_aPortThatTheServiceHasNotIsRefused(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (Destination to :
                    List.of(
                            Destination.CLUSTER_IP,
                            Destination.LOAD_BALANCER,
                            Destination.EXTERNAL_IP)) {
                InetAddress vip = WEB.at(to, family, LAB.n1()).getAddress();
                assertRefused(client, new InetSocketAddress(vip, 8443));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a6_5_anAddressOfNoServiceIsRefused(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            assertRefused(client, LabService.of("none", 99).clusterIp(family));
        }
    }

    /// No Service of these has a port for UDP.
    @ParameterizedTest
    @EnumSource
    void a6_6_udpInsideAServiceCidrIsPortUnreachable(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (LabService service : List.of(WEB, LabService.of("none", 99))) {
                assertThat(new Client(client).askConnected(service.clusterIp(family)))
                        .isEqualTo(new Outcome.Refused());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a8_4_sourceRangesHoldForPodsAndNodesToo(IpFamily family) throws Exception {
        InetSocketAddress at = FOR_PODS.at(Destination.LOAD_BALANCER, family, LAB.n1());
        assertServed(LAB.p1(), at);
        assertRefusedBySource(LAB.n1(), at);
        assertRefusedBySource(LAB.out(), at);
    }

    @ParameterizedTest
    @EnumSource
    void a8_5_aRangeWithThisNodeServesIt(IpFamily family) throws Exception {
        InetSocketAddress at = FOR_NODE.at(Destination.LOAD_BALANCER, family, LAB.n1());
        assertServed(LAB.n1(), at);
        assertRefusedBySource(LAB.p1(), at);
    }

    @ParameterizedTest
    @EnumSource
    void a8_6_rangesOfTheOtherFamilyRestrictNothing(IpFamily family) throws Exception {
        InetSocketAddress at = FOR_OTHER_FAMILY.at(Destination.LOAD_BALANCER, family, LAB.n1());
        if (family == IpFamily.IPV4) {
            assertRefusedBySource(LAB.out(), at);
        } else {
            assertServed(LAB.out(), at);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a7_7_sourceRangesHoldForLoadBalancersOnly(IpFamily family) throws Exception {
        for (Destination to :
                List.of(Destination.CLUSTER_IP, Destination.NODE_PORT, Destination.EXTERNAL_IP)) {
            assertServed(LAB.out(), FOR_PODS.at(to, family, LAB.n1()));
        }
    }

    private static List<Destination> external() {
        return Stream.of(Destination.values()).filter(d -> d != Destination.CLUSTER_IP).toList();
    }

    private static void assertServed(Host client, InetSocketAddress to) throws Exception {
        assertThat(LabAgent.ask(client, to))
                .as("%s to %s", client, to)
                .isInstanceOf(Outcome.Answered.class);
    }

    private static void assertRefused(Host client, InetSocketAddress to) throws Exception {
        assertThat(LabAgent.ask(client, to))
                .as("%s to %s", client, to)
                .isEqualTo(new Outcome.Refused());
    }

    /// Refused for where it comes from.
    private void assertRefusedBySource(Host client, InetSocketAddress to) throws Exception {
        assertThat(LabAgent.ask(client, to))
                .as("%s to %s", client, to)
                .isEqualTo(
                        capture == CaptureMode.BPF ? new Outcome.Refused() : new Outcome.Reset());
    }
}
