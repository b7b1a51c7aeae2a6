package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sockets with a client's address that flows of DNS have one after the other (SEMANTICS A5): the
/// backend sees the client's address, never another's, and no answer reaches another flow than that
/// of its question.
class UdpClientSocketsTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final LabService SERVICE = LabService.of("dns", 41);
    private static final int BACKEND_PORT = 8053;
    private static final int PATIENCE_MILLIS = 10_000;

    private static final int AT_ONCE = 200;
    private static final int LOOPS = 2;
    private static final int MOST_OF_LOOP = 64;

    /// Where the kernel's choice for sockets that do not bind ends.
    private static final int LAST_EPHEMERAL = 60_999;

    private static @Nullable LabAgent agent;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        agent =
                LabAgent.start(
                        LAB,
                        folder,
                        CaptureMode.BPF,
                        LabAgent.node(LAB.n1())
                                + SERVICE.on(LAB.b2())
                                        .yaml(BACKEND_PORT)
                                        .replace(": TCP}", ": UDP}")
                                        .replace("port: " + LabService.PORT + ",", "port: 53,"),
                        "--threads",
                        "" + LOOPS,
                        LabAgent.CLUSTER_CIDR[0],
                        LabAgent.CLUSTER_CIDR[1]);
    }

    @AfterAll
    static void stop() throws IOException {
        Objects.requireNonNull(agent).close();
    }

    private static InetSocketAddress vip(IpFamily family) {
        return new InetSocketAddress(SERVICE.clusterIp(family).getAddress(), 53);
    }

    @ParameterizedTest
    @EnumSource
    void theNextFlowOfAClientTakesTheSocketAndShowsTheClient(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family)) {
            Set<InetSocketAddress> seen = new HashSet<>();
            for (int i = 0; i < 40; i++) {
                seen.add(backend.exchange(LAB.p1(), i, "n" + i));
            }
            // One for each event loop: the kernel spreads the client's sockets over them.
            assertThat(seen)
                    .hasSizeLessThanOrEqualTo(4)
                    .allMatch(at -> at.getAddress().equals(LabAgent.address(LAB.p1(), family)));
        }
    }

    /// The client may have any of its ephemeral ports towards the backend itself.
    @ParameterizedTest
    @EnumSource
    void aSocketThatWaitsHasNoPortThatTheClientIsGiven(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family)) {
            for (int i = 0; i < 10; i++) {
                assertThat(backend.exchange(LAB.p1(), i, "port" + i).getPort())
                        .isGreaterThan(LAST_EPHEMERAL);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherClientIsNeverShownTheFirstOnesAddress(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family)) {
            for (int i = 0; i < 20; i++) {
                for (Host client : new Host[] {LAB.p1(), LAB.b1()}) {
                    assertThat(backend.exchange(client, i, client + "-" + i).getAddress())
                            .isEqualTo(LabAgent.address(client, family));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLateAnswerReachesNoLaterFlow(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family)) {
            byte[] old = question(7, "old");
            boolean met = false;
            for (int i = 0; i < 40 && !met; i++) {
                InetSocketAddress first = backend.exchange(LAB.p1(), 7, "old");
                try (DatagramSocket client = client(LAB.p1(), family)) {
                    // The same number, another question.
                    byte[] question = question(7, "new");
                    send(client, question, vip(family));
                    DatagramPacket asked = backend.receive();
                    met = asked.getSocketAddress().equals(first);
                    backend.answer(old, first);
                    backend.answer(question, (InetSocketAddress) asked.getSocketAddress());
                    assertThat(bytes(receive(client))).isEqualTo(answered(question));
                    client.setSoTimeout(20);
                    assertThat(isSilent(client)).isTrue();
                }
            }
            assertThat(met).as("a flow that was given the socket of an earlier one").isTrue();
        }
    }

    /// What comes to a socket that waits may be meant for the client itself: it gets out of the
    /// way.
    @ParameterizedTest
    @EnumSource
    void aSocketThatHearsWhileItWaitsServesNoOther(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family)) {
            Set<InetSocketAddress> spoilt = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                InetSocketAddress at = backend.exchange(LAB.p1(), i, "spoilt" + i);
                assertThat(spoilt).doesNotContain(at);
                backend.answer(question(i, "spoilt" + i), at);
                awaitClosed(at);
                spoilt.add(at);
            }
        }
    }

    private static String sockets(InetSocketAddress at) throws Exception {
        return LAB.n1()
                .exec(
                        "ss",
                        "-Huan",
                        "src [%s] and sport = :%d"
                                .formatted(at.getAddress().getHostAddress(), at.getPort()));
    }

    private static void awaitClosed(InetSocketAddress at) {
        World.await(
                () -> {
                    try {
                        return sockets(at).isBlank();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                at + " is closed");
    }

    @ParameterizedTest
    @EnumSource
    void ofManyThatWereNeededAtOnceSomeWait(IpFamily family) throws Exception {
        List<DatagramSocket> clients = new ArrayList<>();
        try (Backend backend = Backend.start(family)) {
            for (int i = 0; i < AT_ONCE; i++) {
                clients.add(client(LAB.p1(), family));
                send(clients.getLast(), question(i, "many"), vip(family));
            }
            for (int i = 0; i < AT_ONCE; i++) {
                DatagramPacket asked = backend.receive();
                backend.answer(bytes(asked), (InetSocketAddress) asked.getSocketAddress());
            }
            for (int i = 0; i < AT_ONCE; i++) {
                assertThat(bytes(receive(clients.get(i)))).isEqualTo(answered(question(i, "many")));
            }
            InetAddress p1 = LabAgent.address(LAB.p1(), family);
            World.await(
                    () -> {
                        try {
                            return socketsOf(p1) <= MOST_OF_LOOP * LOOPS;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    },
                    "no more sockets wait than may");
            assertThat(socketsOf(p1)).isPositive();
        } finally {
            clients.forEach(DatagramSocket::close);
        }
    }

    /// Those that may serve another flow.
    private static long socketsOf(InetAddress client) throws Exception {
        return LAB.n1()
                .exec(
                        "ss",
                        "-Huan",
                        "src [%s] and sport > :%d"
                                .formatted(client.getHostAddress(), LAST_EPHEMERAL))
                .lines()
                .count();
    }

    /// A5: what is no DNS has the client's port too, as NAT would show it.
    @ParameterizedTest
    @EnumSource
    void whatIsNoQuestionIsSeenWithTheClientsPort(IpFamily family) throws Exception {
        try (Backend backend = Backend.start(family);
                DatagramSocket client = client(LAB.p1(), family)) {
            byte[] hello = "hello".getBytes(US_ASCII);
            send(client, hello, vip(family));
            assertThat(backend.receive().getSocketAddress())
                    .isEqualTo(
                            new InetSocketAddress(
                                    LabAgent.address(LAB.p1(), family), client.getLocalPort()));
        }
    }

    /// A server of DNS on b2 that answers when the test says so.
    private record Backend(DatagramSocket socket, IpFamily family) implements AutoCloseable {

        static Backend start(IpFamily family) throws Exception {
            InetSocketAddress at =
                    new InetSocketAddress(LabAgent.address(LAB.b2(), family), BACKEND_PORT);
            DatagramSocket socket = LAB.b2().run(() -> new DatagramSocket(at));
            socket.setSoTimeout(PATIENCE_MILLIS);
            return new Backend(socket, family);
        }

        /// A client asks from a socket of its own and is answered.
        ///
        /// @return whom the backend saw
        InetSocketAddress exchange(Host from, int id, String name) throws Exception {
            try (DatagramSocket client = client(from, family)) {
                byte[] question = question(id, name);
                send(client, question, vip(family));
                DatagramPacket asked = receive();
                assertThat(bytes(asked)).isEqualTo(question);
                InetSocketAddress seen = (InetSocketAddress) asked.getSocketAddress();
                answer(question, seen);
                assertThat(bytes(UdpClientSocketsTest.receive(client)))
                        .isEqualTo(answered(question));
                return seen;
            }
        }

        DatagramPacket receive() throws IOException {
            return UdpClientSocketsTest.receive(socket);
        }

        void answer(byte[] question, InetSocketAddress to) throws IOException {
            send(socket, answered(question), to);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static DatagramSocket client(Host host, IpFamily family) throws Exception {
        DatagramSocket socket = host.run(() -> new DatagramSocket());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(vip(family));
        return socket;
    }

    private static void send(DatagramSocket socket, byte[] data, InetSocketAddress to)
            throws IOException {
        socket.send(new DatagramPacket(data, data.length, to));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        return packet;
    }

    private static boolean isSilent(DatagramSocket socket) throws IOException {
        try {
            receive(socket);
            return false;
        } catch (SocketTimeoutException _) {
            return true;
        }
    }

    private static byte[] bytes(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /// For an address (RFC 1035, 4.1).
    private static byte[] question(int id, String name) {
        ByteBuffer message = ByteBuffer.allocate(12 + 1 + name.length() + 1 + 4);
        message.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
        message.putShort((short) 0).putInt(0);
        message.put((byte) name.length()).put(name.getBytes(US_ASCII)).put((byte) 0);
        return message.putShort((short) 1).putShort((short) 1).array();
    }

    /// The same, marked as an answer.
    private static byte[] answered(byte[] question) {
        byte[] answer = question.clone();
        answer[2] |= (byte) 0x80;
        return answer;
    }
}
