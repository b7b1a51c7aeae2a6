package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.DnsServer;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.QueryLoad;
import io.fairlead.core.udp.UdpCount;
import io.fairlead.core.udp.UdpOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Datagrams at full speed: every answer is its question's, and nothing grows.
///
/// What is meant is a million questions over 10,000 flows and a flood of 200,000; by default it is
/// less. `-Dfairlead.udp.sockets=100 -Dfairlead.udp.vips=100 -Dfairlead.udp.queries=1000000
/// -Dfairlead.udp.flood=200000 -Dfairlead.udp.loops=1` asks for all, where `ulimit -n` is 20,000.
class UdpLoadTest {

    private static final int SOCKETS = Integer.getInteger("fairlead.udp.sockets", 50);
    private static final int VIPS = Integer.getInteger("fairlead.udp.vips", 20);
    private static final int FLOWS = SOCKETS * VIPS;
    private static final int QUERIES = Integer.getInteger("fairlead.udp.queries", 20_000);
    private static final int LOOPS = Integer.getInteger("fairlead.udp.loops", 2);
    private static final int FLOOD = Integer.getInteger("fairlead.udp.flood", 10_000);

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private DataPlane start(UdpOptions options) throws IOException {
        DataPlane plane = DataPlane.start(PlaneOptions.loopback(LOOPS).withUdp(options));
        open.add(plane);
        return plane;
    }

    @Test
    void everyAnswerOfAFlowIsOfItsBackendAndItsQuestion() throws Exception {
        DataPlane plane = start(UdpOptions.DEFAULT.withLimits(4 * FLOWS, 4 * FLOWS));
        List<AddressPort> backends = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            DatagramServer server = DatagramServer.start(name);
            open.add(server);
            backends.add(server.at());
        }
        List<AddressPort> vips = vips(8080);
        assertThat(plane.apply(DatagramServices.snapshot(vips, backends))).isEmpty();
        try (QueryLoad load = QueryLoad.ofEchoes(SOCKETS, vips)) {
            load.askEachOnce();
            int descriptors = descriptors();
            load.ask(QUERIES);
            assertThat(load.lost()).isZero();
            assertThat(plane.liveFlows()).isEqualTo(FLOWS);
            assertThat(plane.counts().datagrams(UdpCount.OPENED)).isEqualTo(FLOWS);
            assertThat(plane.counts().evictedFlows()).isZero();
            assertThat(descriptors()).isEqualTo(descriptors);
            System.out.println(load.report());
        }
    }

    /// Sockets to backends go from flow to flow here.
    @Test
    void everyAnswerOfDnsIsOfItsQuestionThoughEachQuestionIsAFlow() throws Exception {
        DataPlane plane = start(UdpOptions.DEFAULT.withLimits(4 * FLOWS, 4 * FLOWS));
        List<AddressPort> backends = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            DnsServer server = DnsServer.start();
            open.add(server);
            backends.add(server.at());
        }
        List<AddressPort> vips = vips(53);
        assertThat(plane.apply(DatagramServices.snapshot(vips, backends))).isEmpty();
        try (QueryLoad load = QueryLoad.ofDns(SOCKETS, vips)) {
            load.ask(QUERIES);
            assertThat(load.lost()).isZero();
            Eventually.eventually("no flow", () -> plane.liveFlows() == 0);
            assertThat(plane.counts().datagrams(UdpCount.ENDED_ANSWERED))
                    .isEqualTo(plane.counts().datagrams(UdpCount.OPENED));
            long opened = plane.counts().datagrams(UdpCount.OPENED);
            assertThat(plane.counts().datagrams(UdpCount.REUSED)).isGreaterThan(opened * 9 / 10);
            assertThat(plane.counts().datagrams(UdpCount.POOLED))
                    .isLessThanOrEqualTo(2 * QueryLoad.WINDOW);
            System.out.println(
                    load.report()
                            + ", "
                            + opened
                            + " flows, "
                            + plane.counts().datagrams(UdpCount.REUSED)
                            + " on a socket of another");
        }
    }

    /// A flood of one client takes no flow of another, and no more than its share.
    @Test
    void aFloodOfOneClientLeavesOthersServed() throws Exception {
        DataPlane plane = start(UdpOptions.DEFAULT.withLimits(4_000, 1_000));
        DatagramServer server = DatagramServer.start("a");
        open.add(server);
        List<AddressPort> vips = vips(8080);
        assertThat(plane.apply(DatagramServices.snapshot(vips, List.of(server.at())))).isEmpty();
        try (DatagramSocket other = client("127.0.0.77")) {
            ask(other, vips.getFirst(), 0);
            int most = 0;
            for (int sent = 0; sent < FLOOD; sent += vips.size()) {
                try (DatagramSocket flooding = client("127.0.0.78")) {
                    for (AddressPort vip : vips) {
                        send(flooding, vip, "!");
                    }
                }
                ask(other, vips.getFirst(), sent);
                most = Math.max(most, descriptors());
            }
            assertThat(plane.liveFlows()).isLessThanOrEqualTo(1_001);
            assertThat(most).isLessThan(1_000 + 500);
            // The kernel drops what a loop has no time for.
            assertThat(plane.counts().evictedFlows()).isGreaterThan(FLOOD / 4);
            assertThat(plane.counts().datagrams(UdpCount.EVICTED_FOR_ALL)).isZero();
            System.out.println(
                    "a flood of "
                            + FLOOD
                            + ": "
                            + plane.counts().datagrams(UdpCount.OPENED)
                            + " flows opened, "
                            + plane.counts().evictedFlows()
                            + " evicted, at most "
                            + most
                            + " descriptors, "
                            + usedMegabytes()
                            + " MB of heap");
        }
    }

    private static List<AddressPort> vips(int port) {
        return Stream.generate(() -> new AddressPort(Loopback.address(), port))
                .limit(VIPS)
                .toList();
    }

    private static DatagramSocket client(String from) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral(from));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        socket.send(new DatagramPacket(data, data.length, DatagramServices.address(to)));
    }

    private static void ask(DatagramSocket socket, AddressPort to, int number) throws IOException {
        send(socket, to, "q" + number);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        assertThat(new String(answer.getData(), 0, answer.getLength(), US_ASCII))
                .isEqualTo("a:q" + number);
    }

    private static long usedMegabytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.count();
        }
    }
}
