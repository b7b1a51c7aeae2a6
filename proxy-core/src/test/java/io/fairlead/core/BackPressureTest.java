package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Eventually.settled;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Kernel;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Who does not read stops who sends: a stalled flow holds little.
@Tag("relay")
class BackPressureTest {

    private static final long MOST = 16L << 20;

    /// The bound of a receive buffer with what is on the way when it is reached.
    private static final long MOST_RECEIVED = 7L << 20;

    private static final long FAST_BEGINNING = 1_000_000_000;

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void aBackendThatNeverReadsStopsTheClient() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        try (TestServer backend = TestServer.start(_ -> await(end));
                Socket client = Loopback.connect(running.serve(backend))) {
            assertThat(sentUntilStopped(client)).isLessThan(MOST);
            end.countDown();
        }
    }

    @Test
    void aClientThatNeverReadsStopsTheBackend() throws IOException {
        AtomicLong sent = new AtomicLong();
        try (TestServer backend = TestServer.start(connection -> sendForEver(connection, sent));
                Socket client = Loopback.connect(running.serve(backend))) {
            assertThat(client.isConnected()).isTrue();
            eventually("the backend sends", () -> sent.get() > 0);
            assertThat(settled("bytes sent", sent::get)).isLessThan(MOST);
        }
    }

    /// Fast reading makes the kernel grow our receive buffers, up to 32 MiB where it is asked for
    /// nothing else. Only what our own sockets hold is counted: the peers' are theirs.
    @Test
    void aPeerThatStopsAfterAFastBeginningMakesUsHoldLittle() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        AtomicLong received = new AtomicLong();
        try (TestServer backend =
                TestServer.start(connection -> {
                    readAtLeast(connection, FAST_BEGINNING, received);
                    await(end);
                })) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                AtomicLong sent = new AtomicLong();
                Thread.ofVirtual().start(() -> sendForEver(client, sent));
                eventually("a fast beginning", () -> received.get() >= FAST_BEGINNING);
                settled("bytes sent", sent::get);
                assertHoldsLittle(vip, backend);
                end.countDown();
            }
        }
    }

    @Test
    void aClientThatStopsAfterAFastBeginningMakesUsHoldLittle() throws IOException {
        AtomicLong sent = new AtomicLong();
        try (TestServer backend = TestServer.start(connection -> sendForEver(connection, sent))) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                readAtLeast(client, FAST_BEGINNING, new AtomicLong());
                settled("bytes sent", sent::get);
                assertHoldsLittle(vip, backend);
            }
        }
    }

    @Test
    void aThousandStalledFlowsHoldABoundedShareEach() throws IOException {
        int flows = 1_000;
        CountDownLatch end = new CountDownLatch(1);
        List<Socket> clients = new ArrayList<>();
        try (TestServer backend = TestServer.start(_ -> await(end))) {
            AddressPort vip = running.serve(backend);
            AtomicLong sent = new AtomicLong();
            for (int i = 0; i < flows; i++) {
                Socket client = Loopback.connect(vip);
                client.setSendBufferSize(16 << 10);
                clients.add(client);
                Thread.ofVirtual().start(() -> sendUpTo(client, 4 << 20, sent));
            }
            settled("bytes sent", sent::get);
            assertThat(running.plane().liveFlows()).isEqualTo(flows);
            // One block of ours each way at most; here bytes go one way.
            assertThat(running.plane().counts().heldBlocks()).isBetween(1, flows);
            long held = Kernel.queued(vip, backend.at());
            System.err.println("held by " + flows + " stalled flows: " + held);
            assertThat(held / flows).isLessThan(4 << 20);
            // Other flows go on.
            end.countDown();
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static void assertHoldsLittle(AddressPort vip, TestServer backend) {
        List<Kernel.Queues> ours = new ArrayList<>(Kernel.socketsAt(vip));
        ours.addAll(Kernel.socketsTo(backend.at()));
        System.err.println("held after a fast beginning: " + ours);
        assertThat(ours)
                .hasSize(2)
                .allSatisfy(q -> assertThat(q.receiveQueue()).isLessThan(MOST_RECEIVED));
        assertThat(ours.stream().mapToLong(q -> q.sendQueue() + q.receiveQueue()).sum())
                .isBetween(1L << 16, MOST);
    }

    private static long sentUntilStopped(Socket client) {
        AtomicLong sent = new AtomicLong();
        Thread.ofVirtual().start(() -> sendForEver(client, sent));
        eventually("the client sends", () -> sent.get() > 0);
        return settled("bytes sent", sent::get);
    }

    private static void sendForEver(Socket socket, AtomicLong sent) {
        sendUpTo(socket, Long.MAX_VALUE, sent);
    }

    private static void sendUpTo(Socket socket, long bytes, AtomicLong sent) {
        byte[] chunk = new byte[64 << 10];
        try {
            for (long i = 0; i < bytes; i += chunk.length) {
                socket.getOutputStream().write(chunk);
                sent.addAndGet(chunk.length);
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    private static void readAtLeast(Socket socket, long bytes, AtomicLong received)
            throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[1 << 20];
        while (received.get() < bytes) {
            int count = in.read(buffer);
            assertThat(count).isPositive();
            received.addAndGet(count);
        }
    }

    private static void await(CountDownLatch latch) {
        eventually("the end of the test", () -> latch.getCount() == 0);
    }
}
