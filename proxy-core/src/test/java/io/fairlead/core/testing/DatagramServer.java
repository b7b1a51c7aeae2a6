package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// Answers each datagram with its name, a colon and what it was sent; what begins with `!` is not
/// answered.
public final class DatagramServer implements AutoCloseable {

    private static final int LARGEST = 65_507;

    private final String name;
    private final DatagramSocket socket;
    private final AtomicLong received = new AtomicLong();

    private DatagramServer(String name, DatagramSocket socket) {
        this.name = name;
        this.socket = socket;
    }

    /// On a free port of 127.0.0.1.
    public static DatagramServer start(String name) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setReceiveBufferSize(4 << 20);
        DatagramServer server = new DatagramServer(name, socket);
        Thread.ofPlatform().daemon().name("datagrams-" + name).start(server::serve);
        return server;
    }

    private void serve() {
        byte[] prefix =
                name.isEmpty() ? new byte[0] : (name + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] buffer = new byte[LARGEST];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                received.incrementAndGet();
                if (packet.getLength() > 0 && buffer[0] == '!') {
                    continue;
                }
                byte[] answer = Arrays.copyOf(prefix, prefix.length + packet.getLength());
                System.arraycopy(buffer, 0, answer, prefix.length, packet.getLength());
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (SocketException _) {
            // Closed.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public AddressPort at() {
        return new AddressPort(IpAddress.of(socket.getLocalAddress()), socket.getLocalPort());
    }

    /// Datagrams so far.
    public long received() {
        return received.get();
    }

    @Override
    public void close() {
        socket.close();
    }
}
