package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadFactory;

/// Answers one byte with one byte and waits for the client to close.
final class ConnectServer implements AutoCloseable {

    private static final int THREADS = 16;
    private static final int BACKLOG = 4_096;

    private final ServerSocket listener;

    private ConnectServer(ServerSocket listener) {
        this.listener = listener;
    }

    static ConnectServer start(Host host, int port) throws Exception {
        ServerSocket listener =
                host.run(() -> {
                    ServerSocket socket = new ServerSocket();
                    socket.setReuseAddress(true);
                    socket.bind(new InetSocketAddress(host.ipv4(), port), BACKLOG);
                    return socket;
                });
        ConnectServer server = new ConnectServer(listener);
        ThreadFactory threads = host.netns().threadFactory("server");
        for (int i = 0; i < THREADS; i++) {
            threads.newThread(server::serve).start();
        }
        return server;
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.setTcpNoDelay(true);
                int read = socket.getInputStream().read();
                if (read >= 0) {
                    socket.getOutputStream().write(read);
                    int _ = socket.getInputStream().read();
                }
            } catch (IOException _) {
                // Closed, or a client that went away.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
