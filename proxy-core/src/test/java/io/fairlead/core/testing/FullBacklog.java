package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// A backend whose accept queue is full: who connects to it waits in the handshake until [#open].
public final class FullBacklog implements AutoCloseable {

    // The kernel queues one more than it is asked to, then drops SYNs.
    private static final int FILLERS = 2;

    private final ServerSocket listener;
    private final List<Socket> fillers = new ArrayList<>();

    public FullBacklog() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        for (int i = 0; i < FILLERS; i++) {
            fillers.add(Loopback.connect(at()));
        }
    }

    public AddressPort at() {
        return new AddressPort(IpAddress.of(listener.getInetAddress()), listener.getLocalPort());
    }

    /// Lets in who waits. The client's kernel repeats its SYN after a second.
    public Socket open() throws IOException {
        for (Socket filler : fillers) {
            listener.accept().close();
            filler.close();
        }
        Socket connection = listener.accept();
        connection.setSoTimeout(60_000);
        return connection;
    }

    @Override
    public void close() throws IOException {
        for (Socket filler : fillers) {
            filler.close();
        }
        listener.close();
    }
}
