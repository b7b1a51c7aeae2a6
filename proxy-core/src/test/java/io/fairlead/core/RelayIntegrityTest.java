package io.fairlead.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.ByteStream;
import io.fairlead.core.testing.ByteStream.Pace;
import io.fairlead.core.testing.ByteStream.Passed;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Streams of any length arrive byte for byte, both ways at once.
@Tag("transport")
@Tag("relay")
class RelayIntegrityTest {

    private static final long GIB = 1L << 30;

    /// The two streams of a flow as one end saw them.
    private record Seen(Passed up, Passed down) {}

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<Long, Future<Seen>> seenByBackend = new ConcurrentHashMap<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "0, 1",
        "1, 0",
        "65535, 65537",
        "65536, 65536",
        "131071, 1048577",
        "7340033, 5000001",
    })
    void streamsArrive(long up, long down) throws Exception {
        try (TestServer backend = backend(Pace.FAST)) {
            exchange(running.serve(backend), seed(), up, down, Pace.FAST);
        }
    }

    @ParameterizedTest
    @CsvSource({"FAST, SLOW", "SLOW, FAST", "SLOW, SLOW"})
    void streamsArriveAtSlowPeers(Pace client, Pace server) throws Exception {
        try (TestServer backend = backend(server)) {
            exchange(running.serve(backend), seed(), 9_000_001, 8_000_003, client);
        }
    }

    @Test
    void aGibibyteArrivesBothWaysAtOnce() throws Exception {
        try (TestServer backend = backend(Pace.FAST)) {
            exchange(running.serve(backend), seed(), GIB, GIB, Pace.FAST);
        }
    }

    @Test
    void streamsOfManyFlowsAreNotMixed() throws Exception {
        long seed = seed();
        Random random = new Random(seed);
        try (TestServer fast = backend(Pace.FAST);
                TestServer slow = backend(Pace.SLOW)) {
            AddressPort vip = running.serve(fast, slow);
            List<Future<?>> flows = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                Pace pace = i % 4 == 0 ? Pace.SLOW : Pace.FAST;
                long flowSeed = seed + i + 1;
                long up = random.nextLong(6 << 20);
                long down = random.nextLong(6 << 20);
                flows.add(
                        threads.submit(() -> {
                            exchange(vip, flowSeed, up, down, pace);
                            return null;
                        }));
            }
            for (Future<?> flow : flows) {
                flow.get();
            }
            assertThat(fast.accepted() + slow.accepted()).isEqualTo(24);
        }
    }

    private static long seed() {
        long seed = ThreadLocalRandom.current().nextLong();
        System.err.println("seed " + seed);
        return seed;
    }

    /// Announces itself, then sends and receives at once; then compares with what the backend saw.
    private void exchange(AddressPort vip, long seed, long up, long down, Pace pace)
            throws Exception {
        try (Socket socket = Loopback.connect(vip)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeLong(seed);
            out.writeLong(down);
            Future<Passed> received =
                    threads.submit(
                            () -> new ByteStream(seed, pace).receive(socket.getInputStream()));
            Passed sent = new ByteStream(seed + 1, pace).send(socket.getOutputStream(), up);
            socket.shutdownOutput();
            Passed answer = received.get();
            assertThat(requireNonNull(seenByBackend.get(seed)).get())
                    .isEqualTo(new Seen(sent, answer));
            assertThat(answer.bytes()).isEqualTo(down);
        }
    }

    private TestServer backend(Pace pace) {
        return TestServer.start(connection -> {
            DataInputStream in = new DataInputStream(connection.getInputStream());
            long seed = in.readLong();
            long down = in.readLong();
            Future<Seen> seen = threads.submit(() -> answer(connection, seed, down, pace));
            seenByBackend.put(seed, seen);
            await(seen);
        });
    }

    private Seen answer(Socket connection, long seed, long down, Pace pace) throws Exception {
        Future<Passed> sent =
                threads.submit(() -> {
                    Passed passed =
                            new ByteStream(seed + 2, pace).send(connection.getOutputStream(), down);
                    connection.shutdownOutput();
                    return passed;
                });
        Passed received = new ByteStream(seed + 3, pace).receive(connection.getInputStream());
        return new Seen(received, sent.get());
    }

    private static void await(Future<?> future) throws IOException {
        try {
            future.get();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
