package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.udp.UdpCount;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many datagrams of a flow at once: whatever system calls they go by, each arrives by itself, as
/// it was, and in its order.
@Tag("transport")
class UdpBurstTest {

    /// What a socket with the usual buffer holds in any case.
    private static final int BURST = 48;

    private final AddressPort vip = Loopback.vip();
    private DataPlane plane;
    private DatagramServer echo;

    @BeforeEach
    void start() throws IOException {
        plane = DataPlane.start(TestedWay.of(PlaneOptions.loopback(1)));
        echo = DatagramServer.start("");
        assertThat(plane.apply(DatagramServices.snapshot(vip, echo.at()))).isEmpty();
    }

    @AfterEach
    void stop() {
        plane.close();
        echo.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 1_452, 1_453, 3_000})
    void ofOneLength(int length) throws IOException {
        List<byte[]> burst = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            burst.add(datagram(i, length));
        }
        assertThatEachComesBack(burst);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void ofAnyLengthAlsoNone(long seed) throws IOException {
        Random random = new Random(seed);
        int[] lengths = {0, 1, 63, 64, 64, 64, 512, 1_452, 1_453};
        List<byte[]> burst = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            burst.add(datagram(i, lengths[random.nextInt(lengths.length)]));
        }
        assertThatEachComesBack(burst);
    }

    /// Each shorter than the one before it: none can go with the next but one.
    @Test
    void ofFallingLengths() throws IOException {
        List<byte[]> burst = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            burst.add(datagram(i, 500 - i));
        }
        assertThatEachComesBack(burst);
    }

    @Test
    void ofTwoClientsByTurns() throws IOException {
        try (DatagramSocket one = client();
                DatagramSocket other = client()) {
            for (int i = 0; i < BURST / 2; i++) {
                send(one, datagram(i, 64));
                send(other, datagram(100 + i, 65));
            }
            for (int i = 0; i < BURST / 2; i++) {
                assertThat(receive(one)).isEqualTo(datagram(i, 64));
                assertThat(receive(other)).isEqualTo(datagram(100 + i, 65));
            }
        }
    }

    private void assertThatEachComesBack(List<byte[]> burst) throws IOException {
        long bytes = 0;
        try (DatagramSocket client = client()) {
            for (byte[] data : burst) {
                send(client, data);
                bytes += data.length;
            }
            List<String> back = new ArrayList<>();
            for (byte[] _ : burst) {
                back.add(inWords(receive(client)));
            }
            assertThat(back).isEqualTo(burst.stream().map(UdpBurstTest::inWords).toList());
        }
        assertThat(plane.counts().datagrams(UdpCount.TO_BACKENDS)).isEqualTo(burst.size());
        assertThat(plane.counts().datagrams(UdpCount.BYTES_TO_BACKENDS)).isEqualTo(bytes);
        assertThat(plane.counts().datagrams(UdpCount.TO_CLIENTS)).isEqualTo(burst.size());
        assertThat(plane.counts().datagrams(UdpCount.BYTES_TO_CLIENTS)).isEqualTo(bytes);
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static byte[] datagram(int number, int length) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) (0x80 + number)); // no `!`, which is not answered
        return data;
    }

    private static String inWords(byte[] data) {
        return data.length == 0 ? "empty" : data.length + " of " + data[0];
    }

    private void send(DatagramSocket socket, byte[] data) throws IOException {
        // Not connected: such a socket of Java's sends no empty datagram.
        socket.send(new DatagramPacket(data, data.length, DatagramServices.address(vip)));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
