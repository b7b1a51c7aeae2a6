package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.LabService.Destination;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Daemons of the host on wildcard addresses, beside an agent that captures by BPF: they neither
/// answer at VIPs nor stand in the way of Services (SEMANTICS A6.4, A7.6).
class HostDaemonTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final LabService WEB = LabService.of("web", 11);
    private static final int OTHER_PORT = 8443;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        // Before the agent and on its ports: an agent by listeners would have lost them all.
        OPEN.add(daemon(LabService.PORT));
        OPEN.add(daemon(WEB.nodePort()));
        OPEN.add(daemon(OTHER_PORT));
        OPEN.add(WhoAmI.start(LAB.b1(), LabService.BACKEND_PORT));
        String world = LabAgent.node(LAB.n1()) + WEB.on(LAB.b1()).yaml();
        OPEN.add(LabAgent.start(LAB, folder, CaptureMode.BPF, world, LabAgent.CLUSTER_CIDR));
    }

    private static WhoAmI daemon(int port) {
        // One socket for both families, as many daemons have it.
        return WhoAmI.startAt(LAB.n1(), "daemon", port, InetAddress.ofLiteral("::"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void vipsAreNotAnsweredByDaemons(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (Destination to :
                    List.of(
                            Destination.CLUSTER_IP,
                            Destination.LOAD_BALANCER,
                            Destination.EXTERNAL_IP)) {
                InetAddress vip = WEB.at(to, family, LAB.n1()).getAddress();
                assertThat(LabAgent.ask(client, new InetSocketAddress(vip, OTHER_PORT)))
                        .as("%s to %s", client, vip)
                        .isEqualTo(new Outcome.Refused());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void servicesWorkWhereDaemonsHoldTheirPorts(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (Destination to : Destination.values()) {
                assertAnswer(client, WEB.at(to, family, LAB.n1()), "b1");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void daemonsAreReachedAtTheNodesAddress(IpFamily family) throws Exception {
        InetAddress node = LabAgent.address(LAB.n1(), family);
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (int port : List.of(LabService.PORT, OTHER_PORT)) {
                assertAnswer(client, new InetSocketAddress(node, port), "daemon");
            }
        }
    }

    private static void assertAnswer(Host client, InetSocketAddress to, String who)
            throws Exception {
        assertThat(LabAgent.ask(client, to))
                .as("%s to %s", client, to)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class, a -> assertThat(a.who()).isEqualTo(who));
    }
}
