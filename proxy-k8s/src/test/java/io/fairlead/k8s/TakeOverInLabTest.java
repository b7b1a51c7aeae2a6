package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.WhoAmI;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Take-overs on a node of the lab, under load of both protocols and families.
class TakeOverInLabTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    /// `-Dfairlead.takeovers=20` for more.
    private static final int TAKEOVERS = Integer.getInteger("fairlead.takeovers", 3);

    private static final int FLOWS = 200;
    private static final int BACKEND_PORT = 8080;
    private static final int DNS_PORT = 8053;

    private static final InetSocketAddress WEB = at("10.96.0.10", 80);
    private static final InetSocketAddress WEB6 = at("fd00:10:96::10", 80);
    private static final InetSocketAddress DNS = at("10.96.0.53", 53);
    private static final InetSocketAddress DNS6 = at("fd00:10:96::53", 53);

    @TempDir private Path temporary;

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private Path manifests() throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("manifests"));
        Files.writeString(
                folder.resolve("world.yaml"),
                LabAgent.node(LAB.n1(), "podCIDRs: [\"10.244.1.0/24\", \"fd00:10:244:1::/64\"]")
                        + service("web", "10.96.0.10", 80, "")
                        + slice("web", LAB.b1().ipv4().getHostAddress(), BACKEND_PORT)
                        + service("web6", "fd00:10:96::10", 80, "")
                        + slice("web6", LAB.b1().ipv6().getHostAddress(), BACKEND_PORT)
                        + udp(service("dns", "10.96.0.53", 53, ""))
                        + udp(slice("dns", LAB.b1().ipv4().getHostAddress(), DNS_PORT))
                        + udp(service("dns6", "fd00:10:96::53", 53, ""))
                        + udp(slice("dns6", LAB.b1().ipv6().getHostAddress(), DNS_PORT)));
        return folder;
    }

    private static String udp(String manifest) {
        return manifest.replace("protocol: TCP", "protocol: UDP");
    }

    private AgentProcess agent(CaptureMode capture, Object... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(
                        List.of(
                                "--takeover",
                                "--capture",
                                capture.word(),
                                "--service-cidr",
                                Lab.SERVICE_CIDR + "," + Lab.SERVICE_CIDR6));
        arguments.addAll(List.of(more));
        AgentProcess agent =
                AgentProcess.startOn(
                        LAB.n1(), manifests(), temporary.resolve("run"), arguments.toArray());
        try {
            return agent.awaitServing();
        } catch (Throwable e) {
            agent.close();
            throw e;
        }
    }

    /// SEMANTICS A18.4, A11.6.
    @Test
    void noConnectionAndNoDatagramNotices() throws Exception {
        takeOver(CaptureMode.BPF, TAKEOVERS);
    }

    @ParameterizedTest
    @EnumSource(
            value = CaptureMode.class,
            names = {"LISTENERS"})
    void nobodyNoticesWithAListenerForEachFrontend(CaptureMode capture) throws Exception {
        takeOver(capture, 1);
    }

    private void takeOver(CaptureMode capture, int times) throws Exception {
        AgentProcess serving = null;
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), BACKEND_PORT);
                DatagramSocket _ =
                        TakeOverLoad.dnsServer(
                                LAB.b1(), new InetSocketAddress(LAB.b1().ipv4(), DNS_PORT));
                DatagramSocket _ =
                        TakeOverLoad.dnsServer(
                                LAB.b1(), new InetSocketAddress(LAB.b1().ipv6(), DNS_PORT));
                TakeOverLoad load = new TakeOverLoad(LAB.p1())) {
            serving = agent(capture);
            load.connectTo(WEB, WEB6, WEB);
            load.askOften(DNS);
            load.askOften(DNS6);
            load.askAnew(DNS);
            for (int i = 0; i < times; i++) {
                long connections = load.connections();
                long datagrams = load.datagrams();
                AgentProcess next;
                try (TakeOverLoad.Flows flows = load.open(FLOWS, WEB, WEB6)) {
                    flows.exchangeAll();
                    next = agent(capture);
                    flows.exchangeAll();
                    assertThat(load.failures()).as("take-over %d", i).isEmpty();
                } catch (Throwable e) {
                    System.err.println(String.join("\n", serving.output()));
                    throw e;
                }
                try (AgentProcess old = serving) {
                    serving = next;
                    assertThat(old.exitCode()).isZero();
                    assertThat(old.output())
                            .anyMatch(l -> l.contains("stops; no flow was open"))
                            .noneMatch(l -> l.contains(" ERROR "));
                }
                World.await(
                        () ->
                                load.connections() > connections + 100
                                        && load.datagrams() > datagrams + 100,
                        "the load goes on");
            }
            load.close();
            assertThat(load.failures()).isEmpty();
            System.err.printf(
                    "%d take-overs: %d connections, %d questions, %d failures%n",
                    times, load.connections(), load.datagrams(), load.failures().size());
            serving.terminate();
            assertThat(serving.exitCode()).isZero();
        } finally {
            if (serving != null) {
                serving.close();
            }
        }
    }
}
