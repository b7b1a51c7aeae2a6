package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Eventually.settled;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.ByteStream;
import io.fairlead.core.testing.ByteStream.Passed;
import io.fairlead.core.testing.Kernel;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Bulk goes through a pipe of the kernel, small messages through memory.
class AdaptiveSpliceTest {

    private static final long BULK = 64L << 20;
    private static final byte[] MESSAGE = new byte[64];

    /// One event loop, so that all flows share it.
    @RegisterExtension
    private final RunningPlane running =
            new RunningPlane(
                    PlaneOptions.loopback(1)
                            .withTcp(TcpOptions.DEFAULT.withRelay(RelayMode.ADAPTIVE)));

    @Test
    void aBulkyStreamGoesThroughAPipe() throws IOException {
        sendBulk();
    }

    private void sendBulk() throws IOException {
        long before = running.plane().counts().splicedBytes();
        try (TestServer backend = sink();
                Socket client = Loopback.connect(running.serve(backend))) {
            Passed sent = ByteStream.quick(1).send(client.getOutputStream(), BULK);
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(digest(sent));
            assertThat(running.plane().counts().splicedBytes() - before).isBetween(BULK / 2, BULK);
        }
    }

    @Test
    void smallMessagesDoNot() throws IOException {
        try (TestServer backend = TestServer.echo();
                Socket client = Loopback.connect(running.serve(backend))) {
            exchange(client, 1_000);
            assertThat(running.plane().counts().splicedBytes()).isZero();
        }
    }

    @Test
    void aStreamThatTurnsChattyGoesThroughMemoryAgain() throws IOException {
        try (TestServer backend = TestServer.echo();
                Socket client = Loopback.connect(running.serve(backend))) {
            echoBulk(client);
            exchange(client, 10);
            long before = running.plane().counts().splicedBytes();
            assertThat(before).isPositive();
            exchange(client, 1_000);
            assertThat(running.plane().counts().splicedBytes()).isEqualTo(before);
            echoBulk(client);
            assertThat(running.plane().counts().splicedBytes()).isGreaterThan(before);
        }
    }

    @Test
    void whatOneFlowCountsAreItsBytesWhicheverWayTheyWent() throws IOException {
        try (TestServer backend = TestServer.echo();
                Socket client = Loopback.connect(running.serve(backend))) {
            echoBulk(client);
            exchange(client, 10);
            assertThat(running.plane().counts().splicedBytes()).isPositive();
            var flow =
                    running.plane()
                            .flows(new io.fairlead.core.flow.FlowQuery(null, null, 10))
                            .flows()
                            .getFirst();
            long all = BULK + 10L * MESSAGE.length;
            assertThat(flow.receivedBytes()).isEqualTo(all);
            assertThat(flow.returnedBytes()).isEqualTo(all);
        }
    }

    /// A pipe cannot take urgent data, and stops in front of it as if the socket were empty.
    @Test
    void anUrgentByteKeepsItsPlaceInABulkyStream() throws IOException {
        byte[] part = bytes(1_000_000, 1);
        byte[] after = bytes(3_000_000, 2);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection ->
                                received.complete(connection.getInputStream().readAllBytes()));
                Socket client = Loopback.connect(running.serve(backend))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            do {
                client.getOutputStream().write(part);
                all.write(part);
            } while (running.plane().counts().splicedBytes() == 0 && all.size() < BULK);
            assertThat(running.plane().counts().splicedBytes()).isPositive();
            client.sendUrgentData('!');
            client.getOutputStream().write(after);
            client.shutdownOutput();
            all.write('!');
            all.write(after);
            assertThat(received.join()).isEqualTo(all.toByteArray());
        }
    }

    @Test
    void aPipeWithBytesOfAFlowThatEndsIsGoneWithThem() throws IOException {
        sendBulk(); // what the JDK opens once is open
        running.awaitIdle();
        long descriptors = settled("open descriptors", Kernel::openDescriptors);
        CountDownLatch end = new CountDownLatch(1);
        try (TestServer backend = TestServer.start(_ -> await(end));
                Socket client = Loopback.connect(running.serve(backend))) {
            Thread.ofVirtual().start(() -> sendForEver(client));
            eventually("bytes wait in a pipe", () -> running.plane().counts().heldPipes() == 1);
            settled("spliced bytes", running.plane().counts()::splicedBytes);
            assertThat(running.plane().counts().heldPipes()).isEqualTo(1);
            Loopback.reset(client);
            running.awaitIdle();
            end.countDown();
        }
        running.awaitIdle();
        // Nobody's bytes are another's: a fresh stream arrives as it was sent.
        sendBulk();
        eventually("no descriptor more", () -> Kernel.openDescriptors() <= descriptors);
    }

    @Test
    void bulkHoldsUpNobodyElseOnItsLoop() throws IOException {
        List<Socket> bulk = new ArrayList<>();
        try (TestServer sink = sink()) {
            AddressPort sinkAt = running.serve(sink);
            for (int i = 0; i < 4; i++) {
                Socket client = Loopback.connect(sinkAt);
                bulk.add(client);
                Thread.ofVirtual().start(() -> sendForEver(client));
            }
            eventually("bulk flows", () -> running.plane().counts().splicedBytes() > BULK);
            try (TestServer echo = TestServer.echo();
                    Socket client = Loopback.connect(running.serve(echo))) {
                exchange(client, 200);
            }
        } finally {
            for (Socket client : bulk) {
                Loopback.reset(client);
            }
        }
    }

    /// Answers with the digest of what it read.
    private static TestServer sink() {
        return TestServer.start(connection -> {
            Passed passed = ByteStream.quick(3).receive(connection.getInputStream());
            connection.getOutputStream().write(digest(passed));
        });
    }

    private static byte[] digest(Passed passed) {
        return passed.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static void echoBulk(Socket client) throws IOException {
        Thread sender =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                ByteStream.quick(4).send(client.getOutputStream(), BULK);
                            } catch (IOException _) {
                                // The reader finds out.
                            }
                        });
        Passed back = ByteStream.quick(5).receive(client.getInputStream(), BULK);
        Passed sent = ByteStream.quick(4).send(OutputStream.nullOutputStream(), BULK);
        assertThat(back).isEqualTo(sent);
        eventually("all is sent", () -> !sender.isAlive());
    }

    private static void exchange(Socket client, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            client.getOutputStream().write(MESSAGE);
            assertThat(client.getInputStream().readNBytes(MESSAGE.length)).hasSize(MESSAGE.length);
        }
    }

    private static byte[] bytes(int count, long seed) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(count);
        ByteStream.quick(seed).send(out, count);
        return requireNonNull(out.toByteArray());
    }

    private static void sendForEver(Socket socket) {
        byte[] chunk = new byte[100_000];
        try (InputStream _ = new ByteArrayInputStream(chunk)) {
            while (true) {
                socket.getOutputStream().write(chunk);
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    private static void await(CountDownLatch latch) {
        eventually("the test ends", () -> latch.getCount() == 0);
    }
}
