package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.Descriptors;
import io.fairlead.core.testing.DnsQuestion;
import io.fairlead.core.testing.DnsServer;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.udp.UdpCount;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Datagrams where descriptors run out.
class UdpDescriptorsTest {

    private final AddressPort vip = Loopback.vip();
    private final AddressPort dns = new AddressPort(Loopback.address(), 53);
    private final AddressPort later = Loopback.vip();
    private DataPlane plane;
    private DatagramServer server;
    private DnsServer dnsServer;
    private DatagramSocket first;
    private DatagramSocket second;
    private DatagramSocket third;

    @BeforeEach
    void start() throws IOException {
        // One loop: each flow is in the way of each other.
        plane = DataPlane.start(PlaneOptions.loopback(1));
        server = DatagramServer.start("a");
        dnsServer = DnsServer.start();
        first = client();
        second = client();
        third = client();
        // Without descriptors no class can be loaded: what is needed below goes through once.
        LoggerFactory.getLogger(UdpDescriptorsTest.class).warn("a test for {}", vip);
        try (DatagramSocket _ = new DatagramSocket(DatagramServices.address(later))) {
            assertThat(
                            plane.apply(
                                    Services.snapshot(
                                            port("a", vip), port("later", later), dnsPort())))
                    .hasSize(1);
        }
        assertThat(plane.maintain()).isEmpty();
        assertThat(ask(third, later, "x")).isEqualTo("a:x");
        assertThat(plane.apply(Services.snapshot(port("a", vip), dnsPort()))).isEmpty();
        Eventually.eventually("no flow", () -> plane.liveFlows() == 0);
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        third.close();
        plane.close();
        server.close();
        dnsServer.close();
    }

    @Test
    void aFlowWithoutASocketTakesThatOfTheQuietest() throws IOException {
        assertThat(ask(first, vip, "1")).isEqualTo("a:1");
        assertThat(ask(second, vip, "2")).isEqualTo("a:2");
        try (Descriptors taken = Descriptors.takeAll()) {
            assertThat(ask(third, vip, "3")).isEqualTo("a:3");
            assertThat(ask(second, vip, "4")).isEqualTo("a:4");
            assertThat(plane.counts().datagrams(UdpCount.EVICTED_FOR_SOCKET)).isEqualTo(1);
            assertThat(plane.liveFlows()).isEqualTo(2);
            assertThat(taken.isAny()).isTrue();
        }
        assertThat(ask(first, vip, "5")).isEqualTo("a:5");
        assertThat(plane.counts().evictedFlows()).isEqualTo(1);
    }

    @Test
    void aSocketThatWaitsIsTakenBeforeThatOfAFlow() throws IOException {
        assertThat(ask(first, vip, "1")).isEqualTo("a:1");
        askDns(second);
        Eventually.eventually("one waits", () -> plane.counts().datagrams(UdpCount.POOLED) == 1);
        try (Descriptors taken = Descriptors.takeAll()) {
            assertThat(ask(third, vip, "3")).isEqualTo("a:3");
            assertThat(plane.counts().evictedFlows()).isZero();
            assertThat(plane.counts().datagrams(UdpCount.POOLED)).isZero();
            assertThat(taken.isAny()).isTrue();
        }
    }

    @Test
    void aListenerOutlivesTheLackAndOneThatCouldNotBeMadeIsMadeAfterwards() throws IOException {
        try (Descriptors taken = Descriptors.takeAll()) {
            send(first, vip, "1");
            Eventually.eventually(
                    "it is lost", () -> plane.counts().datagrams(UdpCount.FAILED) == 1);
            assertThat(
                            plane.apply(
                                    Services.snapshot(
                                            port("a", vip), port("later", later), dnsPort())))
                    .isNotEmpty();
            assertThat(taken.isAny()).isTrue();
        }
        assertThat(ask(first, vip, "2")).isEqualTo("a:2");
        assertThat(plane.maintain()).isEmpty();
        assertThat(ask(first, later, "3")).isEqualTo("a:3");
    }

    private ServicePort port(String name, AddressPort at) {
        return DatagramServices.port(name, List.of(at), List.of(server.at()));
    }

    private ServicePort dnsPort() {
        return DatagramServices.port("dns", List.of(dns), List.of(dnsServer.at()));
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        socket.send(new DatagramPacket(data, data.length, DatagramServices.address(to)));
    }

    private static String ask(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        send(socket, to, text);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }

    private void askDns(DatagramSocket socket) throws IOException {
        byte[] question = new DnsQuestion(1, "a.example").bytes();
        socket.send(new DatagramPacket(question, question.length, DatagramServices.address(dns)));
        socket.receive(new DatagramPacket(new byte[512], 512));
    }
}
