package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A backend on loopback: each accepted connection runs its script on a thread of its own.
public final class TestServer implements AutoCloseable {

    /// What a backend does with a connection; an exception ends that connection only.
    @FunctionalInterface
    public interface Script {
        void serve(Socket connection) throws IOException;
    }

    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private final Thread acceptor;

    private TestServer(ServerSocket listener, Script script) {
        this.listener = listener;
        this.acceptor = Thread.ofVirtual().name("backend").unstarted(() -> acceptAll(script));
    }

    /// Serves on a free port of 127.0.0.1.
    public static TestServer start(Script script) {
        return start("127.0.0.1", script);
    }

    public static TestServer start(String address, Script script) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 4096);
            TestServer server = new TestServer(listener, script);
            server.acceptor.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends back what it reads, until end of stream.
    public static TestServer echo() {
        return start(
                connection -> connection.getInputStream().transferTo(connection.getOutputStream()));
    }

    /// Answers each connection with its name and ends it.
    public static TestServer named(String name) {
        return start(connection ->
                connection
                        .getOutputStream()
                        .write(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private void acceptAll(Script script) {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                accepted.incrementAndGet();
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(script, connection));
            } catch (IOException _) {
                // Closed, or a connection that was gone before it was accepted.
            }
        }
    }

    private void serve(Script script, Socket connection) {
        try (connection) {
            script.serve(connection);
        } catch (IOException _) {
            // The script's peer went away; the test sees that on its own side.
        } finally {
            connections.remove(connection);
        }
    }

    public AddressPort at() {
        return new AddressPort(IpAddress.of(listener.getInetAddress()), listener.getLocalPort());
    }

    /// Connections accepted so far.
    public int accepted() {
        return accepted.get();
    }

    /// Connections open now.
    public int open() {
        return connections.size();
    }

    /// Stops listening and drops all connections; who connects from here on is refused.
    @Override
    public void close() {
        try {
            listener.close();
            // While it accepts, the kernel goes on to take connections.
            acceptor.join();
            for (Socket connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
