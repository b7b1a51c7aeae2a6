package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
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
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.RefusingPort;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one data plane has of the one before it (SEMANTICS A18.4).
class HandOverTest {

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
}
