package io.fairlead.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who reaches whom in the lab, and what a client can tell apart.
class LabTest {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.with(Lab.Part.BRIDGE, Lab.Part.OTHER_SUBNET);

    private static final int PORT = 8080;

    /// Long enough for a reply of this machine to itself; each silence takes it once.
    private static final Duration SILENCE = Duration.ofSeconds(1);

    static Stream<Host> hosts() {
        return LAB.hosts().stream();
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void everyHostReachesEveryOtherOverBothFamilies(Host server) throws Exception {
        try (WhoAmI _ = WhoAmI.start(server, PORT)) {
            for (Host client : LAB.hosts()) {
                for (StandardProtocolFamily family : StandardProtocolFamily.values()) {
                    if (family != StandardProtocolFamily.UNIX) {
                        InetSocketAddress to = server.at(family, PORT);
                        check(client, family, server, new Client(client).connect(to));
                        check(client, family, server, new Client(client).ask(to));
                    }
                }
            }
        }
    }

    private static void check(
            Host client, StandardProtocolFamily family, Host server, Outcome outcome) {
        assertThat(outcome)
                .as("%s to %s over %s", client, server, family)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answer -> {
                            assertThat(answer.who()).isEqualTo(server.name());
                            assertThat(answer.seenPort()).isEqualTo(answer.ownPort());
                            assertThat(answer.local()).isEqualTo(server.address(family));
                            // A node has more than one address where it has a bridge.
                            if (!client.name().equals("n1") || !server.name().startsWith("br")) {
                                assertThat(answer.seen()).isEqualTo(client.address(family));
                            }
                        });
    }

    /// DESIGN section 3: a local route brings VIPs to a plain listener, from everywhere.
    @ParameterizedTest
    @EnumSource(
            value = StandardProtocolFamily.class,
            names = {"INET", "INET6"})
    void aLocalRouteBringsVipsToAListener(StandardProtocolFamily family) throws Exception {
        boolean six = family == StandardProtocolFamily.INET6;
        Host n1 = LAB.n1();
        String cidr = six ? Lab.SERVICE_CIDR6 : Lab.SERVICE_CIDR;
        InetAddress vip = InetAddress.ofLiteral(six ? "fd00:10:96::a" : "10.96.0.10");
        String route = cidr + " dev lo src " + n1.address(family).getHostAddress();
        // IPv6 binds only to addresses that are assigned, unless asked otherwise by IP_FREEBIND.
        n1.netns().sysctl("net/ipv6/ip_nonlocal_bind", "1");
        n1.ip("route add local " + route);
        try (WhoAmI _ = WhoAmI.startAt(n1, "vip", 80, vip)) {
            for (Host client :
                    List.of(LAB.p1(), n1, LAB.out(), LAB.n2(), LAB.b3(), LAB.host("br1"))) {
                for (Outcome outcome :
                        List.of(
                                new Client(client).connect(new InetSocketAddress(vip, 80)),
                                new Client(client).ask(new InetSocketAddress(vip, 80)))) {
                    assertThat(outcome)
                            .as("from %s", client)
                            .isInstanceOfSatisfying(
                                    Outcome.Answered.class,
                                    answer -> {
                                        assertThat(answer.local()).isEqualTo(vip);
                                        assertThat(answer.seen()).isEqualTo(client.address(family));
                                    });
                }
            }
        } finally {
            n1.ip("route del local " + route);
        }
    }

    @Test
    void withoutCaptureNobodyTakesAVip() throws Exception {
        InetSocketAddress vip = new InetSocketAddress(InetAddress.ofLiteral("10.96.0.10"), 80);
        assertThat(new Client(LAB.p1()).patientFor(SILENCE).connect(vip))
                .isEqualTo(new Outcome.Silent());
    }

    @Test
    void aRefusalIsToldFromSilenceAndFromAReset() throws Exception {
        InetSocketAddress b1 = LAB.b1().at(StandardProtocolFamily.INET, PORT);
        Client client = new Client(LAB.p1()).patientFor(SILENCE);
        assertThat(client.connect(b1)).isEqualTo(new Outcome.Refused());
        assertThat(client.askConnected(b1)).isEqualTo(new Outcome.Refused());
        assertThat(client.ask(b1)).isEqualTo(new Outcome.Silent());

        LAB.b1().exec("nft", "add table inet deaf");
        LAB.b1()
                .exec(
                        "nft",
                        "add chain inet deaf in { type filter hook input priority 0; policy drop; }");
        assertThat(client.connect(b1)).isEqualTo(new Outcome.Silent());
        assertThat(client.askConnected(b1)).isEqualTo(new Outcome.Silent());
        LAB.b1().exec("nft", "delete table inet deaf");
    }

    @Test
    void aResetAfterTheHandshakeIsToldFromAnEnd() throws Exception {
        for (boolean reset : List.of(true, false)) {
            try (java.net.ServerSocket listener =
                    LAB.b1().run(() -> new java.net.ServerSocket(PORT))) {
                Thread server =
                        Thread.ofPlatform()
                                .start(() -> {
                                    try (Socket client = listener.accept()) {
                                        client.setSoLinger(reset, 0);
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                });
                Outcome outcome =
                        new Client(LAB.p1())
                                .connect(LAB.b1().at(StandardProtocolFamily.INET, PORT));
                server.join();
                assertThat(outcome).isEqualTo(reset ? new Outcome.Reset() : new Outcome.Ended());
            }
        }
    }

    @Test
    void aRefusalSendsNoSynAck() throws Exception {
        InetSocketAddress b1 = LAB.b1().at(StandardProtocolFamily.INET, PORT);
        try (PacketCounter answers = PacketCounter.incoming(LAB.p1(), PacketCounter.SYN_ACK)) {
            assertThat(new Client(LAB.p1()).connect(b1)).isEqualTo(new Outcome.Refused());
            assertThat(answers.packets()).isZero();
            try (WhoAmI _ = WhoAmI.start(LAB.b1(), PORT)) {
                assertThat(new Client(LAB.p1()).connect(b1)).isInstanceOf(Outcome.Answered.class);
            }
            assertThat(answers.packets()).isEqualTo(1);
        }
    }

    /// A client outside claims a pod's address: strict throws that away, loose and off do not.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void reversePathFilterIsAsSet(int mode) throws Exception {
        String claimed = "10.244.1.11";
        InetSocketAddress b2 = LAB.b2().at(StandardProtocolFamily.INET, PORT);
        LAB.reversePathFilter(mode);
        LAB.out().ip("addr add " + claimed + "/32 dev eth0");
        try (PacketCounter arrived = PacketCounter.incoming(LAB.b2(), "ip saddr " + claimed)) {
            LAB.out().run(() -> send(claimed, b2));
            // All goes one way: what was sent later comes later.
            assertThat(new Client(LAB.out()).connect(b2)).isEqualTo(new Outcome.Refused());
            assertThat(arrived.packets()).isEqualTo(mode == 1 ? 0 : 1);
        } finally {
            LAB.out().ip("addr del " + claimed + "/32 dev eth0");
            LAB.reversePathFilter(0);
        }
    }

    private static boolean send(String from, InetSocketAddress to) throws IOException {
        InetSocketAddress source = new InetSocketAddress(InetAddress.ofLiteral(from), 0);
        try (DatagramSocket socket = new DatagramSocket(source)) {
            socket.send(new DatagramPacket(new byte[1], 1, to));
            return true;
        }
    }

    /// Frames between two pods of one bridge are seen by the node's IP hooks, or are not.
    @Test
    void bridgedPacketsMeetTheFiltersOfTheNodeOnlyWhereAsked() throws Exception {
        boolean able = LAB.hasBridgeNetfilter();
        Host br1 = LAB.host("br1");
        Host br2 = LAB.host("br2");
        try (WhoAmI _ = WhoAmI.start(br2, PORT);
                PacketCounter seen = PacketCounter.incoming(LAB.n1(), "ip saddr 10.244.1.130")) {
            InetSocketAddress to = br2.at(StandardProtocolFamily.INET, PORT);
            if (able) {
                LAB.bridgeNetfilter(false);
            }
            assertThat(new Client(br1).connect(to)).isInstanceOf(Outcome.Answered.class);
            assertThat(seen.packets()).isZero();
            if (able) {
                LAB.bridgeNetfilter(true);
                assertThat(new Client(br1).connect(to)).isInstanceOf(Outcome.Answered.class);
                assertThat(seen.packets()).isPositive();
            }
        }
    }

    @Test
    void manyRefusalsAreAllTold() throws Exception {
        for (StandardProtocolFamily family :
                List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
            InetSocketAddress nobody = LAB.n1().at(family, PORT);
            for (int i = 0; i < 20; i++) {
                assertThat(new Client(LAB.p1()).askConnected(nobody))
                        .isEqualTo(new Outcome.Refused());
            }
        }
    }

    @Test
    void aReplyFromElsewhereIsNoticed() throws Exception {
        // The server's socket is any-local, so the kernel answers from the address it prefers.
        LAB.n1().ip("addr add 192.168.50.77/24 dev eth0");
        try (WhoAmI _ = WhoAmI.startAt(LAB.n1(), "n1", PORT, InetAddress.ofLiteral("0.0.0.0"))) {
            InetSocketAddress second =
                    new InetSocketAddress(InetAddress.ofLiteral("192.168.50.77"), PORT);
            assertThat(new Client(LAB.out()).ask(second))
                    .isEqualTo(new Outcome.FromElsewhere(LAB.n1().ipv4(), PORT));
        } finally {
            LAB.n1().ip("addr del 192.168.50.77/24 dev eth0");
        }
    }
}
