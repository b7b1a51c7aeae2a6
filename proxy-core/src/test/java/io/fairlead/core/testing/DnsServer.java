package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Arrays;

/// Answers each question of DNS with the question itself, marked as an answer.
public final class DnsServer implements AutoCloseable {

    private static final int FLAGS_AT = 2;

    private final DatagramSocket socket;

    private DnsServer(DatagramSocket socket) {
        this.socket = socket;
    }

    /// On a free port of 127.0.0.1.
    public static DnsServer start() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setReceiveBufferSize(4 << 20);
        DnsServer server = new DnsServer(socket);
        Thread.ofPlatform().daemon().name("dns").start(server::serve);
        return server;
    }

    private void serve() {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                socket.receive(packet);
                byte[] answer = answer(packet.getData(), packet.getLength());
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (SocketException _) {
            // Closed.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What it answers.
    public static byte[] answer(byte[] question, int length) {
        byte[] answer = Arrays.copyOf(question, length);
        answer[FLAGS_AT] |= (byte) 0x80;
        return answer;
    }

    public AddressPort at() {
        return new AddressPort(IpAddress.of(socket.getLocalAddress()), socket.getLocalPort());
    }

    @Override
    public void close() {
        socket.close();
    }
}
