package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.PacketCounter;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// NodePorts on a node of the lab (SEMANTICS A7).
class NodePortTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final LabService WEB = LabService.of("web", 11);
    private static final String SECOND = "192.168.50.33";
    private static final String SECOND6 = "fd00:50::33";

    @TempDir private Path folder;
    private WhoAmI backend;

    @BeforeEach
    void addresses() {
        backend = WhoAmI.start(LAB.b1(), LabService.BACKEND_PORT);
        LAB.n1().ip("addr add " + SECOND + "/24 dev eth0");
        LAB.n1().ip("addr add " + SECOND6 + "/64 dev eth0 nodad");
    }

    @AfterEach
    void stop() {
        LAB.n1().ip("addr del " + SECOND + "/24 dev eth0");
        LAB.n1().ip("addr del " + SECOND6 + "/64 dev eth0");
        backend.close();
    }

    private LabAgent start(CaptureMode capture, String... options) throws Exception {
        String world = LabAgent.node(LAB.n1()) + WEB.on(LAB.b1()).yaml();
        return LabAgent.start(LAB, folder, capture, world, options);
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), WEB.nodePort());
    }

    private static void assertServed(Host client, String... addresses) throws Exception {
        for (String address : addresses) {
            assertThat(LabAgent.ask(client, at(address)))
                    .as("%s to %s", client, address)
                    .isInstanceOf(Outcome.Answered.class);
        }
    }

    private static void assertRefused(Host client, String... addresses) throws Exception {
        for (String address : addresses) {
            assertThat(LabAgent.ask(client, at(address)))
                    .as("%s to %s", client, address)
                    .isEqualTo(new Outcome.Refused());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a7_2_primaryIsTheAddressOfTheNodeObject(CaptureMode capture) throws Exception {
        try (LabAgent _ = start(capture)) {
            assertServed(LAB.out(), "192.168.50.1", "fd00:50::1");
            assertRefused(LAB.out(), SECOND, SECOND6);
            assertRefused(LAB.n1(), "127.0.0.1", "::1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a7_1_everyAddressOfTheNodeByChoice(CaptureMode capture) throws Exception {
        try (LabAgent _ = start(capture, "--nodeport-addresses", "all")) {
            assertServed(LAB.out(), "192.168.50.1", "fd00:50::1", SECOND, SECOND6);
            assertServed(LAB.p1(), "192.168.50.1", "fd00:50::1", SECOND, SECOND6);
            assertServed(LAB.n1(), "127.0.0.1", "::1", SECOND, SECOND6);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a7_1_chosenCidrsOfBothFamilies(CaptureMode capture) throws Exception {
        try (LabAgent _ =
                start(capture, "--nodeport-addresses", "192.168.50.32/27,fd00:50::30/124")) {
            assertServed(LAB.out(), SECOND, SECOND6);
            assertRefused(LAB.out(), "192.168.50.1", "fd00:50::1");
        }
    }

    @Test
    void a7_3_aFamilyWithoutCidrIsServedEverywhere() throws Exception {
        try (LabAgent _ = start(CaptureMode.BPF, "--nodeport-addresses", "192.168.50.32/27")) {
            assertServed(LAB.out(), SECOND, SECOND6, "fd00:50::1");
            assertRefused(LAB.out(), "192.168.50.1");
        }
    }

    /// Neighbours of a node could reach its 127.0.0.1 where NodePorts there were made by setting
    /// route_localnet.
    @Test
    void a7_5_cve_2020_8558_localhostServesTheNodeAndNoNeighbour() throws Exception {
        try (LabAgent _ = start(CaptureMode.BPF, "--nodeport-addresses", "primary,localhost")) {
            assertServed(LAB.n1(), "127.0.0.1", "::1", "192.168.50.1", "fd00:50::1");
            Host neighbour = LAB.out();
            neighbour.netns().sysctl("net/ipv4/conf/all/route_localnet", "1");
            neighbour.ip("route del local 127.0.0.0/8 dev lo table local");
            neighbour.ip("route del local 127.0.0.1 dev lo table local");
            neighbour.ip("route add 127.0.0.1/32 via 192.168.50.1 src 192.168.50.100");
            try (PacketCounter syns =
                    PacketCounter.incoming(LAB.n1(), "iif eth0 ip daddr 127.0.0.1")) {
                Client client = new Client(neighbour).patientFor(Duration.ofSeconds(1));
                assertThat(client.connect(at("127.0.0.1"))).isEqualTo(new Outcome.Silent());
                assertThat(syns.packets()).isPositive();
            } finally {
                neighbour.ip("route del 127.0.0.1/32");
                neighbour.ip("route add local 127.0.0.0/8 dev lo table local");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a7_4_addressesThatComeAndGoAreFollowed(CaptureMode capture) throws Exception {
        try (LabAgent _ = start(capture, "--nodeport-addresses", "all")) {
            for (String address : List.of("192.168.50.44/24", "fd00:50::44/64")) {
                InetSocketAddress to = at(address.substring(0, address.indexOf('/')));
                String noDad = address.indexOf(':') < 0 ? "" : " nodad";
                LAB.n1().ip("addr add " + address + " dev eth0" + noDad);
                LabAgent.awaitAnswer(LAB.out(), to);
                LAB.n1().ip("addr del " + address + " dev eth0");
            }
            // What is elsewhere now is not kept.
            LAB.n1().ip("addr add 192.168.50.44/24 dev lo");
            LabAgent.awaitAnswer(LAB.n1(), at("192.168.50.44"));
            LAB.n1().ip("addr del 192.168.50.44/24 dev lo");
            assertServed(LAB.out(), "192.168.50.1", "fd00:50::1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a7_6_aNumberThatAProcessHoldsIsServedByBpf(IpFamily family) throws Exception {
        InetAddress node = LabAgent.address(LAB.n1(), family);
        try (WhoAmI _ = WhoAmI.startAt(LAB.n1(), "daemon", WEB.nodePort(), node);
                LabAgent _ = start(CaptureMode.BPF)) {
            for (Host client : List.of(LAB.out(), LAB.p1(), LAB.n1())) {
                assertThat(
                                LabAgent.awaitAnswer(
                                                client, new InetSocketAddress(node, WEB.nodePort()))
                                        .who())
                        .isEqualTo("b1");
            }
        }
    }

    @Test
    void a7_6_aNumberThatAProcessHoldsIsAProblemOfListenersUntilItGoes() throws Exception {
        WhoAmI daemon = WhoAmI.startAt(LAB.n1(), "daemon", WEB.nodePort(), LAB.n1().ipv4());
        try (LabAgent agent = start(CaptureMode.LISTENERS)) {
            assertThat(agent.process().output())
                    .anySatisfy(line ->
                            assertThat(line)
                                    .contains("Service default/web")
                                    .contains("192.168.50.1")
                                    .contains("is in use by pid " + ProcessHandle.current().pid()));
            assertThat(LabAgent.awaitAnswer(LAB.out(), at("192.168.50.1")).who())
                    .isEqualTo("daemon");
            daemon.close();
            LabAgent.await(
                    LAB.out(),
                    at("192.168.50.1"),
                    o -> o instanceof Outcome.Answered a && a.who().equals("b1"));
        } finally {
            daemon.close();
        }
    }

    @Test
    void a7_6_aNumberThatAProcessHoldsIsAnEventOfTheService() throws Exception {
        String web =
                ",\"spec\":{\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.11\",\"clusterIPs\":[\"10.96.0.11\"],"
                        + "\"ipFamilies\":[\"IPv4\"],\"ports\":[{\"name\":\"http\",\"port\":80,\"nodePort\":"
                        + WEB.nodePort()
                        + ",\"protocol\":\"TCP\"}]}";
        String node =
                ",\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\""
                        + LAB.n1().ipv4().getHostAddress()
                        + "\"}]}";
        WhoAmI daemon = WhoAmI.startAt(LAB.n1(), "daemon", WEB.nodePort(), LAB.n1().ipv4());
        try (FakeApiServer api = new FakeApiServer();
                Forwarder here = Forwarder.on(LAB.n1(), api.uri())) {
            api.put("nodes", "n1", node);
            api.put("services", "web", web);
            api.put(
                    "endpointslices",
                    "web-1",
                    ApiObjects.slice(
                            "web", LAB.b1().ipv4().getHostAddress(), LabService.BACKEND_PORT));
            try (AgentProcess agent =
                    AgentProcess.runOn(
                            LAB.n1(),
                            "agent",
                            "--api-server",
                            here.uri(),
                            "--node-name",
                            "n1",
                            "--run-dir",
                            folder.resolve("run"),
                            "--capture",
                            "listeners",
                            "--service-cidr",
                            Lab.SERVICE_CIDR)) {
                agent.awaitServing();
                World.await(
                        () -> api.writes().stream().anyMatch(w -> isEvent(w.body())),
                        "the event of the Service");
                daemon.close();
                LabAgent.await(
                        LAB.out(),
                        at("192.168.50.1"),
                        o -> o instanceof Outcome.Answered a && a.who().equals("b1"));
            }
        } finally {
            daemon.close();
        }
    }

    private static boolean isEvent(String body) {
        return List.of(
                        "\"reason\":\"FailedToCapture\"",
                        "\"kind\":\"Service\"",
                        "\"name\":\"web\"",
                        "192.168.50.1:" + WEB.nodePort(),
                        "is in use by pid " + ProcessHandle.current().pid())
                .stream()
                .allMatch(body::contains);
    }

    /// Accepted connections have the port of the NodePort as theirs.
    @ParameterizedTest
    @EnumSource
    void a7_6_aProcessOnTheNumberCanBeRestartedWhileFlowsLive(IpFamily family) throws Exception {
        InetAddress node = LabAgent.address(LAB.n1(), family);
        WhoAmI daemon = WhoAmI.startAt(LAB.n1(), "daemon", WEB.nodePort(), node);
        try (LabAgent _ = start(CaptureMode.BPF);
                Socket flow =
                        new Client(LAB.out()).open(new InetSocketAddress(node, WEB.nodePort()))) {
            assertThat(flow.getInputStream().read()).isEqualTo('b');
            daemon.close();
            try (WhoAmI _ = WhoAmI.startAt(LAB.n1(), "daemon", WEB.nodePort(), node)) {
                flow.getOutputStream().write('!');
                assertThat(flow.getInputStream().read()).isNotNegative();
                assertThat(
                                LabAgent.awaitAnswer(
                                                LAB.out(),
                                                new InetSocketAddress(node, WEB.nodePort()))
                                        .who())
                        .isEqualTo("b1");
            }
        } finally {
            daemon.close();
        }
    }
}
