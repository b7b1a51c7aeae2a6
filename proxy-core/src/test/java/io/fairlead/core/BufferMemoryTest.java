package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Eventually.settled;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Flows that stall on both sides while there is memory for the bytes of a few of them only.
class BufferMemoryTest {

    private static final int MEGABYTES = 1;
    private static final int BLOCKS = 16;
    private static final int FLOWS = 30;
    private static final int BYTES = 8 << 20;
    private static final int SMALL = 16 << 10;

    private final AtomicReference<RunningPlane> running = new AtomicReference<>();
    private final List<Socket> clients = new ArrayList<>();
    private final CountDownLatch read = new CountDownLatch(1);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();

    private RunningPlane start(RelayMode mode) {
        RunningPlane plane =
                new RunningPlane(
                        PlaneOptions.loopback(RunningPlane.LOOPS)
                                .withTcp(
                                        TcpOptions.DEFAULT
                                                .withRelay(mode)
                                                .withBufferMegabytes(MEGABYTES)));
        running.set(plane);
        return plane;
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        requireNonNull(running.get()).awaitIdle();
        requireNonNull(running.get()).plane().close();
    }

    /// Sends a stream that tells its bytes apart, and reads the peer's once it is allowed to.
    private void exchange(Socket socket) throws IOException {
        Thread sender = Thread.ofVirtual().start(() -> send(socket));
        await(read);
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[SMALL];
        int expected = 0;
        int count;
        while ((count = in.read(chunk)) >= 0) {
            for (int i = 0; i < count; i++, expected++) {
                if (chunk[i] != at(expected)) {
                    throw new IOException("byte " + expected + " is another");
                }
            }
        }
        if (expected != BYTES) {
            throw new IOException("the end came after " + expected);
        }
        arrived.incrementAndGet();
        join(sender);
    }

    private static byte at(int position) {
        return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
    }

    private void send(Socket socket) {
        byte[] chunk = new byte[SMALL];
        try {
            OutputStream out = socket.getOutputStream();
            for (int from = 0; from < BYTES; from += chunk.length) {
                for (int i = 0; i < chunk.length; i++) {
                    chunk[i] = at(from + i);
                }
                out.write(chunk);
                sent.addAndGet(chunk.length);
            }
            socket.shutdownOutput();
        } catch (IOException _) {
            // The reader tells what is missing.
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void quietly(Socket socket) {
        try {
            exchange(socket);
        } catch (IOException e) {
            System.out.println("buffer memory: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(RelayMode.class)
    void theirBytesStayWithTheirSendersAndAllArrive(RelayMode mode) throws IOException {
        DataPlane plane = start(mode).plane();
        try (TestServer backend =
                TestServer.start(connection -> {
                    connection.setSendBufferSize(SMALL);
                    exchange(connection);
                })) {
            AddressPort vip = requireNonNull(running.get()).serve(backend);
            for (int i = 0; i < FLOWS; i++) {
                Socket client = Loopback.connect(vip);
                client.setSendBufferSize(SMALL);
                clients.add(client);
                Thread.ofVirtual().start(() -> quietly(client));
            }
            settled("bytes sent", sent::get);
            assertThat(plane.liveFlows()).isEqualTo(FLOWS);
            assertThat(plane.counts().bufferedBytes()).isBetween(0L, (long) MEGABYTES << 20);
            if (mode == RelayMode.COPY) {
                assertThat(plane.counts().heldBlocks()).isEqualTo(BLOCKS);
                assertThat(plane.counts().unbufferedReads()).isPositive();
            }
            // Who comes now is served, stalled neighbours or not.
            read.countDown();
            eventually("all bytes arrive", () -> arrived.get() == 2L * FLOWS);
        }
    }

    /// The header's block is free again before anything else needs one.
    @Test
    void aHeaderForTheBackendGoesOutAllTheSame() throws IOException {
        DataPlane plane = start(RelayMode.COPY).plane();
        CountDownLatch end = new CountDownLatch(1);
        try (TestServer stalled = TestServer.start(_ -> await(end));
                TestServer backend =
                        TestServer.start(connection -> {
                            String line = line(connection.getInputStream());
                            connection.getOutputStream().write(line.startsWith("PROXY ") ? 1 : 0);
                        })) {
            AddressPort full = Loopback.vip();
            AddressPort vip = Loopback.vip();
            assertThat(
                            plane.apply(
                                    Services.snapshot(
                                            Services.clusterIp("full", full, stalled),
                                            Services.clusterIp("told", vip, backend)
                                                    .withFlows(
                                                            FlowRules.NONE.withProxyVersion(1)))))
                    .isEmpty();
            for (int i = 0; i < FLOWS; i++) {
                Socket client = Loopback.connect(full);
                clients.add(client);
                Thread.ofVirtual().start(() -> send(client));
            }
            eventually("no block is left", () -> plane.counts().unbufferedReads() > 0);
            settled("bytes sent", sent::get);
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo(1);
            }
            end.countDown();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }
}
