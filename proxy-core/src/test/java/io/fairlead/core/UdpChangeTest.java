package io.fairlead.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Questions that are under way while what is served changes: none is met with silence, as long as
/// whoever was asked still answers (SEMANTICS A11.2 to A11.5, A11.8).
@Tag("transport")
class UdpChangeTest {

    private static final int CLIENTS = 6;
    private static final int CHANGES = 60;

    private final List<DatagramServer> servers = new ArrayList<>();
    private final AtomicBoolean ends = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> clients = new ArrayList<>();
    private DataPlane plane;

    @BeforeEach
    void start() throws IOException {
        plane = DataPlane.start(TestedWay.of(PlaneOptions.loopback(2)));
        servers.add(DatagramServer.start("a"));
        servers.add(DatagramServer.start("b"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        ends.set(true);
        for (Thread client : clients) {
            client.join();
        }
        plane.close();
        servers.forEach(DatagramServer::close);
    }

    /// At a port of questions and answers, and at any other.
    @ParameterizedTest
    @ValueSource(ints = {53, 8080})
    void areAnsweredThoughTheEndpointGoes(int port) throws Exception {
        AddressPort vip = new AddressPort(Loopback.address(), port);
        serve(vip, servers.getFirst());
        startAsking(vip);
        for (int i = 0; i < CHANGES && failures.isEmpty(); i++) {
            serve(vip, servers.get(i % 2));
            awaitQuestions();
        }
        endAsking();
        assertThat(failures).isEmpty();
        assertThat(refused).hasValue(0);
    }

    /// A11.3, A11.4.
    @ParameterizedTest
    @ValueSource(ints = {53, 8080})
    void areAnsweredOrRefusedWhereTheLastEndpointGoesAndComesBack(int port) throws Exception {
        AddressPort vip = new AddressPort(Loopback.address(), port);
        serve(vip, servers.getFirst());
        startAsking(vip);
        for (int i = 0; i < CHANGES && failures.isEmpty(); i++) {
            if (i % 2 == 0) {
                serve(vip);
            } else {
                serve(vip, servers.getFirst());
            }
            awaitQuestions();
        }
        endAsking();
        assertThat(failures).isEmpty();
        assertThat(refused).hasPositiveValue();
    }

    @ParameterizedTest
    @ValueSource(ints = {53, 8080})
    void areAnsweredOrRefusedWhereTheServiceGoesAndComesBack(int port) throws Exception {
        AddressPort vip = new AddressPort(Loopback.address(), port);
        serve(vip, servers.getFirst());
        startAsking(vip);
        for (int i = 0; i < CHANGES && failures.isEmpty(); i++) {
            if (i % 2 == 0) {
                assertThat(plane.apply(Services.snapshot())).isEmpty();
            } else {
                serve(vip, servers.getFirst());
            }
            awaitQuestions();
        }
        endAsking();
        assertThat(failures).isEmpty();
        assertThat(refused).hasPositiveValue();
    }

    private void serve(AddressPort vip, DatagramServer... backends) {
        ServicePort port =
                DatagramServices.port(
                        "dns",
                        List.of(vip),
                        List.of(backends).stream().map(DatagramServer::at).toList());
        assertThat(plane.apply(Services.snapshot(port))).isEmpty();
    }

    private void awaitQuestions() {
        int before = asked.get();
        Eventually.eventually(
                "they ask", () -> asked.get() > before + CLIENTS || !failures.isEmpty());
    }

    private void startAsking(AddressPort vip) {
        for (int i = 0; i < CLIENTS; i++) {
            String name = "c" + i;
            clients.add(Thread.ofPlatform().name(name).start(() -> askOn(name, vip)));
        }
    }

    private void endAsking() throws InterruptedException {
        ends.set(true);
        for (Thread client : clients) {
            client.join();
        }
    }

    private void askOn(String name, AddressPort vip) {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            socket.setSoTimeout(2_000);
            socket.connect(DatagramServices.address(vip));
            for (int i = 0; !ends.get(); i++) {
                ask(socket, name + "-" + i);
                asked.incrementAndGet();
            }
        } catch (IOException | AssertionError e) {
            failures.add(e.toString());
        }
    }

    private void ask(DatagramSocket socket, String text) throws IOException {
        byte[] data = text.getBytes(US_ASCII);
        try {
            socket.send(new DatagramPacket(data, data.length));
            String answer = receive(socket);
            while (isToEarlierQuestion(answer, text)) {
                answer = receive(socket); // of one that was refused as well
            }
            assertThat(answer).endsWith(":" + text);
        } catch (PortUnreachableException _) {
            refused.incrementAndGet();
        } catch (SocketTimeoutException _) {
            throw new AssertionError(text + " met with silence");
        }
    }

    /// Whether it is this client's own, with a number of before.
    private static boolean isToEarlierQuestion(String answer, String text) {
        String own = text.substring(0, text.indexOf('-') + 1);
        int at = answer.indexOf(own);
        return at > 0
                && Integer.parseInt(answer.substring(at + own.length()))
                        < Integer.parseInt(text.substring(own.length()));
    }

    private static String receive(DatagramSocket socket) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
    }
}
