package io.fairlead.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The generator against the server of the benchmarks, and against servers that are not as they
/// should be.
class LoadTest {

    private static final int PORT = 8080;
    private static final int FAULTY = 8085;
    private static final int NOBODY = 8086;

    private static Lab lab;
    private static Loops serving;
    private static Loops loops;

    @BeforeAll
    static void listen() throws Exception {
        lab = Lab.open();
        loops = new Loops(2);
        serving = new Loops(2);
        serving.enter(namespace(lab.b1()));
        List<ServerListener.Place> places =
                serving.all().stream()
                        .map(loop ->
                                new ServerListener.Place(
                                        loop, Arena.global().allocate(ServerConnection.BUFFER, 8)))
                        .toList();
        Loops.on(
                places.getFirst().loop(),
                () -> ServerListener.bind(at(PORT), places.getFirst().loop(), places));
    }

    @AfterAll
    static void close() {
        loops.close();
        serving.close();
        lab.close();
    }

    private static Path namespace(Host host) {
        return Path.of("/run/netns", host.netns().name());
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress((InetAddress) lab.b1().ipv4(), port);
    }

    private static LoadRequest request(Kind kind, int port) {
        return LoadRequest.of(
                        kind,
                        namespace(lab.p1()).toString(),
                        lab.b1().ipv4().getHostAddress(),
                        port)
                .seconds(0.2);
    }

    private static Load load(LoadRequest request) throws Exception {
        return new Load(request, loops);
    }

    private static Histogram latencies(LoadResult result) throws Exception {
        return Histogram.decodeFromCompressedByteBuffer(
                ByteBuffer.wrap(Base64.getDecoder().decode(result.latencies())), 1);
    }

    @Test
    void streamsArriveWhole() throws Exception {
        try (Load load = load(request(Kind.BULK, PORT).connections(5))) {
            LoadResult result = load.bulk();
            assertThat(result.failure()).isEmpty();
            assertThat(result.operations()).isEqualTo(5);
            assertThat(result.bytes()).isPositive();
        }
    }

    @Test
    void everyRequestHasItsAnswer() throws Exception {
        for (int bytes : new int[] {64, 4_096, 50_000}) {
            try (Load load = load(request(Kind.REQUESTS, PORT).connections(3).bytes(bytes))) {
                LoadResult result = load.requests();
                assertThat(result.failure()).isEmpty();
                assertThat(result.operations()).isPositive();
                assertThat(result.bytes()).isEqualTo(result.operations() * bytes);
                assertThat(latencies(result).getTotalCount()).isEqualTo(result.operations());
            }
        }
    }

    /// However slow the machine: what is due is sent, and counts.
    @Test
    void aFixedRateIsKept() throws Exception {
        try (Load load =
                load(
                        request(Kind.REQUESTS, PORT)
                                .connections(7)
                                .bytes(64)
                                .rate(1_000)
                                .seconds(1))) {
            LoadResult result = load.requests();
            assertThat(result.failure()).isEmpty();
            assertThat(result.operations()).isBetween(999L, 1_001L);
        }
    }

    @Test
    void connectionsComeAndGo() throws Exception {
        try (Load load = load(request(Kind.CONNECT, PORT).connections(8))) {
            LoadResult result = load.connect();
            assertThat(result.failure()).isEmpty();
            assertThat(result.operations()).isPositive();
        }
    }

    @Test
    void connectionsAreKept() throws Exception {
        List<Client> kept = new ArrayList<>();
        LoadResult result = load(request(Kind.HOLD, PORT).connections(101)).hold(kept);
        assertThat(result.failure()).isEmpty();
        assertThat(result.operations()).isEqualTo(101);
        assertThat(kept).hasSize(101).allMatch(client -> client.fd().isOpen());
        for (Client client : kept) {
            Loops.on(
                    client.tally.loop,
                    () -> {
                        client.close();
                        return true;
                    });
        }
    }

    @Test
    void whereNobodyListensAllFail() throws Exception {
        try (Load load = load(request(Kind.CONNECT, NOBODY).connections(2))) {
            LoadResult result = load.connect();
            assertThat(result.operations()).isZero();
            assertThat(result.failures()).isPositive();
            assertThat(result.failure()).contains("refused");
        }
        try (Load load = load(request(Kind.BULK, NOBODY).connections(2))) {
            assertThat(load.bulk().failures()).isEqualTo(2);
        }
        try (Load load = load(request(Kind.REQUESTS, NOBODY).connections(2).bytes(64))) {
            assertThat(load.requests().failures()).isEqualTo(2);
        }
    }

    @Test
    void aWrongByteIsNoticed() throws Exception {
        try (ServerSocket server = lab.b1().run(() -> listener())) {
            Thread thread = Thread.ofPlatform().daemon().start(() -> changeAByte(server));
            try (Load load = load(request(Kind.REQUESTS, FAULTY).bytes(64))) {
                LoadResult result = load.requests();
                assertThat(result.failures()).isEqualTo(1);
                assertThat(result.failure()).contains("another request's bytes");
            }
            thread.join();
        }
    }

    private static ServerSocket listener() throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(at(FAULTY));
        return server;
    }

    /// Echoes one request with its last byte changed.
    private static void changeAByte(ServerSocket server) {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] request = in.readNBytes(64);
            request[63]++;
            out.write(request);
            out.flush();
            in.read();
        } catch (IOException _) {
            // The generator closed.
        }
    }
}
