package io.fairlead.k8s;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/// A port on a host of the lab that leads to one of this process: what serves here is reached from
/// there.
///
/// With plain threads: virtual ones would carry the lab's namespace to strangers.
final class Forwarder implements AutoCloseable {

    private final ServerSocket server;
    private final URI to;

    private Forwarder(ServerSocket server, URI to) {
        this.server = server;
        this.to = to;
    }

    /// @param to `http://127.0.0.1:PORT` of this process
    static Forwarder on(Host host, URI to) throws Exception {
        ServerSocket server =
                host.run(() -> new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")));
        Forwarder forwarder = new Forwarder(server, to);
        start(forwarder::accept);
        return forwarder;
    }

    /// The same as seen on the host.
    URI uri() {
        return URI.create(to.getScheme() + "://127.0.0.1:" + server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Socket far = new Socket(to.getHost(), to.getPort());
                start(() -> copy(near, far));
                start(() -> copy(far, near));
            } catch (IOException _) {
                // Closed, or nobody serves at the moment.
            }
        }
    }

    private static void start(Runnable task) {
        Thread.ofPlatform().daemon().name("forwarder").start(task);
    }

    /// Until either side ends, which ends both.
    private static void copy(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException _) {
            // The other direction has ended.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
