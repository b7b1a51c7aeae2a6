package io.fairlead.bench.load;

import io.fairlead.lab.Setns;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Answers each question of DNS with the question, marked as an answer.
final class UdpServer implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int BUFFER = 4 << 20;
    private static final int FLAGS_AT = 2;
    private static final byte ANSWER = (byte) 0x80;

    private final List<DatagramSocket> sockets = new ArrayList<>();

    private UdpServer() {}

    static UdpServer start(Path namespace, InetSocketAddress at) {
        UdpServer server = new UdpServer();
        for (int i = 0; i < THREADS; i++) {
            CompletableFuture<DatagramSocket> opened = new CompletableFuture<>();
            Thread.ofPlatform()
                    .name("udp-server")
                    .daemon()
                    .start(() -> {
                        Setns.enter(namespace);
                        try {
                            serve(open(at), opened);
                        } catch (IOException e) {
                            opened.completeExceptionally(e);
                        }
                    });
            server.sockets.add(opened.join());
        }
        return server;
    }

    private static DatagramSocket open(InetSocketAddress at) throws IOException {
        DatagramSocket socket = new DatagramSocket(null);
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        socket.setReceiveBufferSize(BUFFER);
        socket.bind(at);
        return socket;
    }

    private static void serve(DatagramSocket socket, CompletableFuture<DatagramSocket> opened) {
        opened.complete(socket);
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
