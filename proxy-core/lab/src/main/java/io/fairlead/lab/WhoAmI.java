package io.fairlead.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// A server that tells each client whom it saw, over TCP and UDP on the same port.
///
/// Over TCP it sends its line, then echoes until end of stream. Over UDP it answers each datagram
/// with its line, from the address that was asked.
public final class WhoAmI implements AutoCloseable {

    private static final int BACKLOG = 1024;
    private static final int LARGEST_DATAGRAM = 65_536;

    private final String name;
    private final ThreadFactory threads;
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final List<DatagramSocket> datagrams = new ArrayList<>();
    private final List<Thread> servers = new ArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private WhoAmI(String name, ThreadFactory threads) {
        this.name = name;
        this.threads = threads;
    }

    /// Serves on both addresses of a host, under the host's name.
    public static WhoAmI start(Host host, int port) {
        return startAt(host, host.name(), port, host.ipv4(), host.ipv6());
    }

    /// Serves on addresses of choice: any-local ones, or those that a local route brings here.
    public static WhoAmI startAt(Host host, String name, int port, InetAddress... addresses) {
        WhoAmI server = new WhoAmI(name, host.netns().threadFactory("whoami-" + name));
        try {
            host.run(() -> {
                for (InetAddress address : addresses) {
                    server.bind(new InetSocketAddress(address, port));
                }
                return true;
            });
        } catch (Exception e) {
            server.close();
            throw new IllegalStateException("no server on " + host + " port " + port, e);
        }
        return server;
    }

    private void bind(InetSocketAddress at) throws IOException {
        ServerSocket listener = new ServerSocket();
        listeners.add(listener);
        listener.bind(at, BACKLOG);
        DatagramSocket datagram = new DatagramSocket(at);
        datagrams.add(datagram);
        serve(() -> acceptAll(listener));
        serve(() -> answerAll(datagram));
    }

    private void serve(Runnable endless) {
        Thread thread = threads.newThread(endless);
        servers.add(thread);
        thread.start();
    }

    private void acceptAll(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                accepted.incrementAndGet();
                connections.add(connection);
                threads.newThread(() -> serve(connection)).start();
            } catch (IOException _) {
                // Closed, or a client that was gone before it was accepted.
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            connection
                    .getOutputStream()
                    .write(
                            Greeting.of(
                                    name,
                                    (InetSocketAddress) connection.getRemoteSocketAddress(),
                                    (InetSocketAddress) connection.getLocalSocketAddress()));
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException _) {
            // The client went away; it sees that on its own side.
        } finally {
            connections.remove(connection);
        }
    }

    private void answerAll(DatagramSocket socket) {
        byte[] buffer = new byte[LARGEST_DATAGRAM];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                InetSocketAddress peer = (InetSocketAddress) packet.getSocketAddress();
                byte[] line =
                        Greeting.of(name, peer, (InetSocketAddress) socket.getLocalSocketAddress());
                socket.send(new DatagramPacket(line, line.length, peer));
            } catch (IOException _) {
                // Closed, or a peer that is gone.
            }
        }
    }

    /// Connections accepted so far.
    public int accepted() {
        return accepted.get();
    }

    /// Connections open now.
    public int open() {
        return connections.size();
    }

    /// Stops and drops all connections; can be repeated.
    @Override
    public void close() {
        try {
            for (ServerSocket listener : listeners) {
                listener.close();
            }
            datagrams.forEach(DatagramSocket::close);
            for (Socket connection : connections) {
                connection.close();
            }
            // The port is free once no call on the socket is under way.
            for (Thread server : servers) {
                server.join();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
