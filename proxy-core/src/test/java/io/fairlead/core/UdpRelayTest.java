package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.udp.UdpCount;
import io.fairlead.core.udp.UdpOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Datagrams through the data plane, on loopback (SEMANTICS A11).
@Tag("transport")
class UdpRelayTest {

    private static final int LARGEST = 65_507;

    private final AtomicLong nowNs = new AtomicLong();
    private final AddressPort vip = Loopback.vip();
    private final AddressPort otherVip = Loopback.vip();
    private DataPlane plane;
    private DatagramServer a;
    private DatagramServer b;

    @BeforeEach
    void start() throws IOException {
        a = DatagramServer.start("a");
        b = DatagramServer.start("b");
        plane = start(UdpOptions.DEFAULT);
    }

    private DataPlane start(UdpOptions options) throws IOException {
        return DataPlane.start(
                TestedWay.of(PlaneOptions.loopback(2).withUdp(options).withClock(nowNs::get)));
    }

    @AfterEach
    void stop() {
        plane.close();
        a.close();
        b.close();
    }

    /// A11.1, A11.7.
    @Test
    void aFlowKeepsItsBackendAndIsAnsweredFromTheAddressItAsked() throws IOException {
        apply(service("dns", vip, Set.of(), a, b));
        Set<String> backends = new HashSet<>();
        for (int client = 0; client < 40; client++) {
            try (DatagramSocket socket = client()) {
                String first = ask(socket, vip, "x");
                for (int i = 0; i < 5; i++) {
                    assertThat(ask(socket, vip, "x")).isEqualTo(first);
                }
                backends.add(first);
            }
        }
        assertThat(backends).containsExactlyInAnyOrder("a:x", "b:x");
    }

    /// A11.7: one client socket talks to two VIPs with the same backend.
    @Test
    void twoVipsOfOneClientSocketAreToldApart() throws IOException {
        apply(service("one", vip, Set.of(), a), service("two", otherVip, Set.of(), a));
        try (DatagramSocket socket = client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(ask(socket, vip, "1-" + i)).isEqualTo("a:1-" + i);
                assertThat(ask(socket, otherVip, "2-" + i)).isEqualTo("a:2-" + i);
            }
        }
    }

    /// A11.2.
    @Test
    void flowsOfAGoneEndpointGoToAnotherAtOnce() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket socket = client()) {
            assertThat(ask(socket, vip, "x")).isEqualTo("a:x");
            apply(service("dns", vip, Set.of(), b));
            assertThat(ask(socket, vip, "y")).isEqualTo("b:y");
            Eventually.eventually("1 flows", () -> plane.liveFlows() == 1);
        }
    }

    /// A11.2: policy and readiness do not matter to flows that live.
    @Test
    void flowsOfAnEndpointThatStillServesStay() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket socket = client();
                DatagramSocket later = client()) {
            assertThat(ask(socket, vip, "x")).isEqualTo("a:x");
            apply(service("dns", vip, Set.of(a.at()), b));
            assertThat(ask(socket, vip, "y")).isEqualTo("a:y");
            assertThat(ask(later, vip, "z")).isEqualTo("b:z");
        }
    }

    /// A11.3, A11.4, A6.6.
    @Test
    void withoutEndpointsAClientIsRefusedAndServedAgainWhenThereIsOne() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket socket = connected(vip)) {
            assertThat(exchange(socket, "x")).isEqualTo("a:x");
            apply(service("dns", vip, Set.of()));
            assertThatThrownBy(() -> exchange(socket, "y"))
                    .isInstanceOf(PortUnreachableException.class);
            apply(service("dns", vip, Set.of(), b));
            assertThat(exchange(socket, "z")).isEqualTo("b:z");
        }
    }

    /// A11.9.
    @Test
    void aBackendThatRefusesIsToldToTheClient() throws IOException {
        AddressPort nobody;
        try (DatagramServer gone = DatagramServer.start("gone")) {
            nobody = gone.at();
        }
        apply(service("dns", vip, Set.of(), List.of(nobody)));
        try (DatagramSocket socket = connected(vip)) {
            assertThatThrownBy(() -> exchange(socket, "x"))
                    .isInstanceOf(PortUnreachableException.class);
        }
    }

    /// A11.10.
    @Test
    void theLargestDatagramPasses() throws IOException {
        try (DatagramServer echo = DatagramServer.start("")) {
            apply(service("big", vip, Set.of(), echo));
            byte[] data = new byte[LARGEST];
            new Random(1).nextBytes(data);
            data[0] = 'x';
            try (DatagramSocket socket = client()) {
                socket.send(new DatagramPacket(data, data.length, address(vip)));
                DatagramPacket answer = new DatagramPacket(new byte[LARGEST], LARGEST);
                socket.receive(answer);
                assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(data);
            }
        }
    }

    /// A11.1: 30 s without an answer, 120 s after one.
    @Test
    void silentFlowsEnd() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket asks = client();
                DatagramSocket talks = client()) {
            send(asks, vip, "!");
            assertThat(ask(talks, vip, "x")).isEqualTo("a:x");
            Eventually.eventually("2 flows", () -> plane.liveFlows() == 2);
            nowNs.addAndGet(Duration.ofSeconds(31).toNanos());
            Eventually.eventually("1 flows", () -> plane.liveFlows() == 1);
            nowNs.addAndGet(Duration.ofSeconds(90).toNanos());
            Eventually.eventually("0 flows", () -> plane.liveFlows() == 0);
        }
    }

    /// A11.1: also for flows that live.
    @Test
    void timeoutsChangeWhileFlowsLive() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket socket = client()) {
            assertThat(ask(socket, vip, "x")).isEqualTo("a:x");
            plane.reconfigure(
                    UdpOptions.DEFAULT.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(2)));
            nowNs.addAndGet(Duration.ofSeconds(3).toNanos());
            Eventually.eventually("0 flows", () -> plane.liveFlows() == 0);
            assertThat(plane.counts().datagrams(UdpCount.ENDED_IDLE)).isEqualTo(1);
        }
    }

    @Test
    void portsOfQuestionsChangeForTheNextFlow() throws IOException {
        AddressPort dns = new AddressPort(vip.address(), 53);
        apply(service("dns", dns, Set.of(), a));
        plane.reconfigure(UdpOptions.DEFAULT.withQuestionPorts(Set.of()));
        Eventually.eventually(
                "a flow stays",
                () -> {
                    try (DatagramSocket socket = client()) {
                        assertThat(ask(socket, dns, "q")).isEqualTo("a:q");
                        long ended = plane.counts().datagrams(UdpCount.ENDED_ANSWERED);
                        assertThat(ask(socket, dns, "q")).isEqualTo("a:q");
                        return plane.counts().datagrams(UdpCount.ENDED_ANSWERED) == ended
                                && plane.liveFlows() > 0;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @Test
    void whatPassesIsCounted() throws IOException {
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket socket = client();
                DatagramSocket nobodys = connected(vip)) {
            assertThat(ask(socket, vip, "xyz")).isEqualTo("a:xyz");
            assertThat(plane.counts().datagrams(UdpCount.TO_BACKENDS)).isEqualTo(1);
            assertThat(plane.counts().datagrams(UdpCount.BYTES_TO_BACKENDS)).isEqualTo(3);
            assertThat(plane.counts().datagrams(UdpCount.TO_CLIENTS)).isEqualTo(1);
            assertThat(plane.counts().datagrams(UdpCount.BYTES_TO_CLIENTS)).isEqualTo(5);
            apply(service("dns", vip, Set.of()));
            assertThatThrownBy(() -> exchange(nobodys, "y"))
                    .isInstanceOf(PortUnreachableException.class);
            Eventually.eventually(
                    "the flow ended",
                    () ->
                            plane.counts().datagrams(UdpCount.ENDED_BACKEND_GONE)
                                            + plane.counts().datagrams(UdpCount.ENDED_FRONTEND_GONE)
                                    == 1);
        }
    }

    /// A flood from one client takes room from that client alone.
    @Test
    void aClientWithManyFlowsLosesItsOwnOldest() throws IOException {
        plane.close();
        plane = start(UdpOptions.DEFAULT.withLimits(200, 40));
        apply(service("dns", vip, Set.of(), a));
        try (DatagramSocket other = client("127.0.0.77")) {
            assertThat(ask(other, vip, "x")).isEqualTo("a:x");
            for (int i = 0; i < 300; i++) {
                try (DatagramSocket socket = client("127.0.0.78")) {
                    assertThat(ask(socket, vip, "y")).isEqualTo("a:y");
                }
            }
            assertThat(plane.liveFlows()).isLessThanOrEqualTo(41);
            // Not 260: the kernel may give a port again, and then the flow is the old one.
            assertThat(plane.counts().evictedFlows()).isGreaterThan(200);
            long opened = plane.counts().datagrams(UdpCount.OPENED);
            assertThat(ask(other, vip, "x")).isEqualTo("a:x");
            assertThat(plane.counts().datagrams(UdpCount.OPENED)).isEqualTo(opened);
        }
    }

    @Test
    void aFlowOfOneQuestionEndsWithItsAnswer() throws IOException {
        AddressPort dns = new AddressPort(vip.address(), 53);
        apply(service("dns", dns, Set.of(), a));
        try (DatagramSocket socket = client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(ask(socket, dns, "q" + i)).isEqualTo("a:q" + i);
            }
            Eventually.eventually("0 flows", () -> plane.liveFlows() == 0);
            assertThat(plane.counts().datagrams(UdpCount.OPENED)).isEqualTo(10);
        }
    }

    /// Answers never cross flows.
    @Test
    void everyAnswerMatchesItsQuestion() throws IOException {
        apply(service("dns", vip, Set.of(), a, b));
        DatagramSocket[] sockets = new DatagramSocket[200];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = client();
        }
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            DatagramSocket socket = sockets[random.nextInt(sockets.length)];
            assertThat(ask(socket, vip, "n" + i)).endsWith(":n" + i);
        }
        for (DatagramSocket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void clientIpAffinityHoldsOverPorts() throws IOException {
        ServicePort sticky = service("dns", vip, Set.of(), a, b);
        apply(
                new ServicePort(
                        sticky.name(),
                        sticky.vips(),
                        Balancing.of(Balancing.Policy.RANDOM),
                        OptionalInt.of(10),
                        sticky.internal(),
                        null,
                        null,
                        false,
                        Set.of(),
                        List.of(),
                        FlowRules.NONE));
        Set<String> backends = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            try (DatagramSocket socket = client()) {
                backends.add(ask(socket, vip, "x"));
            }
        }
        assertThat(backends).hasSize(1);
    }

    private static ServicePort service(
            String name, AddressPort vip, Set<AddressPort> serving, DatagramServer... backends) {
        return service(
                name, vip, serving, Arrays.stream(backends).map(DatagramServer::at).toList());
    }

    private static ServicePort service(
            String name, AddressPort vip, Set<AddressPort> serving, List<AddressPort> backends) {
        BackendSet set = Services.set(backends);
        return new ServicePort(
                new ServicePortName("default", name, "", Protocol.UDP, IpFamily.IPV4),
                List.of(new Vip(Vip.Kind.CLUSTER_IP, vip)),
                Balancing.DEFAULT,
                OptionalInt.empty(),
                set,
                null,
                null,
                false,
                serving,
                List.of(),
                FlowRules.NONE);
    }

    private void apply(ServicePort... ports) {
        assertThat(plane.apply(Services.snapshot(ports))).isEmpty();
    }

    private static DatagramSocket client() throws IOException {
        return client("127.0.0.1");
    }

    private static DatagramSocket client(String from) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, IpAddress.parse(from).toInetAddress());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static DatagramSocket connected(AddressPort to) throws IOException {
        DatagramSocket socket = client();
        socket.connect(address(to));
        return socket;
    }

    private static InetSocketAddress address(AddressPort at) {
        return new InetSocketAddress(at.address().toInetAddress(), at.port());
    }

    private static void send(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        socket.send(new DatagramPacket(data, data.length, address(to)));
    }

    /// Asks, and looks where the answer comes from.
    private static String ask(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        send(socket, to, text);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        assertThat(answer.getSocketAddress()).isEqualTo(address(to));
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }

    private static String exchange(DatagramSocket connected, String text) throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        connected.send(new DatagramPacket(data, data.length));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        connected.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }
}
