package io.fairlead.k8s.status;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket whose clients are answered, each by a virtual thread.
final class HttpListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private static final int BACKLOG = 128;
    private static final long LOOK_MILLIS = 1_000;

    /// After an attempt that came to nothing: the socket may stay ready for a while, as without
    /// descriptors, or where another process has it as well.
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ServerSocketChannel socket;
    private final Selector selector;
    private final Function<String, ? extends HttpAnswer> answers;
    private final LongSupplier nanoClock;
    private final HttpConnections connections = new HttpConnections();

    private HttpListener(
            ServerSocketChannel socket,
            Selector selector,
            Function<String, ? extends HttpAnswer> answers,
            LongSupplier nanoClock) {
        this.socket = socket;
        this.selector = selector;
        this.answers = answers;
        this.nanoClock = nanoClock;
    }

    /// Listens; nobody is answered yet.
    static HttpListener bind(
            InetSocketAddress at,
            Function<String, ? extends HttpAnswer> answers,
            LongSupplier nanoClock)
            throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            socket.bind(at, BACKLOG);
            socket.configureBlocking(false);
            return new HttpListener(socket, Selector.open(), answers, nanoClock);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    void start() throws IOException {
        socket.register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().daemon().name("fairlead-http").start(this::run);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.socket().getLocalSocketAddress();
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                int ready = selector.select(connections.areNone() ? 0 : LOOK_MILLIS);
                selector.selectedKeys().clear();
                if (ready > 0 && !acceptAll()) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                connections.closeLate(nanoClock.getAsLong());
            }
        } catch (IOException | ClosedSelectorException e) {
            if (selector.isOpen()) {
                LOG.error("a server of ours has ended", e);
            }
        }
    }

    /// Whether there was one.
    private boolean acceptAll() {
        boolean any = false;
        for (SocketChannel next = accept(); next != null; next = accept()) {
            any = true;
            serve(next);
        }
        return any;
    }

    private @Nullable SocketChannel accept() {
        try {
            return socket.accept();
        } catch (IOException e) {
            LOG.debug("nobody is accepted", e);
            return null;
        }
    }

    private void serve(SocketChannel channel) {
        HttpConnection connection = new HttpConnection(channel, nanoClock);
        connections.add(connection);
        Thread.ofVirtual().name("fairlead-http").start(() -> serve(connection));
    }

    private void serve(HttpConnection connection) {
        try {
            connection.serve(answers);
        } finally {
            connections.remove(connection);
        }
    }

    /// Ends the connections too. The port is free at once: the selector holds the socket no more.
    @Override
    public void close() {
        try {
            selector.close();
            socket.close();
        } catch (IOException e) {
            LOG.debug("not closed in good order", e);
        }
        connections.close();
    }
}
