package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.DnsQuestion;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.udp.UdpCount;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sockets to backends that flows of questions have one after the other: no answer reaches another
/// flow than that of its question.
class UdpPoolTest {

    private static final DnsQuestion FIRST = new DnsQuestion(7, "first.example");
    private static final DnsQuestion SECOND = new DnsQuestion(8, "second.example");

    private final AtomicLong nowNs = new AtomicLong();
    private final AddressPort vip = new AddressPort(Loopback.vip().address(), 53);
    private DataPlane plane;
    private DatagramSocket backend;

    @BeforeEach
    void start() throws IOException {
        plane = DataPlane.start(PlaneOptions.loopback(1).withClock(nowNs::get));
        backend = socket();
        serve(backend);
    }

    @AfterEach
    void stop() {
        plane.close();
        backend.close();
    }

    @Test
    void theNextFlowTakesTheSocketOfOneThatWasAnswered() throws IOException {
        DatagramPacket first = exchange(FIRST);
        DatagramPacket second = exchange(SECOND);
        assertThat(second.getSocketAddress()).isEqualTo(first.getSocketAddress());
        assertThat(plane.counts().datagrams(UdpCount.OPENED)).isEqualTo(2);
        assertThat(plane.counts().datagrams(UdpCount.REUSED)).isEqualTo(1);
    }

    @Test
    void aLateAnswerReachesNoLaterFlow() throws IOException {
        DatagramPacket first = exchange(FIRST);
        try (DatagramSocket client = socket()) {
            ask(client, SECOND);
            DatagramPacket second = receive(backend);
            assertThat(second.getSocketAddress()).isEqualTo(first.getSocketAddress());
            answer(FIRST, second);
            answer(SECOND, second);
            assertThat(bytes(receive(client))).isEqualTo(SECOND.answer());
            assertThat(plane.counts().datagrams(UdpCount.LATE)).isEqualTo(1);
        }
    }

    @Test
    void aLateAnswerOfTheSameNumberReachesNoLaterFlow() throws IOException {
        DnsQuestion same = new DnsQuestion(FIRST.id(), "other.example");
        exchange(FIRST);
        try (DatagramSocket client = socket()) {
            ask(client, same);
            DatagramPacket second = receive(backend);
            answer(FIRST, second);
            answer(same, second);
            assertThat(bytes(receive(client))).isEqualTo(same.answer());
        }
    }

    @Test
    void aLateAnswerIsDroppedWhileTheSocketWaits() throws IOException {
        DatagramPacket first = exchange(FIRST);
        answer(FIRST, first);
        Eventually.eventually("one late", () -> plane.counts().datagrams(UdpCount.LATE) == 1);
        exchange(SECOND);
        assertThat(plane.counts().datagrams(UdpCount.REUSED)).isEqualTo(1);
    }

    @Test
    void aSocketWithAnOpenQuestionServesNoOther() throws IOException {
        try (DatagramSocket client = socket()) {
            ask(client, FIRST);
            DatagramPacket first = receive(backend);
            nowNs.addAndGet(31_000_000_000L);
            Eventually.eventually("no flow", () -> plane.liveFlows() == 0);
            assertThat(plane.counts().datagrams(UdpCount.ENDED_IDLE)).isEqualTo(1);
            DatagramPacket second = exchange(SECOND);
            assertThat(second.getSocketAddress()).isNotEqualTo(first.getSocketAddress());
            assertThat(plane.counts().datagrams(UdpCount.REUSED)).isZero();
        }
    }

    /// One question may be answered twice: the second is not taken for another's.
    @Test
    void anAnswerThatComesTwiceDoesNotEndAFlowThatStillAsks() throws IOException {
        try (DatagramSocket client = socket()) {
            ask(client, FIRST);
            DatagramPacket first = receive(backend);
            ask(client, SECOND);
            receive(backend);
            answer(FIRST, first);
            answer(FIRST, first);
            assertThat(bytes(receive(client))).isEqualTo(FIRST.answer());
            assertThat(bytes(receive(client))).isEqualTo(FIRST.answer());
            assertThat(plane.liveFlows()).isEqualTo(1);
            answer(SECOND, first);
            assertThat(bytes(receive(client))).isEqualTo(SECOND.answer());
            Eventually.eventually("no flow", () -> plane.liveFlows() == 0);
        }
    }

    @Test
    void anErrorThatDoesNotRepeatTheQuestionIsAnAnswer() throws IOException {
        exchange(FIRST);
        try (DatagramSocket client = socket()) {
            ask(client, SECOND);
            DatagramPacket second = receive(backend);
            byte[] error = {0, 8, (byte) 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0};
            backend.send(new DatagramPacket(error, error.length, second.getSocketAddress()));
            assertThat(bytes(receive(client))).isEqualTo(error);
        }
    }

    @Test
    void whatIsNoQuestionGetsASocketOfItsOwn() throws IOException {
        DatagramPacket first = exchange(FIRST);
        try (DatagramSocket client = socket()) {
            byte[] hello = {1, 2, 3};
            client.send(new DatagramPacket(hello, 3, DatagramServices.address(vip)));
            DatagramPacket second = receive(backend);
            assertThat(second.getSocketAddress()).isNotEqualTo(first.getSocketAddress());
            backend.send(new DatagramPacket(hello, 3, second.getSocketAddress()));
            assertThat(bytes(receive(client))).isEqualTo(hello);
        }
    }

    @Test
    void socketsThatWaitInVainAreClosed() throws IOException {
        exchange(FIRST);
        Eventually.eventually("one waits", () -> plane.counts().datagrams(UdpCount.POOLED) == 1);
        nowNs.addAndGet(31_000_000_000L);
        Eventually.eventually("none", () -> plane.counts().datagrams(UdpCount.POOLED) == 0);
    }

    @Test
    void aBackendThatRefusedAndComesBackIsHeardOnTheSameSocket() throws IOException {
        DatagramPacket first = exchange(FIRST);
        int port = backend.getLocalPort();
        backend.close();
        try (DatagramSocket client = socket()) {
            ask(client, SECOND);
            Eventually.eventually(
                    "refused", () -> plane.counts().datagrams(UdpCount.REFUSED_BY_BACKEND) == 1);
            backend = new DatagramSocket(port, InetAddress.ofLiteral("127.0.0.1"));
            backend.setSoTimeout(10_000);
            ask(client, SECOND);
            DatagramPacket again = receive(backend);
            assertThat(again.getSocketAddress()).isEqualTo(first.getSocketAddress());
            answer(SECOND, again);
            assertThat(bytes(receive(client))).isEqualTo(SECOND.answer());
        }
        exchange(new DnsQuestion(9, "third.example"));
    }

    private DatagramPacket exchange(DnsQuestion question) throws IOException {
        try (DatagramSocket client = socket()) {
            ask(client, question);
            DatagramPacket asked = receive(backend);
            assertThat(bytes(asked)).isEqualTo(question.bytes());
            answer(question, asked);
            assertThat(bytes(receive(client))).isEqualTo(question.answer());
            client.setSoTimeout(1);
            assertThatThrownBy(() -> receive(client)).isInstanceOf(SocketTimeoutException.class);
            return asked;
        }
    }

    private void ask(DatagramSocket client, DnsQuestion question) throws IOException {
        byte[] data = question.bytes();
        client.send(new DatagramPacket(data, data.length, DatagramServices.address(vip)));
    }

    private void answer(DnsQuestion question, DatagramPacket asked) throws IOException {
        byte[] data = question.answer();
        backend.send(new DatagramPacket(data, data.length, asked.getSocketAddress()));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        return packet;
    }

    private static byte[] bytes(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private void serve(DatagramSocket socket) {
        AddressPort at =
                new AddressPort(IpAddress.of(socket.getLocalAddress()), socket.getLocalPort());
        assertThat(plane.apply(DatagramServices.snapshot(vip, at))).isEmpty();
    }
}
