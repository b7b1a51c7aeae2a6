package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.handover.Step;
import io.fairlead.core.transport.Transport;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.WhoAmI;
import java.io.File;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    private AgentProcess begin(CaptureMode capture, @Nullable Step dies) throws Exception {
        return begin(capture, dies, Transport.EPOLL);
    }

    private AgentProcess begin(CaptureMode capture, @Nullable Step dies, Transport transport)
            throws Exception {
        return AgentProcess.startOn(
                dies == null
                        ? List.of()
                        : List.of("env", "JAVA_TOOL_OPTIONS=-D" + Step.PROPERTY + "=" + dies),
                LAB.n1(),
                manifests(),
                temporary.resolve("run"),
                "--takeover",
                "--capture",
                capture.word(),
                "--transport",
                transport.word(),
                "--service-cidr",
                Lab.SERVICE_CIDR + "," + Lab.SERVICE_CIDR6);
    }

    private AgentProcess agent(CaptureMode capture) throws Exception {
        return agent(capture, Transport.EPOLL);
    }

    private AgentProcess agent(CaptureMode capture, Transport transport) throws Exception {
        AgentProcess agent = begin(capture, null, transport);
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
        takeOver(CaptureMode.BPF, Collections.nCopies(TAKEOVERS, Transport.EPOLL));
    }

    /// From epoll to a ring, from ring to ring, and back.
    @Test
    void nobodyNoticesWhereTheTransportIsAnother() throws Exception {
        takeOver(CaptureMode.BPF, List.of(Transport.IO_URING, Transport.IO_URING, Transport.EPOLL));
    }

    @ParameterizedTest
    @EnumSource(
            value = CaptureMode.class,
            names = {"LISTENERS"})
    void nobodyNoticesWithAListenerForEachFrontend(CaptureMode capture) throws Exception {
        takeOver(capture, List.of(Transport.EPOLL));
    }

    private void takeOver(CaptureMode capture, List<Transport> successors) throws Exception {
        AgentProcess serving = null;
        try (Backends _ = new Backends();
                TakeOverLoad load = new TakeOverLoad(LAB.p1())) {
            serving = agent(capture);
            load.connectTo(WEB, WEB6, WEB);
            load.askOften(DNS);
            load.askOften(DNS6);
            load.askAnew(DNS);
            for (Transport transport : successors) {
                AgentProcess next;
                try (TakeOverLoad.Flows flows = load.open(FLOWS, WEB, WEB6)) {
                    flows.exchangeAll();
                    next = agent(capture, transport);
                    flows.exchangeAll();
                    assertThat(load.failures()).as("take-over by %s", transport).isEmpty();
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
                awaitMore(load);
            }
            load.end();
            assertThat(load.failures()).isEmpty();
            System.err.printf(
                    "%d take-overs: %d connections, %d questions, %d failures%n",
                    successors.size(),
                    load.connections(),
                    load.datagrams(),
                    load.failures().size());
            serving.terminate();
            assertThat(serving.exitCode()).isZero();
        } finally {
            if (serving != null) {
                serving.close();
            }
        }
    }

    private static final class Backends implements AutoCloseable {

        private final WhoAmI web = WhoAmI.start(LAB.b1(), BACKEND_PORT);
        private final DatagramSocket dns =
                TakeOverLoad.dnsServer(LAB.b1(), new InetSocketAddress(LAB.b1().ipv4(), DNS_PORT));
        private final DatagramSocket dns6 =
                TakeOverLoad.dnsServer(LAB.b1(), new InetSocketAddress(LAB.b1().ipv6(), DNS_PORT));

        Backends() throws Exception {}

        @Override
        public void close() {
            dns.close();
            dns6.close();
            web.close();
        }
    }

    /// A successor that dies leaves the old one serving, and nothing of its own.
    @Test
    void aSuccessorThatIsKilledIsNotNoticed() throws Exception {
        try (Backends _ = new Backends();
                TakeOverLoad load = new TakeOverLoad(LAB.p1());
                AgentProcess serving = agent(CaptureMode.BPF)) {
            load.connectTo(WEB, WEB6);
            load.askOften(DNS);
            load.askAnew(DNS6);
            TakeOverLoad.Flows flows = load.open(20, WEB, WEB6);
            String kernel = kernel();
            long files = files(serving);
            for (Step step : List.of(Step.ASKING, Step.PREPARED, Step.RECEIVED)) {
                try (AgentProcess killed = begin(CaptureMode.BPF, step)) {
                    assertThat(killed.exitCode()).as("killed at %s", step).isEqualTo(137);
                }
                flows.exchangeAll();
                awaitMore(load);
                assertThat(load.failures()).as("killed at %s", step).isEmpty();
                assertThat(kernel()).as("killed at %s", step).isEqualTo(kernel);
            }
            flows.close();
            load.end();
            assertThat(load.failures()).isEmpty();
            World.await(() -> files(serving) <= files + 20, "no file is left open");
            // It had begun to serve: what it relayed is lost, and no more.
            try (AgentProcess killed = begin(CaptureMode.BPF, Step.SERVING)) {
                assertThat(killed.exitCode()).isEqualTo(137);
            }
            LabAgent.awaitAnswer(LAB.p1(), WEB);
            assertThat(kernel()).isEqualTo(kernel);
            // The one that serves again leads by its own table.
            Files.writeString(
                    manifests().resolve("more.yaml"),
                    service("more", "10.96.0.11", 80, "")
                            + slice("more", LAB.b1().ipv4().getHostAddress(), BACKEND_PORT));
            LabAgent.awaitAnswer(LAB.p1(), at("10.96.0.11", 80));
            try (AgentProcess next = agent(CaptureMode.BPF)) {
                assertThat(serving.exitCode()).isZero();
                LabAgent.awaitAnswer(LAB.p1(), WEB6);
                next.terminate();
                assertThat(next.exitCode()).isZero();
            }
        }
    }

    /// From a program to listeners and back: who is on the way is served, and nothing is left of
    /// either way at the end.
    @Test
    void theWayOfCaptureMayChange() throws Exception {
        List<AgentProcess> agents = new ArrayList<>();
        try (Backends _ = new Backends();
                TakeOverLoad load = new TakeOverLoad(LAB.p1())) {
            agents.add(agent(CaptureMode.BPF));
            load.connectTo(WEB, WEB6);
            load.askOften(DNS);
            load.askAnew(DNS6);
            for (CaptureMode next : List.of(CaptureMode.LISTENERS, CaptureMode.BPF)) {
                awaitMore(load);
                agents.add(agent(next));
                assertThat(agents.get(agents.size() - 2).exitCode()).isZero();
            }
            awaitMore(load);
            load.end();
            System.err.printf(
                    "capture changed twice: %d connections, %d questions, failures %s%n",
                    load.connections(), load.datagrams(), load.failures());
            assertThat(load.failures()).isEmpty();
            agents.getLast().terminate();
            assertThat(agents.getLast().exitCode()).isZero();
            assertThat(kernel()).doesNotContain("102").doesNotContain("fairlead");
        } finally {
            agents.forEach(AgentProcess::close);
        }
    }

    /// It has made its capture by then, of other ranges.
    @Test
    void aSuccessorThatCannotServeLeavesEverythingToTheOldOne() throws Exception {
        try (Backends _ = new Backends();
                TakeOverLoad load = new TakeOverLoad(LAB.p1());
                AgentProcess serving = agent(CaptureMode.BPF)) {
            String kernel = kernel();
            load.connectTo(WEB, WEB6);
            load.askAnew(DNS);
            awaitMore(load);
            try (AgentProcess failing =
                    AgentProcess.startOn(
                            LAB.n1(),
                            manifests(),
                            temporary.resolve("run"),
                            "--takeover",
                            "--capture",
                            "bpf",
                            "--service-cidr",
                            Lab.SERVICE_CIDR + "," + Lab.SERVICE_CIDR6 + ",10.97.0.0/16",
                            "--healthz-bind-address",
                            "192.0.2.1:10256",
                            "--bind-address-hard-fail",
                            "true")) {
                assertThat(failing.exitCode()).isEqualTo(1);
                assertThat(failing.output())
                        .anyMatch(l -> l.contains("health server cannot listen on 192.0.2.1"));
            }
            serving.awaitLine(l -> l.contains("nobody has taken over; this agent serves on"));
            awaitMore(load);
            load.end();
            assertThat(load.failures()).isEmpty();
            World.await(() -> kernel().equals(kernel), "routes are as before");
            serving.terminate();
            assertThat(serving.exitCode()).isZero();
        }
    }

    private static void awaitMore(TakeOverLoad load) {
        long connections = load.connections();
        long datagrams = load.datagrams();
        World.await(
                () -> load.connections() > connections + 100 && load.datagrams() > datagrams + 100,
                "the load goes on");
    }

    private static String kernel() {
        return String.join(
                "\n",
                LAB.n1().exec("ip", "-4", "route", "show", "table", "all", "proto", "102"),
                LAB.n1().exec("ip", "-6", "route", "show", "table", "all", "proto", "102"),
                LAB.n1().exec("ip", "-4", "rule"),
                LAB.n1().exec("ip", "-6", "rule"),
                LAB.n1().exec("nft", "-s", "list", "ruleset"));
    }

    private static long files(AgentProcess process) {
        String[] open = new File("/proc/" + process.pid() + "/fd").list();
        return open == null ? 0 : open.length;
    }

    /// An agent that dies while it hands over loses what it relays; the other serves at once, with
    /// what it was given until then.
    @Test
    void ofAnAgentThatIsKilledTheSuccessorServes() throws Exception {
        List<Step> steps = List.of(Step.ASKED, Step.GIVING, Step.FROZEN, Step.LEAVING);
        List<AgentProcess> agents = new ArrayList<>();
        try (Backends _ = new Backends()) {
            agents.add(begin(CaptureMode.BPF, steps.getFirst()).awaitServing());
            for (int i = 0; i < steps.size(); i++) {
                boolean last = i + 1 == steps.size();
                AgentProcess next = begin(CaptureMode.BPF, last ? null : steps.get(i + 1));
                agents.add(next);
                assertThat(agents.get(i).exitCode()).as("at %s", steps.get(i)).isEqualTo(137);
                long died = System.nanoTime();
                LabAgent.awaitAnswer(LAB.p1(), WEB);
                LabAgent.awaitAnswer(LAB.p1(), WEB6);
                System.err.printf(
                        "killed at %s: served again after %d ms%n",
                        steps.get(i), (System.nanoTime() - died) / 1_000_000);
                next.awaitServing();
                try (UdpClient client = UdpClient.on(LAB.p1())) {
                    byte[] question = new byte[12];
                    assertThat(client.exchange(DNS, question)[2]).isEqualTo((byte) 0x80);
                }
            }
            agents.getLast().terminate();
            assertThat(agents.getLast().exitCode()).isZero();
            assertThat(kernel()).doesNotContain("102").doesNotContain("fairlead");
        } finally {
            agents.forEach(AgentProcess::close);
        }
    }
}
