package io.fairlead.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Connections are led round a backend that refuses, until it serves again; by a clock that the
/// test moves.
class EjectionOnFlowsTest {

    private static final int FAILURES = 3;
    private static final Duration TIME = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 60;

    private final AtomicLong nowNs = new AtomicLong();

    @RegisterExtension
    private final RunningPlane running =
            new RunningPlane(
                    PlaneOptions.loopback(2)
                            .withClock(nowNs::get)
                            .withConnect(
                                    ConnectOptions.DEFAULT,
                                    new EjectionRule(FAILURES, TIME, TIME.multipliedBy(10))));

    private final List<TestServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(TestServer::close);
    }

    private AddressPort server(String name) {
        TestServer server = TestServer.named(name);
        servers.add(server);
        return server.at();
    }

    private AddressPort serve(List<AddressPort> backends) {
        AddressPort vip = Loopback.vip();
        assertThat(
                        running.plane()
                                .apply(
                                        Services.snapshot(
                                                Services.clusterIp(
                                                        "web",
                                                        vip,
                                                        Balancing.Policy.ROUND_ROBIN,
                                                        backends))))
                .isEmpty();
        return vip;
    }

    private static List<String> ask(AddressPort vip) throws IOException {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket client = Loopback.connect(vip)) {
                answers.add(new String(client.getInputStream().readAllBytes(), UTF_8));
            }
        }
        return answers;
    }

    /// A port of an address of its own, where nobody listens until the test does.
    private static AddressPort own() {
        return new AddressPort(Loopback.address(), 8080);
    }

    @Test
    void untilAProbeIsAnswered() throws IOException {
        AddressPort lazy = own();
        AddressPort vip = serve(List.of(server("a"), server("b"), server("c"), lazy));
        DataPlane plane = running.plane();
        assertThat(ask(vip)).containsOnly("a", "b", "c");
        assertThat(plane.counts().connectFailures()).isEqualTo(FAILURES);
        assertThat(plane.counts().ejectedBackends()).isOne();
        nowNs.addAndGet(TIME.toNanos());
        assertThat(ask(vip)).containsOnly("a", "b", "c");
        assertThat(plane.counts().connectFailures()).as("one probe").isEqualTo(FAILURES + 1);
        // It serves again, but nobody knows before the time is over.
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(new InetSocketAddress(lazy.address().toInetAddress(), lazy.port()), 1000);
            assertThat(ask(vip)).containsOnly("a", "b", "c");
            nowNs.addAndGet(2 * TIME.toNanos());
            Thread.ofVirtual().start(() -> answer(listener, "lazy"));
            assertThat(ask(vip)).contains("a", "b", "c", "lazy");
            assertThat(ask(vip).stream().filter("lazy"::equals)).hasSize(CONNECTIONS / 4);
            assertThat(plane.counts().ejectedBackends()).isZero();
            assertThat(plane.counts().ejections()).isEqualTo(2);
            assertThat(plane.counts().connectsGivenUp()).isZero();
        }
    }

    private static void answer(ServerSocket listener, String name) {
        try {
            while (!listener.isClosed()) {
                try (Socket connection = listener.accept()) {
                    connection.getOutputStream().write(name.getBytes(UTF_8));
                }
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    /// A table that keeps the backend keeps what is known of it.
    @Test
    void overChangesOfTheTable() throws IOException {
        AddressPort dead = own();
        AddressPort a = server("a");
        AddressPort b = server("b");
        ask(serve(List.of(a, b, dead)));
        assertThat(running.plane().counts().connectFailures()).isEqualTo(FAILURES);
        assertThat(ask(serve(List.of(a, b, server("c"), dead)))).containsOnly("a", "b", "c");
        assertThat(running.plane().counts().connectFailures()).isEqualTo(FAILURES);
        ask(serve(List.of(a, b)));
        ask(serve(List.of(a, b, dead)));
        assertThat(running.plane().counts().connectFailures())
                .as("forgotten")
                .isEqualTo(2 * FAILURES);
    }

    /// Three of four are dead: every connection is served all the same, and once that is known, by
    /// its second backend at the latest.
    @Test
    void notWhereMoreThanHalfAreBad() throws IOException {
        AddressPort vip = serve(List.of(own(), own(), own(), server("good")));
        ask(vip);
        DataPlane plane = running.plane();
        assertThat(plane.counts().ejectedBackends()).isEqualTo(3);
        long retries = plane.counts().connectRetries();
        assertThat(ask(vip)).containsOnly("good");
        assertThat(plane.counts().connectRetries() - retries).isEqualTo(CONNECTIONS * 3 / 4);
    }

    /// With nine of ten dead, four tries must not mean that many clients find none.
    @Test
    void oneGoodBackendOfTenServesAllOnceTheOthersAreKnown() throws IOException {
        List<AddressPort> backends = new ArrayList<>(List.of(server("good")));
        for (int i = 0; i < 9; i++) {
            backends.add(own());
        }
        AddressPort vip = serve(backends);
        for (int i = 0; i < 30; i++) {
            try (Socket client = Loopback.connect(vip)) {
                boolean _ = client.getInputStream().read() < 0;
            } catch (IOException _) {
                // They are getting known.
            }
        }
        assertThat(ask(vip)).containsOnly("good");
    }
}
