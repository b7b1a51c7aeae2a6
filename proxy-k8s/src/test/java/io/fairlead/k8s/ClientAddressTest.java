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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
import org.junit.jupiter.params.provider.ValueSource;

/// Where the address that a backend sees is not a plain matter of the table A5 (SEMANTICS A10,
/// A18.1).
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = CaptureMode.class,
        names = {"BPF", "LISTENERS"})
class ClientAddressTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.with(Lab.Part.OTHER_SUBNET);

    private static final LabService ALONE = LabService.of("alone", 11);
    private static final LabService ALONE_TOO = LabService.of("alone-too", 12);
    private static final LabService ON_THE_NODE = LabService.of("on-the-node", 13);
    private static final LabService WEB = LabService.of("web", 14);
    private static final LabService BRIEF = LabService.of("brief", 15);
    private static final int BRIEF_PORT = 8081;
    private static final LabService CROSSED = LabService.of("crossed", 16);
    private static final int CROSSED_PORT = 8082;

    private static final int CONNECTIONS = 200;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();

    private final CaptureMode capture;

    ClientAddressTest(CaptureMode capture) {
        this.capture = capture;
    }

    @BeforeParameterizedClassInvocation
    static void start(CaptureMode capture, @TempDir Path folder) throws Exception {
        for (Host host : List.of(LAB.b1(), LAB.b3(), LAB.n1())) {
            OPEN.add(WhoAmI.start(host, LabService.BACKEND_PORT));
        }
        OPEN.add(brief());
        String world =
                String.join(
                        "",
                        LabAgent.node(LAB.n1()),
                        ALONE.on(LAB.b1()).yaml(),
                        ALONE_TOO.on(LAB.b1()).yaml(),
                        ON_THE_NODE
                                .on(LAB.n1())
                                .with("externalTrafficPolicy: Local")
                                .with("healthCheckNodePort: 32013")
                                .yaml(),
                        WEB.on(LAB.b1(), LAB.b3()).yaml(),
                        BRIEF.on(LAB.b1()).yaml(BRIEF_PORT),
                        CROSSED.on(LAB.b1()).yaml(CROSSED_PORT));
        OPEN.add(LabAgent.start(LAB, folder, capture, world, LabAgent.CLUSTER_CIDR));
    }

    /// A server that says one byte and ends first.
    private static ServerSocket brief() throws Exception {
        ServerSocket server = LAB.b1().run(() -> new ServerSocket(BRIEF_PORT));
        Runnable serve =
                () -> {
                    while (!server.isClosed()) {
                        try (Socket connection = server.accept()) {
                            connection.getOutputStream().write('!');
                        } catch (IOException _) {
                            // Closed, or the client went first.
                        }
                    }
                };
        LAB.b1().netns().threadFactory("brief").newThread(serve).start();
        return server;
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        for (AutoCloseable open : OPEN.reversed()) {
            open.close();
        }
        OPEN.clear();
    }

    @ParameterizedTest
    @EnumSource
    void a10_5_anEndpointThatReachesItselfSeesTheNode(IpFamily family) throws Exception {
        for (Destination to : Destination.values()) {
            Outcome.Answered answer =
                    LabAgent.awaitAnswer(LAB.b1(), ALONE.at(to, family, LAB.n1()));
            assertThat(answer.who()).isEqualTo("b1");
            assertThat(answer.seen()).isEqualTo(LabAgent.address(LAB.n1(), family));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndpointOnTheNodesOwnAddressSeesTheNode(IpFamily family) throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            for (Destination to : Destination.values()) {
                Outcome outcome = LabAgent.ask(client, ON_THE_NODE.at(to, family, LAB.n1()));
                assertThat(outcome)
                        .as("%s to %s", client, to)
                        .isInstanceOfSatisfying(
                                Outcome.Answered.class,
                                a -> {
                                    assertThat(a.who()).isEqualTo("n1");
                                    assertThat(a.seen())
                                            .isEqualTo(LabAgent.address(LAB.n1(), family));
                                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a10_6_theNodesConnectionsComeFromItsOwnAddress(IpFamily family) throws Exception {
        for (Destination to : Destination.values()) {
            Outcome.Answered answer = LabAgent.awaitAnswer(LAB.n1(), WEB.at(to, family, LAB.n1()));
            assertThat(answer.own()).isEqualTo(LabAgent.address(LAB.n1(), family));
            assertThat(answer.seen()).isEqualTo(LabAgent.address(LAB.n1(), family));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a10_1_aPodOfAnotherSubnetIsSeenAsItself(IpFamily family) throws Exception {
        Host s1 = LAB.host("s1");
        for (int i = 0; i < 10; i++) {
            assertSeen(s1, WEB.clusterIp(family), LabAgent.address(s1, family));
        }
    }

    private void assertSeen(Host client, InetSocketAddress to, InetAddress seen) throws Exception {
        assertThat(LabAgent.ask(client, to))
                .as("%s to %s by %s", client, to, capture)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class, a -> assertThat(a.seen()).isEqualTo(seen));
    }

    /// As a client that crashes and begins anew from the same port.
    @ParameterizedTest
    @EnumSource
    void a18_1_aClientThatResetsReusesItsPortAtOnce(IpFamily family) throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket socket = from(LAB.p1(), family, 40_001)) {
                connect(LAB.p1(), socket, ALONE.clusterIp(family));
                assertThat(line(socket)).startsWith("b1 ");
                socket.setSoLinger(true, 0);
            }
        }
    }

    /// As a client whose servers end first: it has nothing to wait for.
    @ParameterizedTest
    @EnumSource
    void a18_1_aClientOfAServerThatEndsFirstReusesItsPortAtOnce(IpFamily family) throws Exception {
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket socket = from(LAB.p1(), family, 40_002)) {
                connect(LAB.p1(), socket, BRIEF.clusterIp(family));
                assertThat(socket.getInputStream().readAllBytes()).containsExactly('!');
            }
        }
    }

    /// Both lead to one backend, at which one of them cannot have the client's port.
    @ParameterizedTest
    @EnumSource
    void a18_1_oneClientPortReachesTwoVipsOfOneBackend(IpFamily family) throws Exception {
        try (Socket one = from(LAB.p1(), family, 40_003);
                Socket other = from(LAB.p1(), family, 40_003)) {
            connect(LAB.p1(), one, ALONE.clusterIp(family));
            String first = line(one);
            connect(LAB.p1(), other, ALONE_TOO.clusterIp(family));
            String second = line(other);
            String seen = "b1 " + LabAgent.address(LAB.p1(), family).getHostAddress() + " ";
            assertThat(first).startsWith(seen + "40003 ");
            assertThat(second).startsWith(seen).doesNotContain(" 40003 ");
        }
        // Nor is either left to wait at the client's address.
        World.await(() -> upstreams(LabAgent.address(LAB.p1(), family)).isEmpty(), "both are gone");
    }

    /// What is left of a relayed connection would take the answers to the client's own.
    @ParameterizedTest
    @EnumSource
    void a18_1_aClientReachesItsBackendDirectlyAfterEndsThatCrossed(IpFamily family)
            throws Exception {
        int port = 40_004;
        try (ServerSocket server = LAB.b1().run(() -> new ServerSocket(CROSSED_PORT))) {
            Socket client = from(LAB.p1(), family, port);
            connect(LAB.p1(), client, CROSSED.clusterIp(family));
            Socket backend = server.accept();
            LAB.b1()
                    .netns()
                    .execWithInput(
                            "table inet crossed { chain in { type filter hook input priority 0;"
                                    + " tcp sport %d tcp flags & fin == fin drop; }; }"
                                            .formatted(port),
                            "nft",
                            "-f",
                            "-");
            client.close();
            World.await(() -> upstreams(port).contains("FIN-WAIT-1"), "the node has ended");
            backend.close();
            World.await(() -> !upstreams(port).contains("FIN-WAIT-1"), "and so has the backend");
            LAB.b1().exec("nft", "delete", "table", "inet", "crossed");
            World.await(() -> upstreams(port).isEmpty(), "nothing is left");
            try (Socket direct = from(LAB.p1(), family, port)) {
                connect(
                        LAB.p1(),
                        direct,
                        new InetSocketAddress(LabAgent.address(LAB.b1(), family), CROSSED_PORT));
            }
        }
    }

    /// The node's sockets with that port of a client.
    private static String upstreams(int port) {
        return LAB.n1().exec("ss", "-Htan", "sport = :" + port);
    }

    /// The node's sockets with that address of a client.
    private static String upstreams(InetAddress client) {
        return LAB.n1().exec("ss", "-Htan", "src [%s]".formatted(client.getHostAddress()));
    }

    private static Socket from(Host client, IpFamily family, int port) throws Exception {
        return client.run(() -> {
            Socket socket = new Socket();
            socket.setReuseAddress(true);
            socket.setSoTimeout(10_000);
            socket.bind(new InetSocketAddress(LabAgent.address(client, family), port));
            return socket;
        });
    }

    private static void connect(Host client, Socket socket, InetSocketAddress to) throws Exception {
        client.run(() -> {
            socket.connect(to, 10_000);
            return true;
        });
    }

    private static String line(Socket socket) throws IOException {
        return String.valueOf(
                new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void a18_1_reversePathFiltersDoNotMatter(int mode) throws Exception {
        // The loose one wants an address on each link of a pod. It stays: with the last address of
        // a
        // link go its routes.
        for (String link : List.of("veth-p1", "veth-b1")) {
            LAB.n1().ip("addr replace 169.254.7.1/32 dev " + link);
        }
        LAB.reversePathFilter(mode);
        try {
            for (int i = 0; i < 4; i++) {
                assertSeen(LAB.p1(), WEB.clusterIp(IpFamily.IPV4), LAB.p1().ipv4());
                assertSeen(LAB.n1(), WEB.clusterIp(IpFamily.IPV4), LAB.n1().ipv4());
                assertSeen(LAB.out(), WEB.clusterIp(IpFamily.IPV4), LAB.n1().ipv4());
            }
            for (Destination to : List.of(Destination.NODE_PORT, Destination.LOAD_BALANCER)) {
                assertSeen(LAB.out(), ON_THE_NODE.at(to, IpFamily.IPV4, LAB.n1()), LAB.n1().ipv4());
            }
        } finally {
            LAB.reversePathFilter(0);
        }
    }
}
