package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.testing.Namespace;
import io.fairlead.core.testing.TransparentSocket;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Backends see the client's address, and their answers come back here (SEMANTICS A18.1).
///
/// A client, a node and a backend, each in its own namespace: client 10.1.0.2, backend 10.2.0.2
/// with 10.3.0.2 behind it, as on another node. Needs root and nft.
class ReturnPathTest {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Namespace client = new Namespace();
    private final Namespace node = new Namespace();
    private final Namespace backend = new Namespace();
    private final LocalRoutes routes = new LocalRoutes(HostProgram.ip());
    private final ReturnPath returnPath = new ReturnPath(HostProgram.ip(), HostProgram.nft());

    /// One combination of what may change the answer's way.
    record Case(IpFamily family, int rpFilter, int srcValidMark, String vip, String backend) {}

    static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (int rpFilter = 0; rpFilter <= 2; rpFilter++) {
            for (int mark = 0; mark <= 1; mark++) {
                for (String net : List.of("2", "3")) {
                    String local = "10." + net + ".0.2";
                    all.add(new Case(IpFamily.IPV4, rpFilter, mark, "10.96.0.1", local));
                }
            }
        }
        all.add(new Case(IpFamily.IPV6, 0, 0, "fd96::1", "fd02::2"));
        all.add(new Case(IpFamily.IPV6, 0, 0, "fd96::1", "fd03::2"));
        return all.stream();
    }

    @BeforeEach
    void connectThem() {
        // Link-local addresses that serve at once: neighbours are asked from them when the source
        // of
        // a packet is not the node's own.
        node.sysctl("net/ipv6/conf/default/accept_dad", "0");
        client.ip("link add eth0 type veth peer name pod0 netns " + node.id());
        backend.ip("link add eth0 type veth peer name pod1 netns " + node.id());
        up(client, "eth0", "10.1.0.2/24", "fd01::2/64");
        up(node, "pod0", "10.1.0.1/24", "fd01::1/64");
        up(node, "pod1", "10.2.0.1/24", "fd02::1/64");
        up(backend, "eth0", "10.2.0.2/24", "fd02::2/64");
        client.ip("route add default via 10.1.0.1", "-6 route add default via fd01::1");
        backend.ip(
                "route add default via 10.2.0.1",
                "-6 route add default via fd02::1",
                "addr add 10.3.0.2/32 dev lo",
                "addr add fd03::2/128 dev lo");
        node.ip("route add 10.3.0.0/16 via 10.2.0.2", "-6 route add fd03::/64 via fd02::2");
        node.sysctl("net/ipv4/ip_forward", "1");
        node.sysctl("net/ipv6/conf/all/forwarding", "1");
        node.call(() -> {
            routes.sync(Set.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd96::/112")), Map.of());
            return 0;
        });
    }

    private static void up(Namespace namespace, String device, String ipv4, String ipv6) {
        namespace.ip(
                "addr add " + ipv4 + " dev " + device,
                "addr add " + ipv6 + " dev " + device + " nodad",
                "link set " + device + " up");
    }

    @AfterEach
    void endThem() {
        client.close();
        node.close();
        backend.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aTcpBackendSeesTheClientAndItsAnswerArrives(Case c) throws Exception {
        set(c);
        install();
        try (ServerSocket backendServer = backend.call(() -> new ServerSocket(0));
                ServerSocket vipServer = node.call(() -> new ServerSocket(0));
                Socket clientSocket = connect(c.vip(), vipServer.getLocalPort());
                Socket accepted = vipServer.accept();
                TransparentSocket upstream =
                        upstream(
                                TransparentSocket.Kind.STREAM,
                                accepted.getInetAddress(),
                                accepted.getPort(),
                                c.backend(),
                                backendServer.getLocalPort());
                Socket atBackend = backendServer.accept()) {
            assertThat(atBackend.getRemoteSocketAddress())
                    .isEqualTo(clientSocket.getLocalSocketAddress());
            upstream.send("question");
            assertThat(atBackend.getInputStream().readNBytes(8)).asString().isEqualTo("question");
            atBackend.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            assertThat(upstream.receive()).isEqualTo("answer");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aUdpBackendSeesTheClientAndItsAnswerArrives(Case c) throws Exception {
        set(c);
        install();
        String clientAddress = c.family() == IpFamily.IPV4 ? "10.1.0.2" : "fd01::2";
        InetAddress backendAddress = InetAddress.ofLiteral(c.backend());
        try (DatagramSocket server = backend.call(() -> new DatagramSocket(0, backendAddress));
                TransparentSocket upstream =
                        upstream(
                                TransparentSocket.Kind.DATAGRAM,
                                InetAddress.ofLiteral(clientAddress),
                                5353,
                                c.backend(),
                                server.getLocalPort())) {
            server.setSoTimeout(TIMEOUT_MILLIS);
            upstream.send("question");
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            server.receive(packet);
            assertThat(packet.getSocketAddress())
                    .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral(clientAddress), 5353));
            packet.setData("answer".getBytes(StandardCharsets.US_ASCII));
            server.send(packet);
            assertThat(upstream.receive()).isEqualTo("answer");
        }
    }

    private void set(Case c) {
        for (String device : List.of("all", "pod0", "pod1")) {
            node.sysctl("net/ipv4/conf/" + device + "/rp_filter", "" + c.rpFilter());
            node.sysctl("net/ipv4/conf/" + device + "/src_valid_mark", "" + c.srcValidMark());
        }
    }

    private Socket connect(String vip, int port) {
        return client.call(() -> {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(vip), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return socket;
        });
    }

    private TransparentSocket upstream(
            TransparentSocket.Kind kind,
            InetAddress source,
            int sourcePort,
            String target,
            int targetPort) {
        return node.call(() ->
                new TransparentSocket(
                        kind,
                        IpAddress.of(source),
                        sourcePort,
                        IpAddress.parse(target),
                        targetPort));
    }

    private void install() {
        node.call(() -> {
            returnPath.install();
            return 0;
        });
        assertThat(returnPath.failures()).isEmpty();
    }
}
