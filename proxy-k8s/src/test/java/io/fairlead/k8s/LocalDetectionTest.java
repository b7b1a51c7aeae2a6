package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.LabService.Destination;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pods are those behind one bridge of the node (SEMANTICS A10.1, BridgeInterface); by the
/// beginning of names: [TrafficPathTest].
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = CaptureMode.class,
        names = {"BPF", "LISTENERS"})
class LocalDetectionTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.with(Lab.Part.BRIDGE);

    private static final LabService WEB = LabService.of("web", 11);
    private static final LabService ELSEWHERE =
            LabService.of("elsewhere", 12)
                    .with("externalTrafficPolicy: Local")
                    .with("healthCheckNodePort: 32012");

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    LocalDetectionTest(CaptureMode capture) {}

    @BeforeParameterizedClassInvocation
    static void start(CaptureMode capture, @TempDir Path folder) throws Exception {
        for (Host host : List.of(LAB.b1(), LAB.b3())) {
            OPEN.add(WhoAmI.start(host, LabService.BACKEND_PORT));
        }
        // The ranges hold everybody: they must not count.
        String world =
                LabAgent.node(LAB.n1(), "podCIDRs: [\"10.244.1.0/24\", \"fd00:10:244:1::/64\"]")
                        + WEB.on(LAB.b1()).yaml()
                        + ELSEWHERE.on(LAB.b3()).yaml();
        OPEN.add(LabAgent.start(LAB, folder, capture, world, "--pod-interface", "cni0"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
        OPEN.clear();
    }

    private static void assertSeen(Host client, IpFamily family, InetAddress seen)
            throws Exception {
        assertThat(LabAgent.ask(client, WEB.clusterIp(family)))
                .isInstanceOfSatisfying(
                        Outcome.Answered.class, a -> assertThat(a.seen()).isEqualTo(seen));
    }

    @ParameterizedTest
    @EnumSource
    void a10_1_whoIsBehindTheBridgeIsAPodAndNobodyElseIs(IpFamily family) throws Exception {
        Host pod = LAB.host("br1");
        assertSeen(pod, family, LabAgent.address(pod, family));
        assertSeen(LAB.p1(), family, LabAgent.address(LAB.n1(), family));
        assertSeen(LAB.out(), family, LabAgent.address(LAB.n1(), family));
    }

    /// An outsider is refused where no endpoint is on the node; a pod is led on.
    @ParameterizedTest
    @EnumSource
    void a10_1_theDetourOfPodsIsForThoseBehindTheBridge(IpFamily family) throws Exception {
        InetSocketAddress to = ELSEWHERE.at(Destination.LOAD_BALANCER, family, LAB.n1());
        assertThat(LabAgent.ask(LAB.host("br1"), to)).isInstanceOf(Outcome.Answered.class);
        assertThat(LabAgent.ask(LAB.p1(), to)).isNotInstanceOf(Outcome.Answered.class);
    }

    /// As a new pod of a plugin that routes each address.
    @ParameterizedTest
    @EnumSource
    void a10_1_aRouteThatComesAndGoesIsFollowed(IpFamily family) throws Exception {
        String pod = family == IpFamily.IPV4 ? "10.244.7.7" : "fd00:10:244:7::7";
        String bits = family == IpFamily.IPV4 ? "/32" : "/128";
        String gateway = LabAgent.address(LAB.host("br1"), family).getHostAddress();
        LAB.host("br1").ip("addr replace " + pod + bits + " dev lo");
        LAB.n1().ip("route add " + pod + " via " + gateway + " dev cni0");
        try {
            World.await(() -> seen(pod, family).equals(pod), "a pod by its route");
        } finally {
            LAB.n1().ip("route del " + pod + " dev cni0");
        }
    }

    /// Whom the backend saw when a client came from an address.
    private static String seen(String from, IpFamily family) {
        try {
            return LAB.host("br1")
                    .run(() -> {
                        try (Socket socket = new Socket()) {
                            socket.setSoTimeout(10_000);
                            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
                            socket.connect(WEB.clusterIp(family), 10_000);
                            socket.shutdownOutput();
                            String line =
                                    new String(
                                            socket.getInputStream().readAllBytes(),
                                            StandardCharsets.US_ASCII);
                            return InetAddress.ofLiteral(line.split(" ", -1)[1])
                                            .getHostAddress()
                                            .equals(InetAddress.ofLiteral(from).getHostAddress())
                                    ? from
                                    : line;
                        }
                    });
        } catch (Exception e) {
            throw new AssertionError(from, e);
        }
    }
}
