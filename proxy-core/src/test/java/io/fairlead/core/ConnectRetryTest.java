package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.RefusingPort;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A backend that cannot be connected to is no matter of the client while there are others.
class ConnectRetryTest {

    /// `-Dfairlead.connections=10000` for what docs/reliability.md shows.
    private static final int CONNECTIONS = Integer.getInteger("fairlead.connections", 2_000);

    private static final int CLIENTS = 8;
    private static final EjectionRule NO_EJECTION =
            new EjectionRule(0, Duration.ofSeconds(1), Duration.ofSeconds(1));

    /// Retries alone: no backend is ever left out.
    @RegisterExtension
    private final RunningPlane running =
            new RunningPlane(
                    PlaneOptions.loopback(2)
                            .withConnect(
                                    new ConnectOptions(Duration.ofMillis(500), 3), NO_EJECTION));

    private final List<TestServer> good = new ArrayList<>();
    private final List<RefusingPort> refusing = new ArrayList<>();

    @AfterEach
    void stop() {
        good.forEach(TestServer::close);
        refusing.forEach(RefusingPort::close);
    }

    private List<AddressPort> goodBackends(int count) {
        for (int i = 0; i < count; i++) {
            good.add(TestServer.echo());
        }
        return new ArrayList<>(good.stream().map(TestServer::at).toList());
    }

    private AddressPort refusing() {
        RefusingPort port = new RefusingPort();
        refusing.add(port);
        return port.at();
    }

    private AddressPort serve(Balancing.Policy policy, List<AddressPort> backends) {
        AddressPort vip = Loopback.vip();
        assertThat(running.plane().apply(snapshot(clusterIp("web", vip, policy, backends))))
                .isEmpty();
        return vip;
    }

    /// Each client sends a line of its own at once, and must get back that and nothing else.
    private static void assertServed(AddressPort vip, int connections) throws Exception {
        List<Callable<Void>> clients = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            int client = c;
            clients.add(() -> {
                for (int i = client; i < connections; i += CLIENTS) {
                    assertEchoes(vip, "connection " + i);
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (Future<Void> done : threads.invokeAll(clients)) {
                done.get();
            }
        }
    }

    private static void assertEchoes(AddressPort vip, String line) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            client.getOutputStream().write(line.getBytes(UTF_8));
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).isEqualTo(line);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofOneOfFourThatRefusesNoClientLearns(Balancing.Policy policy) throws Exception {
        List<AddressPort> backends = goodBackends(3);
        backends.add(refusing());
        AddressPort vip = serve(policy, backends);
        int connections = policy == Balancing.DEFAULT.policy() ? CONNECTIONS : 200;
        // A client that hashes to one backend would never meet the bad one.
        for (int at = 0; policy == Balancing.Policy.SOURCE_HASH && at < 200; at++) {
            try (Socket client = Loopback.connectFrom("127.0.0." + (2 + at), vip)) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
        }
        assertServed(vip, connections);
        assertThat(running.plane().counts().connectFailures(ConnectFailure.REFUSED)).isPositive();
        assertThat(running.plane().counts().connectRetries())
                .isEqualTo(running.plane().counts().connectFailures());
        assertThat(running.plane().counts().connectsGivenUp()).isZero();
    }

    /// What clients sent while a backend that never answers had its time arrives once, elsewhere.
    @Test
    void ofOneThatDoesNotAnswerNoClientLearns() throws Exception {
        try (FullBacklog hole = new FullBacklog()) {
            List<AddressPort> backends = goodBackends(1);
            backends.add(hole.at());
            AddressPort vip = serve(Balancing.Policy.ROUND_ROBIN, backends);
            assertServed(vip, 40);
            assertThat(running.plane().counts().connectFailures(ConnectFailure.TIMEOUT))
                    .isGreaterThanOrEqualTo(20);
            assertThat(running.plane().counts().connectsGivenUp()).isZero();
        }
    }

    @Test
    void whereAllFailTheClientIsReset() {
        AddressPort vip =
                serve(
                        Balancing.Policy.RANDOM,
                        List.of(refusing(), refusing(), refusing(), refusing(), refusing()));
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> ask(vip)).isInstanceOf(SocketException.class);
        }
        // The first and three others.
        assertThat(running.plane().counts().connectFailures()).isEqualTo(50 * 4);
        assertThat(running.plane().counts().connectRetries()).isEqualTo(50 * 3);
        assertThat(running.plane().counts().connectsGivenUp()).isEqualTo(50);
    }

    private static void ask(AddressPort vip) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            assertThat(client.getInputStream().read()).as("a clean end").isNotEqualTo(-1);
        }
    }

    @Test
    void whereTheOnlyBackendDoesNotAnswerTheClientIsReset() throws IOException {
        try (FullBacklog hole = new FullBacklog()) {
            AddressPort vip = serve(Balancing.DEFAULT.policy(), List.of(hole.at()));
            assertThatThrownBy(() -> ask(vip))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("Connection reset");
            assertThat(running.plane().counts().connectFailures(ConnectFailure.TIMEOUT)).isOne();
            assertThat(running.plane().counts().connectRetries()).isZero();
        }
    }

    /// What cannot be connected to has often just been removed.
    @Test
    void aRetryGoesByTheTableOfItsMoment() throws Exception {
        try (FullBacklog hole = new FullBacklog()) {
            AddressPort vip = serve(Balancing.DEFAULT.policy(), List.of(hole.at()));
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write("early".getBytes(UTF_8));
                eventually("a flow", () -> running.plane().liveFlows() == 1);
                assertThat(
                                running.plane()
                                        .apply(
                                                snapshot(
                                                        clusterIp(
                                                                "web",
                                                                vip,
                                                                Balancing.DEFAULT.policy(),
                                                                goodBackends(1)))))
                        .isEmpty();
                assertThat(client.getInputStream().readNBytes(5))
                        .isEqualTo("early".getBytes(UTF_8));
            }
        }
    }

    /// SEMANTICS A9: an endpoint is honoured while it is usable; the client sticks to the one that
    /// answered.
    @Test
    void aClientLeavesABackendThatRefusesForGood() throws Exception {
        for (int i = 0; i < 3; i++) {
            good.add(TestServer.named("b" + i));
        }
        AddressPort vip = Loopback.vip();
        ServicePort port =
                withAffinity(
                        clusterIp(
                                "web",
                                vip,
                                Balancing.Policy.RANDOM,
                                good.stream().map(TestServer::at).toList()));
        assertThat(running.plane().apply(snapshot(port))).isEmpty();
        String stuck = answer(vip);
        good.get(stuck.charAt(1) - '0').close();
        String next = answer(vip);
        assertThat(next).isNotEqualTo(stuck);
        for (int i = 0; i < 20; i++) {
            assertThat(answer(vip)).isEqualTo(next);
        }
        assertThat(running.plane().counts().connectFailures()).isOne();
    }

    private static ServicePort withAffinity(ServicePort port) {
        BackendSet set = port.internal();
        return new ServicePort(
                port.name(),
                port.vips(),
                port.balancing(),
                OptionalInt.of(10_800),
                set,
                null,
                null,
                false,
                port.serving(),
                port.sourceRanges(),
                FlowRules.NONE);
    }

    private static String answer(AddressPort vip) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
