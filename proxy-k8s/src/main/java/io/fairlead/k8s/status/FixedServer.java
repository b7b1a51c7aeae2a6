package io.fairlead.k8s.status;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server that is there as long as the agent; says once that it cannot listen, and once that it
/// does. Safe for threads.
final class FixedServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FixedServer.class);

    private final String name;
    private final HttpPort port;
    private boolean toldFailure;

    FixedServer(String name, HttpPort port) {
        this.name = name;
        this.port = port;
    }

    /// Listens, unless it does already or cannot yet.
    synchronized void open() {
        if (port.isOpen()) {
            return;
        }
        try {
            listen();
        } catch (IOException e) {
            if (!toldFailure) {
                toldFailure = true;
                LOG.warn(
                        "{} server cannot listen on {} ({}); it is tried again every few seconds,"
                                + " and Services are served all the same",
                        name,
                        text(port.address()),
                        e.getMessage());
            }
        }
    }

    /// Listens.
    ///
    /// @throws IOException when it cannot; the message says where and why
    synchronized void openNow() throws IOException {
        try {
            listen();
        } catch (IOException e) {
            throw new IOException(
                    name
                            + " server cannot listen on "
                            + text(port.address())
                            + " ("
                            + e.getMessage()
                            + "); free it, or choose another address",
                    e);
        }
    }

    private void listen() throws IOException {
        port.open();
        LOG.info("{} server listens on {}", name, text(port.address()));
    }

    private static String text(InetSocketAddress at) {
        return at.toString().substring(at.toString().indexOf('/') + 1);
    }

    synchronized Optional<InetSocketAddress> address() {
        return port.isOpen() ? Optional.of(port.address()) : Optional.empty();
    }

    synchronized void mute() {
        port.mute();
    }

    @Override
    public synchronized void close() {
        port.close();
    }
}
