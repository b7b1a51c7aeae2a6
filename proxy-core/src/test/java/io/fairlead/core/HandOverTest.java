package io.fairlead.core;

import static io.fairlead.core.testing.DatagramServices.address;
import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.DnsQuestion;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.RefusingPort;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one data plane has of the one before it (SEMANTICS A11.6, A18.4).
class HandOverTest {

    /// `-Dfairlead.handovers=1000` for more.
    private static final int HANDOVERS = Integer.getInteger("fairlead.handovers", 100);

    @TempDir private Path folder;

    private static String ask(AddressPort vip) throws IOException {
        try (Socket socket = Loopback.connect(vip)) {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static void assertEchoes(Socket socket, int octet) throws IOException {
        socket.getOutputStream().write(octet);
        assertThat(socket.getInputStream().read()).isEqualTo(octet);
    }

    private static DatagramSocket datagramClient() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void send(DatagramSocket from, AddressPort to, byte[] text) throws IOException {
        from.send(new DatagramPacket(text, text.length, address(to)));
    }

    private static byte[] receive(DatagramSocket at, AddressPort from) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        at.receive(packet);
        assertThat(packet.getSocketAddress()).isEqualTo(address(from));
        return java.util.Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void flowsStayWithTheOldOneAndNewClientsComeToTheNewOne() throws IOException {
        AddressPort vip = Loopback.vip();
        try (TestServer backend = TestServer.echo();
                DataPlane old = DataPlane.start(1)) {
            ServiceSnapshot served = snapshot(clusterIp("web", vip, backend));
            assertThat(old.apply(served)).isEmpty();
            try (Socket before = Loopback.connect(vip)) {
                assertEchoes(before, 'a');
                try (Succession succession = Succession.of(old, served, folder);
                        Socket after = Loopback.connect(vip)) {
                    assertEchoes(before, 'b');
                    assertEchoes(after, 'c');
                    assertThat(old.liveFlows()).isEqualTo(1);
                    assertThat(succession.plane().liveFlows()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void clientsInTheQueueOfAListenerAreServedByTheNewOne() throws IOException {
        AddressPort vip = Loopback.vip();
        PlaneOptions oneFlow = PlaneOptions.loopback(1).withTcp(TcpOptions.DEFAULT.withMaxFlows(1));
        try (TestServer backend = TestServer.echo();
                DataPlane old = DataPlane.start(oneFlow)) {
            ServiceSnapshot served = snapshot(clusterIp("web", vip, backend));
            assertThat(old.apply(served)).isEmpty();
            try (Socket first = Loopback.connect(vip)) {
                assertEchoes(first, 'a');
                List<Socket> queued = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    queued.add(Loopback.connect(vip));
                }
                try (Succession succession = Succession.of(old, served, folder)) {
                    for (Socket client : queued) {
                        assertEchoes(client, 'q');
                    }
                    assertThat(succession.plane().liveFlows()).isEqualTo(20);
                    assertEchoes(first, 'b');
                } finally {
                    for (Socket client : queued) {
                        client.close();
                    }
                }
            }
        }
    }

    /// SEMANTICS A9: a client sticks to its backend whoever relays.
    @Test
    void clientsStickToTheirBackends() throws IOException {
        AddressPort vip = Loopback.vip();
        List<TestServer> servers =
                IntStream.range(0, 8).mapToObj(i -> TestServer.named("b" + i)).toList();
        BackendSet set = Services.set(servers.stream().map(TestServer::at).toList());
        ServiceSnapshot served =
                snapshot(
                        new ServicePort(
                                new ServicePortName(
                                        "default", "web", "", Protocol.TCP, IpFamily.IPV4),
                                List.of(new Vip(Vip.Kind.CLUSTER_IP, vip)),
                                Balancing.of(Balancing.Policy.RANDOM),
                                OptionalInt.of(10_800),
                                set,
                                null,
                                null,
                                false,
                                Set.of(),
                                List.of(),
                                FlowRules.NONE));
        try (DataPlane old = DataPlane.start(1)) {
            assertThat(old.apply(served)).isEmpty();
            String first = ask(vip);
            try (Succession _ = Succession.of(old, served, folder)) {
                Set<String> answers = new HashSet<>();
                for (int i = 0; i < 15; i++) {
                    answers.add(ask(vip));
                }
                assertThat(answers).containsExactly(first);
            }
        } finally {
            servers.forEach(TestServer::close);
        }
    }

    @Test
    void abackendThatIsEjectedStaysSo() throws IOException {
        AddressPort vip = Loopback.vip();
        try (RefusingPort dead = new RefusingPort();
                TestServer one = TestServer.named("one");
                TestServer two = TestServer.named("two");
                DataPlane old = DataPlane.start(1)) {
            ServiceSnapshot served =
                    snapshot(
                            clusterIp(
                                    "web",
                                    vip,
                                    Balancing.Policy.ROUND_ROBIN,
                                    List.of(dead.at(), one.at(), two.at())));
            assertThat(old.apply(served)).isEmpty();
            while (old.counts().ejectedBackends() == 0) {
                assertThat(ask(vip)).isIn("one", "two");
            }
            try (Succession succession = Succession.of(old, served, folder)) {
                assertThat(succession.plane().counts().ejectedBackends()).isEqualTo(1);
                for (int i = 0; i < 10; i++) {
                    assertThat(ask(vip)).isIn("one", "two");
                }
                assertThat(succession.plane().counts().connectFailures()).isZero();
            }
        }
    }

    @Test
    void leastConnectionsCountsWhatTheOldOneStillRelays() throws IOException {
        AddressPort vip = Loopback.vip();
        List<Socket> held = new ArrayList<>();
        try (TestServer one = TestServer.echo();
                TestServer two = TestServer.echo();
                DataPlane old = DataPlane.start(1)) {
            ServiceSnapshot first = snapshot(clusterIp("web", vip, one));
            ServiceSnapshot both = snapshot(clusterIp("web", vip, one, two));
            assertThat(old.apply(first)).isEmpty();
            for (int i = 0; i < 10; i++) {
                held.add(Loopback.connect(vip));
                assertEchoes(held.getLast(), 'x');
            }
            try (Succession succession = Succession.of(old, both, folder)) {
                assertThat(live(succession.plane(), one)).isEqualTo(10);
                for (int i = 0; i < 8; i++) {
                    held.add(Loopback.connect(vip));
                    assertEchoes(held.getLast(), 'x');
                }
                assertThat(live(succession.plane(), two)).isEqualTo(8);
                succession.followCounts();
                held.subList(0, 6).forEach(HandOverTest::close);
                eventually("4 are left", () -> live(succession.plane(), one) == 4);
                succession.endTalk();
                eventually("none is left", () -> live(succession.plane(), one) == 0);
            }
        } finally {
            held.forEach(HandOverTest::close);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int live(DataPlane plane, TestServer server) {
        return plane.view().stream()
                .flatMap(entry -> entry.group().backends().stream())
                .filter(backend -> backend.at().equals(server.at()))
                .mapToInt(Backend::live)
                .sum();
    }

    /// SEMANTICS A11.6: a client and a server that speak by datagrams do not notice.
    @Test
    void aFlowOfDatagramsKeepsItsBackendAndItsSocket() throws IOException {
        AddressPort vip = Loopback.vip();
        try (DatagramServer a = DatagramServer.start("a");
                DatagramServer b = DatagramServer.start("b");
                DataPlane old = DataPlane.start(2)) {
            ServiceSnapshot served = DatagramServices.snapshot(vip, a.at(), b.at());
            assertThat(old.apply(served)).isEmpty();
            List<DatagramSocket> clients = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                clients.add(datagramClient());
                send(clients.getLast(), vip, "x".getBytes(US_ASCII));
                names.add(new String(receive(clients.getLast(), vip), US_ASCII));
            }
            PlaneOptions otherLoops = PlaneOptions.loopback(3);
            try (Succession succession = Succession.of(old, otherLoops, served, folder, () -> {})) {
                for (int i = 0; i < 30; i++) {
                    send(clients.get(i), vip, "x".getBytes(US_ASCII));
                    assertThat(new String(receive(clients.get(i), vip), US_ASCII))
                            .isEqualTo(names.get(i));
                }
                assertThat(succession.plane().counts().liveDatagramFlows()).isEqualTo(30);
                assertThat(old.liveFlows()).isZero();
            } finally {
                clients.forEach(DatagramSocket::close);
            }
        }
    }

    @Test
    void datagramsThatComeWhileNobodyTakesThemAreLed() throws IOException {
        AddressPort vip = Loopback.vip();
        try (DatagramServer a = DatagramServer.start("a");
                DatagramSocket known = datagramClient();
                DatagramSocket stranger = datagramClient();
                DataPlane old = DataPlane.start(2)) {
            ServiceSnapshot served = DatagramServices.snapshot(vip, a.at());
            assertThat(old.apply(served)).isEmpty();
            send(known, vip, "before".getBytes(US_ASCII));
            assertThat(new String(receive(known, vip), US_ASCII)).isEqualTo("a:before");
            Runnable meanwhile =
                    () -> {
                        try {
                            send(known, vip, "1".getBytes(US_ASCII));
                            send(stranger, vip, "2".getBytes(US_ASCII));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    };
            try (Succession _ =
                    Succession.of(old, PlaneOptions.loopback(2), served, folder, meanwhile)) {
                assertThat(new String(receive(known, vip), US_ASCII)).isEqualTo("a:1");
                assertThat(new String(receive(stranger, vip), US_ASCII)).isEqualTo("a:2");
            }
        }
    }

    /// The question was asked of the old one, the answer comes to the new one.
    @Test
    void anAnswerThatIsOutstandingComes() throws IOException {
        AddressPort vip = new AddressPort(Loopback.address(), 53);
        try (DatagramSocket backend = datagramClient();
                DatagramSocket client = datagramClient();
                DataPlane old = DataPlane.start(2)) {
            AddressPort at =
                    new AddressPort(
                            io.fairlead.core.service.IpAddress.of(backend.getLocalAddress()),
                            backend.getLocalPort());
            ServiceSnapshot served = DatagramServices.snapshot(vip, at);
            assertThat(old.apply(served)).isEmpty();
            DnsQuestion question = new DnsQuestion(4711, "example.org");
            send(client, vip, question.bytes());
            DatagramPacket asked = new DatagramPacket(new byte[512], 512);
            backend.receive(asked);
            try (Succession succession = Succession.of(old, served, folder)) {
                byte[] answer = question.answer();
                backend.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
                assertThat(receive(client, vip)).isEqualTo(answer);
                eventually(
                        "answered is over",
                        () -> succession.plane().counts().liveDatagramFlows() == 0);
            }
        }
    }

    @Test
    void ipv6IsHandedOverAlike() throws IOException {
        AddressPort vip = Loopback.vip6();
        try (TestServer backend = TestServer.start("::1", c -> c.getOutputStream().write('6'));
                DataPlane old = DataPlane.start(1)) {
            ServiceSnapshot served = snapshot(clusterIp("web", vip, backend));
            assertThat(old.apply(served)).isEmpty();
            try (Succession _ = Succession.of(old, served, folder)) {
                assertThat(ask(vip)).isEqualTo("6");
            }
        }
    }

    /// Where a Service is served no more, or one is new, the new one's table counts.
    @Test
    void theNewOneServesWhatItsOwnTableSays() throws IOException {
        AddressPort gone = Loopback.vip();
        AddressPort kept = Loopback.vip();
        AddressPort added = Loopback.vip();
        try (TestServer backend = TestServer.named("b");
                DataPlane old = DataPlane.start(1)) {
            assertThat(
                            old.apply(
                                    snapshot(
                                            clusterIp("gone", gone, backend),
                                            clusterIp("kept", kept, backend))))
                    .isEmpty();
            ServiceSnapshot next =
                    snapshot(clusterIp("kept", kept, backend), clusterIp("added", added, backend));
            try (Succession succession = Succession.of(old, next, folder)) {
                assertThat(succession.missing())
                        .contains("1 listening sockets are not needed here");
                assertThat(ask(kept)).isEqualTo("b");
                assertThat(ask(added)).isEqualTo("b");
            }
        }
    }

    @Test
    void noDescriptorIsLeftBehind() throws IOException {
        AddressPort vip = Loopback.vip();
        try (TestServer backend = TestServer.echo();
                DatagramServer datagrams = DatagramServer.start("a");
                DatagramSocket client = datagramClient()) {
            ServiceSnapshot served =
                    snapshot(
                            clusterIp("web", vip, backend),
                            DatagramServices.port("dns", List.of(vip), List.of(datagrams.at())));
            DataPlane serving = DataPlane.start(1);
            Succession last = null;
            try {
                assertThat(serving.apply(served)).isEmpty();
                int after10 = 0;
                for (int i = 0; i < HANDOVERS; i++) {
                    send(client, vip, new byte[] {'x'});
                    assertThat(receive(client, vip)).containsExactly('a', ':', 'x');
                    Succession next =
                            Succession.of(
                                    serving, PlaneOptions.loopback(1), served, folder, () -> {});
                    serving.close();
                    if (last != null) {
                        last.close();
                    }
                    last = next;
                    serving = next.plane();
                    try (Socket socket = Loopback.connect(vip)) {
                        assertEchoes(socket, 'y');
                    }
                    after10 = i == 9 ? open() : after10;
                }
                assertThat(open()).isBetween(after10 - 8, after10 + 8);
                assertThat(serving.counts().liveDatagramFlows()).isEqualTo(1);
            } finally {
                serving.close();
                if (last != null) {
                    last.close();
                }
            }
        }
    }

    private static int open() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }
}
