package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A folder of manifests, and backends that answer each connection with their names.
final class World implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 60;

    private final Path folder;
    private final List<ServerSocket> listeners = new ArrayList<>();

    World(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /// Starts a backend; returns its port.
    int backend(String address, String name) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 1024);
        listeners.add(listener);
        Thread.ofVirtual().start(() -> serve(listener, name.getBytes(UTF_8)));
        return listener.getLocalPort();
    }

    private static void serve(ServerSocket listener, byte[] answer) {
        while (!listener.isClosed()) {
            try (Socket connection = listener.accept()) {
                connection.getOutputStream().write(answer);
            } catch (IOException _) {
                // Closed, or the client went first.
            }
        }
    }

    /// A backend that sends back what it reads; whoever asked for it closes it.
    static ServerSocket echo() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 4096);
        Thread.ofVirtual().start(() -> echoAll(listener));
        return listener;
    }

    private static void echoAll(ServerSocket listener) {
        while (!listener.isClosed()) {
            try {
                Socket connection = listener.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            } catch (IOException _) {
                // Closed.
            }
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException _) {
            // Reset, as some of them are.
        }
    }

    /// Writes a file the way an editor or kubelet does: all at once.
    void write(String name, String text) throws IOException {
        Path draft = Files.writeString(folder.resolve(name + ".draft"), text);
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void delete(String name) throws IOException {
        Files.delete(folder.resolve(name));
    }

    /// A Service with one port named `http`.
    static String service(String name, String clusterIp, int port, String more) {
        String family = clusterIp.indexOf(':') < 0 ? "IPv4" : "IPv6";
        return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, namespace: default}
        spec:
          clusterIP: "%2$s"
          clusterIPs: ["%2$s"]
          ipFamilies: [%4$s]
          ports:
          - {name: http, port: %3$d, protocol: TCP%5$s}
        """
                .formatted(name, clusterIp, port, family, more);
    }

    /// A slice of that Service with one ready endpoint.
    static String slice(String service, String address, int port) {
        String family = address.indexOf(':') < 0 ? "IPv4" : "IPv6";
        return """
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %1$s-%3$d
          namespace: default
          labels: {kubernetes.io/service-name: %1$s}
        addressType: %4$s
        ports:
        - {name: http, port: %3$d, protocol: TCP}
        endpoints:
        - {addresses: ["%2$s"], conditions: {ready: true}}
        """
                .formatted(service, address, port, family);
    }

    /// What a connection to an address gets until its end.
    static String ask(String address, int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral(address), port)) {
            socket.setSoTimeout(10_000);
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /// Asks until the answer is the wanted one; a failure to connect is an answer too.
    static void awaitAnswer(String address, int port, String wanted) {
        await(
                () -> {
                    try {
                        return ask(address, port).equals(wanted);
                    } catch (IOException e) {
                        return wanted.equals(e.getClass().getSimpleName());
                    }
                },
                address + " port " + port + " answers " + wanted);
    }

    static void await(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came true: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket listener : listeners) {
            listener.close();
        }
    }
}
