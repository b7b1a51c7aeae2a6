package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/// Answers each question of DNS with the question, marked as an answer.
final class UdpServer implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int BUFFER = 4 << 20;
    private static final int FLAGS_AT = 2;
    private static final byte ANSWER = (byte) 0x80;

    private final List<DatagramSocket> sockets = new ArrayList<>();

    private UdpServer() {}

    static UdpServer start(Host host, int port) throws Exception {
        UdpServer server = new UdpServer();
        ThreadFactory threads = host.netns().threadFactory("server");
        for (int i = 0; i < THREADS; i++) {
            DatagramSocket socket =
                    host.run(() -> {
                        DatagramSocket each = new DatagramSocket(null);
                        each.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                        each.setReceiveBufferSize(BUFFER);
                        each.bind(new InetSocketAddress(host.ipv4(), port));
                        return each;
                    });
            server.sockets.add(socket);
            threads.newThread(() -> serve(socket)).start();
        }
        return server;
    }

    private static void serve(DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        try {
            while (true) {
                packet.setLength(512);
                socket.receive(packet);
                packet.getData()[FLAGS_AT] |= ANSWER;
                socket.send(packet);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    @Override
    public void close() {
        sockets.forEach(DatagramSocket::close);
    }
}
