package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.testing.Services;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.WhoAmI;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A pod behind four pods, on a node of the lab, one of them dead: what its connections come to by
/// Fairlead, and by the kernel's NAT as kube-proxy programs it.
class DeadBackendTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    /// `-Dfairlead.connections=10000` for what docs/reliability.md shows.
    private static final int CONNECTIONS = Integer.getInteger("fairlead.connections", 400);

    private static final int PORT = 8080;
    private static final int CLIENTS = 50;

    /// The first repetition of a SYN is not waited for: a client loses where it has to.
    private static final int PATIENCE_MILLIS = 900;

    /// Fairlead may need a second to find out.
    private static final int MORE_PATIENCE_MILLIS = 30_000;

    private static final IpAddress VIP = IpAddress.parse("10.96.0.10");

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Host dead = LAB.b4();

    @BeforeEach
    void start() {
        for (Host host : List.of(LAB.b1(), LAB.b2(), LAB.b3())) {
            open.add(WhoAmI.start(host, PORT));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    private void blackHole() {
        dead.exec(
                "nft",
                "add table inet dead; add chain inet dead in { type filter hook input priority 0; };"
                        + " add rule inet dead in tcp flags syn drop");
        open.add(() -> dead.exec("nft", "delete table inet dead"));
    }

    private DataPlane fairlead(PlaneOptions options) throws Exception {
        DataPlane plane = LAB.n1().run(() -> DataPlane.start(options));
        open.add(plane);
        return plane;
    }

    private static void apply(DataPlane plane, Balancing.Policy policy, List<Host> backends)
            throws Exception {
        Set<IpAddress> node = Set.of(IpAddress.of(LAB.n1().ipv4()));
        NodeNetwork network =
                NodeNetwork.at(node)
                        .withAddresses(node, node)
                        .withServiceCidrs(List.of(Cidr.parse(Lab.SERVICE_CIDR)))
                        .withPodCidrs(List.of(Cidr.parse(Lab.POD_CIDR)), List.of());
        ServiceSnapshot snapshot =
                ServiceSnapshot.of(
                        List.of(
                                Services.clusterIp(
                                        "web",
                                        new AddressPort(VIP, 80),
                                        policy,
                                        backends.stream().map(DeadBackendTest::backend).toList())),
                        network);
        assertThat(LAB.n1().run(() -> plane.apply(snapshot))).isEmpty();
    }

    private static AddressPort backend(Host host) {
        return new AddressPort(IpAddress.of(host.ipv4()), PORT);
    }

    private void kernelNat() {
        StringBuilder to = new StringBuilder();
        List<Host> hosts = List.of(LAB.b1(), LAB.b2(), LAB.b3(), dead);
        for (int i = 0; i < hosts.size(); i++) {
            to.append(i == 0 ? "" : ", ")
                    .append(i)
                    .append(" : ")
                    .append(hosts.get(i).ipv4().getHostAddress());
        }
        LAB.n1()
                .exec(
                        "nft",
                        "add table ip nat4; add chain ip nat4 pre { type nat hook prerouting"
                                + " priority dstnat; }; add rule ip nat4 pre ip daddr "
                                + VIP
                                + " tcp dport 80 dnat to numgen random mod 4 map { "
                                + to
                                + " } : "
                                + PORT);
        open.add(() -> LAB.n1().exec("nft", "delete table ip nat4"));
    }

    /// How many of the clients of the VIP were not served.
    private static int lost(int patienceMillis) throws Exception {
        List<Callable<Integer>> clients = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            clients.add(() -> {
                int lost = 0;
                for (int i = 0; i < CONNECTIONS / CLIENTS; i++) {
                    lost += isServed(patienceMillis) ? 0 : 1;
                }
                return lost;
            });
        }
        int lost = 0;
        try (ExecutorService threads =
                Executors.newFixedThreadPool(CLIENTS, LAB.p1().netns().threadFactory("client"))) {
            for (Future<Integer> client : threads.invokeAll(clients)) {
                lost += client.get();
            }
        }
        return lost;
    }

    private static boolean isServed(int patienceMillis) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(patienceMillis);
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral(VIP.toString()), 80),
                    patienceMillis);
            socket.getOutputStream().write('x');
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readAllBytes();
            return answer.length > 1 && answer[answer.length - 1] == 'x';
        } catch (IOException _) {
            return false;
        }
    }

    private static void tell(String who, String what, int lost) {
        System.out.printf(
                Locale.ROOT, "%s, %s: %d of %d connections lost%n", who, what, lost, CONNECTIONS);
    }

    private void assertNoneIsLost(String what) throws Exception {
        try (DataPlane plane = LAB.n1().run(() -> DataPlane.start(PlaneOptions.node(2)))) {
            apply(
                    plane,
                    Balancing.Policy.RANDOM,
                    Stream.of(LAB.b1(), LAB.b2(), LAB.b3(), dead).toList());
            int lost = lost(MORE_PATIENCE_MILLIS);
            tell("Fairlead", what, lost);
            assertThat(lost).isZero();
            assertThat(plane.counts().connectFailures()).isPositive();
            assertThat(plane.counts().ejectedBackends()).isOne();
        }
    }

    /// A quarter: between an eighth and a half of whatever number, chance allowed for.
    private void assertNatLosesAQuarter(String what) throws Exception {
        kernelNat();
        int lost = lost(PATIENCE_MILLIS);
        tell("kernel NAT", what, lost);
        assertThat(lost).isBetween(CONNECTIONS / 8, CONNECTIONS / 2);
    }

    @Test
    void ofABackendThatRefusesNoClientLearns() throws Exception {
        assertNoneIsLost("one of four refuses");
    }

    @Test
    void ofABackendThatIsABlackHoleNoClientLearns() throws Exception {
        blackHole();
        assertNoneIsLost("one of four is a black hole");
    }

    @Test
    void theKernelLosesTheShareOfABackendThatRefuses() throws Exception {
        assertNatLosesAQuarter("one of four refuses");
    }

    @Test
    void theKernelLosesTheShareOfABackendThatIsABlackHole() throws Exception {
        blackHole();
        assertNatLosesAQuarter("one of four is a black hole");
    }

    /// EHOSTUNREACH, at once, of the routing table.
    @Test
    void ofABackendThatNoRouteLeadsToNoClientLearns() throws Exception {
        String to = dead.ipv4().getHostAddress() + "/32";
        LAB.n1().ip("route add unreachable " + to);
        open.add(() -> LAB.n1().ip("route del unreachable " + to));
        DataPlane plane = fairlead(PlaneOptions.node(2));
        apply(plane, Balancing.Policy.ROUND_ROBIN, List.of(LAB.b1(), dead));
        for (int i = 0; i < 10; i++) {
            assertThat(LAB.p1().run(() -> isServed(MORE_PATIENCE_MILLIS))).isTrue();
        }
        assertThat(plane.counts().connectFailures(ConnectFailure.UNREACHABLE)).isEqualTo(5);
        assertThat(plane.counts().connectFailures()).isEqualTo(5);
    }

    /// EADDRNOTAVAIL: two ports make two connections to one backend, and others go elsewhere, with
    /// nothing said against the backend.
    @Test
    void whenLocalPortsRunOutOtherBackendsServe() throws Exception {
        // First, for it listens at such ports itself.
        DataPlane plane = fairlead(PlaneOptions.node(2).withKeepClientAddress(false));
        String range = "net/ipv4/ip_local_port_range";
        LAB.n1().netns().sysctl(range, "40000 40001");
        open.add(() -> LAB.n1().netns().sysctl(range, "32768 60999"));
        apply(plane, Balancing.Policy.SOURCE_HASH, List.of(LAB.b1(), LAB.b2()));
        InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral(VIP.toString()), 80);
        try (Socket a = greeted(to);
                Socket b = greeted(to);
                Socket c = greeted(to);
                Socket d = greeted(to)) {
            assertThat(List.of(a, b, c, d)).allMatch(Socket::isConnected);
            assertThat(plane.counts().connectFailures(ConnectFailure.NO_PORT)).isEqualTo(2);
            assertThat(plane.counts().connectRetries()).isEqualTo(2);
            assertThat(plane.counts().ejections()).isZero();
        }
    }

    private static Socket greeted(InetSocketAddress to) throws Exception {
        return LAB.p1()
                .run(() -> {
                    Socket socket = new Socket();
                    socket.setSoTimeout(MORE_PATIENCE_MILLIS);
                    socket.connect(to, MORE_PATIENCE_MILLIS);
                    assertThat(socket.getInputStream().read()).isPositive();
                    return socket;
                });
    }
}
