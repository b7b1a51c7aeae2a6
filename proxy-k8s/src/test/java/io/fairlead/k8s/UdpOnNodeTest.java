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
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Datagrams through the agent on a node, by both ways of capture (SEMANTICS A11).
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"BPF", "LISTENERS"})
class UdpOnNodeTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int LARGEST = 65_507;
    private static final int NOBODY = 8099;

    private static final LabService SERVICE = LabService.of("dns", 21);
    private static final LabService OTHER = LabService.of("other", 22);

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static @Nullable LabAgent agent;

    UdpOnNodeTest(CaptureMode capture) {
        assertThat(capture).isNotNull();
    }

    @BeforeParameterizedClassInvocation
    static void start(CaptureMode capture, @TempDir Path folder) throws Exception {
        for (Host host : List.of(LAB.b1(), LAB.b2(), LAB.b3())) {
            OPEN.add(WhoAmI.start(host, LabService.BACKEND_PORT));
        }
        LabAgent started =
                LabAgent.start(
                        LAB,
                        folder,
                        capture,
                        world(SERVICE.on(LAB.b1()).yaml()),
                        LabAgent.CLUSTER_CIDR);
        OPEN.add(started);
        agent = started;
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
        OPEN.clear();
    }

    private static String world(String... services) {
        return LabAgent.node(LAB.n1()) + String.join("", services).replace(": TCP}", ": UDP}");
    }

    /// A client and where it asks: pods and hosts, of this node and of the other, and one outside.
    private record Way(Host from, Destination to) {

        InetSocketAddress at(LabService service, IpFamily family) {
            return service.at(to, family, LAB.n1());
        }
    }

    /// To the NodePort of n1 also for endpoints on n2, so through another node.
    private static List<Way> ways() {
        return List.of(
                new Way(LAB.p1(), Destination.CLUSTER_IP),
                new Way(LAB.n1(), Destination.CLUSTER_IP),
                new Way(LAB.p1(), Destination.NODE_PORT),
                new Way(LAB.n2(), Destination.NODE_PORT),
                new Way(LAB.out(), Destination.NODE_PORT),
                new Way(LAB.out(), Destination.LOAD_BALANCER),
                new Way(LAB.out(), Destination.EXTERNAL_IP));
    }

    private static void serve(String... services) throws IOException {
        Objects.requireNonNull(agent).change(world(services));
    }

    /// Asks with new sockets until this one answers: what was written before holds. Until then each
    /// question has some answer too, for whoever is asked still lives.
    private static void awaitFor(Way way, LabService service, IpFamily family, String who)
            throws Exception {
        World.await(
                () -> {
                    try (UdpClient client =
                            UdpClient.connected(way.from(), way.at(service, family))) {
                        String answer = client.ask(way.at(service, family));
                        assertThat(answer).as("%s", way).isNotEqualTo(UdpClient.SILENT);
                        return answer.equals(who);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                way + " gets " + who);
    }

    @ParameterizedTest
    @EnumSource
    void a11_1_aSocketKeepsItsEndpointAndHearsTheVip(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b1(), LAB.b3()).yaml());
        for (Way way : ways()) {
            Set<String> reached = new HashSet<>();
            World.await(
                    () -> {
                        try (UdpClient client = UdpClient.on(way.from())) {
                            String who = client.ask(way.at(SERVICE, family));
                            for (int i = 0; i < 3; i++) {
                                assertThat(client.ask(way.at(SERVICE, family)))
                                        .as("%s", way)
                                        .isEqualTo(who);
                            }
                            reached.add(who);
                            return reached.containsAll(Set.of("b1", "b3"));
                        } catch (Exception e) {
                            throw new AssertionError(way.toString(), e);
                        }
                    },
                    way + " reaches both endpoints");
        }
    }

    /// A11.2, A11.3, A11.4, A11.5, A11.8: each client has one socket for all of it.
    @ParameterizedTest
    @EnumSource
    void a11_5_socketsFollowEndpointsThatAreReplacedGoneAndBack(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b1()).yaml());
        awaitFor(ways().getFirst(), SERVICE, family, "b1");
        List<UdpClient> clients = new ArrayList<>();
        try {
            for (Way way : ways()) {
                UdpClient client = UdpClient.connected(way.from(), way.at(SERVICE, family));
                clients.add(client);
                assertThat(client.ask(way.at(SERVICE, family))).as("%s", way).isEqualTo("b1");
            }
            serve(SERVICE.on(LAB.b2()).yaml());
            awaitAll(clients, family, "b2");
            serve(SERVICE.on(LAB.b3()).yaml());
            awaitAll(clients, family, "b3");
            serve(SERVICE.yaml());
            awaitAll(clients, family, UdpClient.REFUSED);
            serve(SERVICE.on(LAB.b1()).yaml());
            awaitAll(clients, family, "b1");
        } finally {
            clients.forEach(UdpClient::close);
        }
    }

    private static void awaitAll(List<UdpClient> clients, IpFamily family, String wanted) {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).await(ways().get(i).at(SERVICE, family), wanted);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a11_7_oneSocketTellsTwoVipsOfOneEndpointApart(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b1()).yaml(), OTHER.on(LAB.b1()).yaml());
        awaitFor(ways().getFirst(), SERVICE, family, "b1");
        awaitFor(ways().getFirst(), OTHER, family, "b1");
        for (Host host : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            try (UdpClient client = UdpClient.on(host)) {
                for (int i = 0; i < 3; i++) {
                    for (LabService service : List.of(SERVICE, OTHER)) {
                        for (Destination to : List.of(Destination.values())) {
                            assertThat(client.ask(service.at(to, family, LAB.n1())))
                                    .as("%s at %s", host, to)
                                    .isEqualTo("b1");
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a11_9_anEndpointWithNothingAtItsPortIsPortUnreachable(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b1()).yaml(), OTHER.on(LAB.b1(), LAB.b3()).yaml(NOBODY));
        awaitFor(ways().getFirst(), SERVICE, family, "b1");
        for (Way way : ways()) {
            awaitFor(way, OTHER, family, UdpClient.REFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a11_10_theLargestDatagramPassesBothWays(IpFamily family) throws Exception {
        int port = 8098;
        try (DatagramSocket echo =
                LAB.b1()
                        .run(() ->
                                new DatagramSocket(
                                        new InetSocketAddress(
                                                LabAgent.address(LAB.b1(), family), port)))) {
            Thread.ofPlatform().daemon().start(() -> echo(echo));
            serve(OTHER.on(LAB.b1()).yaml(port));
            byte[] data = new byte[LARGEST];
            new Random(11).nextBytes(data);
            for (Way way : ways()) {
                World.await(() -> echoes(way, family, data), way + " has it back");
            }
        }
    }

    /// Asks once; what is lost, or meets what was served before, is asked again.
    private static boolean echoes(Way way, IpFamily family, byte[] data) {
        try (UdpClient client = UdpClient.connected(way.from(), way.at(OTHER, family))) {
            return Arrays.equals(client.exchange(way.at(OTHER, family), data), data);
        } catch (PortUnreachableException | SocketTimeoutException _) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(way.toString(), e);
        }
    }

    private static void echo(DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        try {
            while (true) {
                packet.setLength(65_535);
                socket.receive(packet);
                socket.send(packet);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    /// A10.5: the client is its own endpoint, and sees this node.
    @ParameterizedTest
    @EnumSource
    void a10_5_aPodReachesItselfByItsService(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b2()).yaml());
        Way way = new Way(LAB.b2(), Destination.CLUSTER_IP);
        awaitFor(way, SERVICE, family, "b2");
        assertThat(new Client(LAB.b2()).ask(way.at(SERVICE, family)))
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answer ->
                                assertThat(answer.seen())
                                        .isEqualTo(LabAgent.address(LAB.n1(), family)));
    }

    /// A5: with the client's own port, as NAT would show it.
    @ParameterizedTest
    @EnumSource
    void a5_anEndpointSeesAPodWithItsPort(IpFamily family) throws Exception {
        serve(SERVICE.on(LAB.b2()).yaml());
        Way way = new Way(LAB.p1(), Destination.CLUSTER_IP);
        awaitFor(way, SERVICE, family, "b2");
        assertThat(new Client(LAB.p1()).ask(way.at(SERVICE, family)))
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answer -> {
                            assertThat(answer.seen()).isEqualTo(LabAgent.address(LAB.p1(), family));
                            assertThat(answer.seenPort()).isEqualTo(answer.ownPort());
                        });
    }

    /// A9.6.
    @ParameterizedTest
    @EnumSource
    void a9_6_aClientSticksToOneEndpointOverItsSockets(IpFamily family) throws Exception {
        // Another number, so another Service: who is served there is served by this state.
        LabService sticky = LabService.of("sticky", family == IpFamily.IPV4 ? 23 : 24);
        serve(sticky.on(LAB.b1(), LAB.b2()).with("sessionAffinity: ClientIP").yaml());
        World.await(
                () -> {
                    Way way = ways().getFirst();
                    try (UdpClient client =
                            UdpClient.connected(way.from(), way.at(sticky, family))) {
                        return !client.ask(way.at(sticky, family)).equals(UdpClient.REFUSED);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                "it is served");
        for (Way way : ways()) {
            Set<String> reached = new HashSet<>();
            for (int i = 0; i < 8; i++) {
                try (UdpClient client = UdpClient.on(way.from())) {
                    reached.add(client.ask(way.at(sticky, family)));
                }
            }
            assertThat(reached).as("%s", way).hasSize(1).isSubsetOf("b1", "b2");
        }
    }
}
