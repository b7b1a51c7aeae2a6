package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.ByteStream;
import io.fairlead.core.testing.ByteStream.Passed;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.Kernel;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.transport.Transport;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// All kinds of traffic at once, each checked, on every transport and in every way to relay.
///
/// A second each, or `-Dfairlead.test.soakSeconds`.
class MixedTrafficTest {

    private static final int SECONDS = Integer.getInteger("fairlead.test.soakSeconds", 1);
    private static final int WORKERS = 12;
    private static final int MOST_BULK = 12 << 20;
    private static final int MOST_MESSAGES = 100;

    /// What one connection or socket does.
    private enum Traffic {
        MESSAGES,
        BULK_EACH_WAY,
        END_FIRST,
        ONE_BYTE,
        NOTHING,
        RESET_BY_CLIENT,
        RESET_BY_BACKEND,
        DATAGRAMS
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<Traffic, AtomicLong> done = new EnumMap<>(Traffic.class);

    MixedTrafficTest() {
        for (Traffic kind : Traffic.values()) {
            done.put(kind, new AtomicLong());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EPOLL, ADAPTIVE, 0",
        "EPOLL, COPY, 0",
        "EPOLL, SPLICE, 0",
        "IO_URING, ADAPTIVE, 0",
        "IO_URING, SPLICE, 0",
        "IO_URING, ADAPTIVE, 50"
    })
    void everythingArrivesAndNothingIsLeft(Transport transport, RelayMode mode, int spinMicros)
            throws Exception {
        PlaneOptions options =
                PlaneOptions.loopback(2)
                        .withTcp(TcpOptions.DEFAULT.withRelay(mode))
                        .withLoops(new LoopOptions(transport, spinMicros));
        int descriptors = Kernel.openDescriptors();
        AddressPort vip = Loopback.vip();
        AddressPort datagramVip = Loopback.vip();
        RunningPlane running = new RunningPlane(options);
        try (TestServer backend = TestServer.start(MixedTrafficTest::serve);
                DatagramServer datagrams = DatagramServer.start("")) {
            assertThat(
                            running.plane()
                                    .apply(
                                            Services.snapshot(
                                                    Services.clusterIp("web", vip, backend),
                                                    DatagramServices.port(
                                                            "dns",
                                                            List.of(datagramVip),
                                                            List.of(datagrams.at())))))
                    .isEmpty();
            runAll(vip, datagramVip);
            eventually("no live flow", () -> tcpIsIdle(running));
        } finally {
            running.close();
            threads.shutdownNow();
        }
        System.err.println(transport + " " + mode + " " + spinMicros + ": " + done);
        eventually("no descriptor more", () -> Kernel.openDescriptors() <= descriptors + 16);
    }

    private static boolean tcpIsIdle(RunningPlane running) {
        return running.liveOnBackends() <= running.plane().counts().liveDatagramFlows()
                && running.plane().counts().heldBlocks() == 0;
    }

    private void runAll(AddressPort vip, AddressPort datagramVip) throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        System.err.println("seed " + seed);
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        List<Future<?>> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(seed + i);
            workers.add(
                    threads.submit(() -> {
                        while (System.nanoTime() < endNs) {
                            one(random, vip, datagramVip);
                        }
                        return null;
                    }));
        }
        for (Future<?> worker : workers) {
            worker.get();
        }
    }

    private void one(Random random, AddressPort vip, AddressPort datagramVip) throws Exception {
        Traffic kind = Traffic.values()[random.nextInt(Traffic.values().length)];
        if (kind == Traffic.DATAGRAMS) {
            askByDatagrams(random, datagramVip);
        } else {
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write(kind == Traffic.RESET_BY_BACKEND ? 1 : 0);
                connection(kind, random, client);
            }
        }
        requireNonNull(done.get(kind)).incrementAndGet();
    }

    private void connection(Traffic kind, Random random, Socket client) throws Exception {
        InputStream in = client.getInputStream();
        OutputStream out = client.getOutputStream();
        long seed = random.nextLong();
        switch (kind) {
            case MESSAGES -> messages(random, in, out);
            case BULK_EACH_WAY -> {
                long bytes = random.nextInt(MOST_BULK);
                Future<Passed> back = threads.submit(() -> ByteStream.quick(2).receive(in, bytes));
                Passed sent = ByteStream.quick(seed).send(out, bytes);
                assertThat(back.get()).isEqualTo(sent);
                messages(random, in, out);
            }
            case END_FIRST -> {
                long bytes = random.nextInt(MOST_BULK / 8);
                Future<Passed> back = threads.submit(() -> ByteStream.quick(2).receive(in));
                Passed sent = ByteStream.quick(seed).send(out, bytes);
                client.shutdownOutput();
                assertThat(back.get()).isEqualTo(sent);
            }
            case ONE_BYTE -> {
                out.write(7);
                assertThat(in.read()).isEqualTo(7);
            }
            case NOTHING, DATAGRAMS -> {}
            case RESET_BY_CLIENT -> {
                out.write(new byte[random.nextInt(300_000)]);
                Loopback.reset(client);
            }
            case RESET_BY_BACKEND -> assertCut(random, in, out);
        }
    }

    private static void messages(Random random, InputStream in, OutputStream out)
            throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        DataInputStream answers = new DataInputStream(in);
        for (int i = random.nextInt(MOST_MESSAGES); i > 0; i--) {
            long word = random.nextLong();
            data.writeLong(word);
            assertThat(answers.readLong()).isEqualTo(word);
        }
    }

    /// A backend that cuts a connection is never a clean end.
    private static void assertCut(Random random, InputStream in, OutputStream out) {
        try {
            out.write(new byte[1 + random.nextInt(100_000)]);
            assertThat(in.read()).as("a clean end").isNotEqualTo(-1);
        } catch (IOException _) {
            return; // the reset
        }
        throw new AssertionError("an answer from a backend that gives none");
    }

    private static void askByDatagrams(Random random, AddressPort vip) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(20_000);
            socket.connect(DatagramServices.address(vip));
            for (int i = 0; i < 10; i++) {
                long word = random.nextLong() & Long.MAX_VALUE;
                byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(word).array();
                bytes[0] = 'x'; // what begins with ! is not answered
                socket.send(new DatagramPacket(bytes, bytes.length));
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                socket.receive(answer);
                assertThat(ByteBuffer.wrap(answer.getData(), 0, answer.getLength()))
                        .isEqualTo(ByteBuffer.wrap(bytes));
            }
        }
    }

    /// The first byte says how: echo to the end, or cut after the first byte that follows.
    private static void serve(Socket connection) throws IOException {
        InputStream in = connection.getInputStream();
        if (in.read() == 1) {
            int _ = in.read();
            Loopback.reset(connection);
            return;
        }
        in.transferTo(connection.getOutputStream());
    }
}
