package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Resolvers that ask from one port for ever, while the backends are replaced one by one (SEMANTICS
/// A11.5, A11.8).
class UdpResolverTest {

    private static final int RESOLVERS = 8;
    private static final int REPLACED = 6;

    private DataPlane plane;
    private final List<DatagramServer> servers = new ArrayList<>();
    private final List<DatagramSocket> resolvers = new ArrayList<>();
    private int started;

    @BeforeEach
    void start() throws IOException {
        plane = DataPlane.start(PlaneOptions.loopback(2));
        for (int i = 0; i < 3; i++) {
            addServer();
        }
        for (int i = 0; i < RESOLVERS; i++) {
            DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
            socket.setSoTimeout(20_000);
            resolvers.add(socket);
        }
    }

    @AfterEach
    void stop() {
        resolvers.forEach(DatagramSocket::close);
        plane.close();
        servers.forEach(DatagramServer::close);
    }

    private void addServer() throws IOException {
        servers.add(DatagramServer.start("s" + started++));
    }

    private void serve(AddressPort vip) {
        assertThat(
                        plane.apply(
                                DatagramServices.snapshot(
                                        List.of(vip),
                                        servers.stream().map(DatagramServer::at).toList())))
                .isEmpty();
    }

    private void replaceTheOldest(AddressPort vip) throws IOException {
        addServer();
        DatagramServer old = servers.removeFirst();
        serve(vip);
        old.close();
    }

    /// At a port of questions and answers, and at any other.
    @ParameterizedTest
    @ValueSource(ints = {53, 8080})
    void loseNothingThatWasNotUnderWay(int port) throws IOException {
        AddressPort vip = new AddressPort(Loopback.address(), port);
        serve(vip);
        for (int round = 0; round < REPLACED; round++) {
            for (DatagramSocket resolver : resolvers) {
                ask(resolver, vip, "before " + round);
            }
            replaceTheOldest(vip);
            for (DatagramSocket resolver : resolvers) {
                ask(resolver, vip, "after " + round);
            }
        }
    }

    /// What was under way when a backend went is asked once more, and then answered.
    @ParameterizedTest
    @ValueSource(ints = {53, 8080})
    void goOnWhereABackendWentUnderWay(int port) throws Exception {
        AddressPort vip = new AddressPort(Loopback.address(), port);
        serve(vip);
        AtomicBoolean ends = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (DatagramSocket resolver : resolvers) {
            resolver.setSoTimeout(500);
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    for (int i = 0; !ends.get(); i++) {
                                        askUntilAnswered(resolver, vip, "n" + i);
                                        answered.incrementAndGet();
                                    }
                                } catch (IOException | AssertionError e) {
                                    failures.add(e.toString());
                                }
                            }));
        }
        for (int i = 0; i < REPLACED; i++) {
            int before = answered.get();
            Eventually.eventually(
                    "they ask",
                    () -> answered.get() > before + 2 * RESOLVERS || !failures.isEmpty());
            replaceTheOldest(vip);
        }
        int before = answered.get();
        Eventually.eventually(
                "they ask", () -> answered.get() > before + 2 * RESOLVERS || !failures.isEmpty());
        ends.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private static void ask(DatagramSocket socket, AddressPort to, String text) throws IOException {
        send(socket, to, text);
        assertThat(receive(socket)).endsWith(":" + text);
    }

    /// As resolvers do, some times.
    private static void askUntilAnswered(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        for (int i = 0; i < 40; i++) {
            send(socket, to, text);
            try {
                String answer = receive(socket);
                while (!answer.endsWith(":" + text)) {
                    answer = receive(socket); // to what was asked twice
                }
                return;
            } catch (SocketTimeoutException _) {
                // Once more.
            }
        }
        throw new AssertionError(text + " is never answered");
    }

    private static void send(DatagramSocket socket, AddressPort to, String text)
            throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        socket.send(new DatagramPacket(data, data.length, DatagramServices.address(to)));
    }

    private static String receive(DatagramSocket socket) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }
}
