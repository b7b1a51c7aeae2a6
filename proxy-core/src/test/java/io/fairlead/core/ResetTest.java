package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.testing.Kernel;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import io.fairlead.core.testing.TestServer.Script;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// RST travels as RST: whoever is cut off learns it, and never takes it for a clean end.
@Tag("transport")
@Tag("relay")
class ResetTest {

    private static final byte[] WORD = "word".getBytes(UTF_8);

    /// What a kernel sends in one packet over loopback. The rest of anything larger may still wait
    /// in the sender when RST voids it, without a relay as well.
    private static final int ONE_PACKET = 16_000;

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void ofTheBackendBeforeDataReachesTheClient() throws IOException {
        // Sooner, and the JDK, which polls for the end of the handshake, finds the reset there.
        CountDownLatch connected = new CountDownLatch(1);
        try (TestServer backend =
                        TestServer.start(connection -> {
                            await(connected);
                            Loopback.reset(connection);
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            connected.countDown();
            assertReset(client);
        }
    }

    @Test
    void ofABackendThatSpeaksAndCutsReachesTheClientAfterTheWords() throws IOException {
        // Often one event tells of the connection, the words and the reset.
        try (TestServer backend =
                TestServer.start(connection -> {
                    connection.getOutputStream().write(WORD);
                    Loopback.reset(connection);
                })) {
            AddressPort vip = running.serve(backend);
            int heard = 0;
            for (int i = 0; i < 300; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    assertThat(client.getInputStream().readNBytes(WORD.length)).isEqualTo(WORD);
                    assertReset(client);
                    heard++;
                } catch (SocketException e) {
                    // The JDK polls for the end of the handshake, and found the reset already.
                    assertThat(e.getStackTrace())
                            .anySatisfy(f -> assertThat(f.getMethodName()).isEqualTo("connect"));
                }
            }
            assertThat(heard).isPositive();
            assertThat(running.plane().counts().connectFailures()).isZero();
        }
    }

    @Test
    void ofTheBackendMidStreamReachesTheClientAfterTheData() throws IOException {
        try (TestServer backend =
                TestServer.start(connection -> {
                    connection.getInputStream().readNBytes(WORD.length);
                    connection.getOutputStream().write(new byte[ONE_PACKET]);
                    Loopback.reset(connection);
                })) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 100; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    client.getOutputStream().write(WORD);
                    assertThat(client.getInputStream().readNBytes(ONE_PACKET)).hasSize(ONE_PACKET);
                    assertReset(client);
                }
            }
        }
    }

    @Test
    void ofABackendThatAnswersAndDoesNotReadTheRestReachesTheClientAfterTheAnswer()
            throws IOException {
        // Closing with unread input is how servers refuse an upload: the kernel sends RST.
        try (TestServer backend =
                TestServer.start(connection -> {
                    connection.getInputStream().readNBytes(1);
                    connection.getOutputStream().write(WORD);
                    connection.close();
                })) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 100; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    Thread upload = Thread.ofVirtual().start(() -> sendUntilCut(client));
                    assertThat(client.getInputStream().readNBytes(WORD.length)).isEqualTo(WORD);
                    eventually("the upload is cut", () -> !upload.isAlive());
                }
            }
        }
    }

    @Test
    void ofTheBackendAfterTheClientsEndReachesTheClient() throws IOException {
        try (TestServer backend =
                        TestServer.start(connection -> {
                            connection.getInputStream().readAllBytes();
                            connection.getOutputStream().write(WORD);
                            Loopback.reset(connection);
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            client.shutdownOutput();
            assertThat(client.getInputStream().readNBytes(WORD.length)).isEqualTo(WORD);
            assertReset(client);
        }
    }

    @Test
    void ofTheBackendAfterItsOwnEndReachesTheClient() throws IOException {
        CountDownLatch endSeen = new CountDownLatch(1);
        try (TestServer backend =
                        TestServer.start(connection -> {
                            connection.shutdownOutput();
                            await(endSeen);
                            Loopback.reset(connection);
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            endSeen.countDown();
            // Nobody sends: the reset itself must be noticed.
            running.awaitIdle();
            // After its peer's end only a write tells the client.
            assertCutWhileWriting(client);
        }
    }

    @Test
    void ofTheClientBeforeDataReachesTheBackend() throws IOException {
        assertBackendIsReset(Loopback::reset, connection -> {});
    }

    @Test
    void ofTheClientMidStreamReachesTheBackendAfterTheData() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertBackendIsReset(
                    client -> {
                        client.getOutputStream().write(new byte[ONE_PACKET]);
                        Loopback.reset(client);
                    },
                    connection ->
                            assertThat(connection.getInputStream().readNBytes(ONE_PACKET))
                                    .hasSize(ONE_PACKET));
        }
    }

    @Test
    void ofTheClientAfterTheBackendsEndReachesTheBackend() throws IOException {
        assertBackendIsReset(
                client -> {
                    assertThat(client.getInputStream().read()).isEqualTo(-1);
                    Loopback.reset(client);
                },
                Socket::shutdownOutput);
    }

    /// The shape of CVE-2026-42577: a relay that has read the end looks no more for the reset.
    @Test
    void ofTheClientAfterItsOwnEndReachesTheBackend() throws IOException {
        CountDownLatch endSeen = new CountDownLatch(1);
        CountDownLatch flowEnded = new CountDownLatch(1);
        CompletableFuture<String> outcome = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection -> {
                            assertThat(connection.getInputStream().read()).isEqualTo(-1);
                            endSeen.countDown();
                            await(flowEnded);
                            assertCutWhileWriting(connection);
                            outcome.complete("reset");
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            client.shutdownOutput();
            await(endSeen);
            Loopback.reset(client);
            // Nobody sends: the reset itself must be noticed.
            running.awaitIdle();
            flowEnded.countDown();
            assertThat(outcome.join()).isEqualTo("reset");
        }
    }

    @Test
    void ofTheClientWhileTheUpstreamConnectsEndsTheFlow() throws IOException {
        try (FullBacklog backend = new FullBacklog()) {
            Socket client = Loopback.connect(running.serveAddress(backend.at()));
            client.getOutputStream().write(WORD);
            eventually("a flow", () -> running.plane().liveFlows() == 1);
            Loopback.reset(client);
            running.awaitIdle();
        }
    }

    @Test
    void ofTheClientAfterItsEndWhileTheUpstreamConnectsEndsTheFlow() throws IOException {
        try (FullBacklog backend = new FullBacklog()) {
            Socket client = Loopback.connect(running.serveAddress(backend.at()));
            client.shutdownOutput();
            eventually("a flow", () -> running.plane().liveFlows() == 1);
            Loopback.reset(client);
            running.awaitIdle();
        }
    }

    @Test
    void thousandsLeaveNoDescriptorAndNoWorkBehind() throws IOException {
        try (TestServer backend =
                TestServer.start(connection -> {
                    // One byte says how it ends.
                    int way = connection.getInputStream().read();
                    connection.getOutputStream().write(WORD);
                    if (way % 2 == 0) {
                        Loopback.reset(connection);
                    } else {
                        connection.getInputStream().readAllBytes();
                    }
                })) {
            AddressPort vip = running.serve(backend);
            cycles(vip, 50);
            eventually("no connection at the backend", () -> backend.open() == 0);
            int before = Kernel.openDescriptors();
            cycles(vip, 3_000);
            eventually("no connection at the backend", () -> backend.open() == 0);
            eventually("no descriptor more", () -> Kernel.openDescriptors() <= before);
            assertLoopsRest();
        }
    }

    private static void cycles(AddressPort vip, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Socket client = Loopback.connect(vip);
            client.getOutputStream().write(i);
            switch (i % 5) {
                case 0, 1 -> client.close();
                case 2 -> Loopback.reset(client);
                case 3 -> {
                    client.shutdownOutput();
                    Loopback.reset(client);
                }
                default -> {
                    client.getInputStream().readNBytes(1);
                    Loopback.reset(client);
                }
            }
        }
    }

    /// Event loops that have nothing to do use no processor: over ten of them no more than one in a
    /// hundred of the time that passes.
    private static void assertLoopsRest() {
        long wall = System.nanoTime();
        long cpu = loopCpuNanos();
        eventually("half a second", () -> System.nanoTime() - wall > 500_000_000);
        assertThat(loopCpuNanos() - cpu).isLessThan(200_000_000);
    }

    private static long loopCpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.dumpAllThreads(false, false)) {
            if (thread.getThreadName().startsWith("fairlead-loop")) {
                sum += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return sum;
    }

    /// The client does as told; the backend, after its own part, must read a reset.
    private void assertBackendIsReset(Script client, Script backendBefore) throws IOException {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection -> {
                            try {
                                backendBefore.serve(connection);
                                assertReset(connection);
                                outcome.complete(new Throwable("reset"));
                            } catch (AssertionError | IOException e) {
                                outcome.complete(e);
                            }
                        });
                Socket socket = Loopback.connect(running.serve(backend))) {
            eventually("the backend has accepted", () -> backend.accepted() == 1);
            client.serve(socket);
            assertThat(outcome.join()).hasMessage("reset");
        }
    }

    private static void assertReset(Socket socket) {
        ThrowingCallable read = () -> socket.getInputStream().read();
        assertThatThrownBy(read)
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("Connection reset");
    }

    private static void assertCutWhileWriting(Socket socket) {
        eventually(
                "a write fails",
                () -> {
                    try {
                        socket.getOutputStream().write(WORD);
                        return false;
                    } catch (IOException _) {
                        return true;
                    }
                });
    }

    private static void sendUntilCut(Socket socket) {
        byte[] chunk = new byte[50_000];
        try {
            for (int i = 0; i < 100_000; i++) {
                socket.getOutputStream().write(chunk);
            }
        } catch (IOException _) {
            // Cut.
        }
    }

    private static void await(CountDownLatch latch) {
        eventually("the other side is ready", () -> latch.getCount() == 0);
    }
}
