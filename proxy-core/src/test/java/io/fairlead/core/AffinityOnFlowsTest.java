package io.fairlead.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// ClientIP session affinity on real connections, by a clock that the test moves (SEMANTICS A9).
class AffinityOnFlowsTest {

    private static final int TIMEOUT_SECONDS = 10_800;
    private static final int CONNECTIONS = 15;

    private final AtomicLong nowNs = new AtomicLong();
    private final DataPlane plane = DataPlane.start(2, nowNs::get);
    private final AddressPort vip = Loopback.vip();
    private final AddressPort external = Loopback.vip();
    private final List<TestServer> servers =
            IntStream.range(0, 8).mapToObj(i -> TestServer.named("b" + i)).toList();

    @AfterEach
    void stop() {
        plane.close();
        servers.forEach(TestServer::close);
    }

    /// A9.1: whichever address of the service port the client used.
    @Test
    void oneClientKeepsItsBackendOnEveryVip() throws IOException {
        apply(OptionalInt.of(TIMEOUT_SECONDS), servers);
        Set<String> answers = answers(vip);
        answers.addAll(answers(external));
        assertThat(answers).hasSize(1);
    }

    /// A9.4: off and on again while it runs, for new connections.
    @Test
    void switchingItTakesEffectOnNewConnections() throws IOException {
        apply(OptionalInt.empty(), servers);
        assertThat(answers(vip)).hasSizeGreaterThan(1);
        apply(OptionalInt.of(TIMEOUT_SECONDS), servers);
        assertThat(answers(vip)).hasSize(1);
        apply(OptionalInt.empty(), servers);
        assertThat(answers(vip)).hasSizeGreaterThan(1);
        assertThat(plane.clients().size()).isZero();
    }

    /// A9.2: each new connection starts the time anew; A9.5: it runs out.
    @Test
    void sticksUntilTheTimeSinceTheLastConnectionRunsOut() throws IOException {
        apply(OptionalInt.of(TIMEOUT_SECONDS), servers);
        String first = answerAt(vip);
        for (int i = 0; i < CONNECTIONS; i++) {
            nowNs.addAndGet(TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS - 1));
            assertThat(answerAt(vip)).isEqualTo(first);
        }
        Set<String> later = new HashSet<>();
        for (int i = 0; i < 3 * CONNECTIONS; i++) {
            nowNs.addAndGet(TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS));
            later.add(answerAt(vip));
        }
        assertThat(later).hasSizeGreaterThan(1);
    }

    /// A9.3: a backend that is no longer usable is replaced, and the replacement sticks.
    @Test
    void leavesABackendThatIsGone() throws IOException {
        apply(OptionalInt.of(TIMEOUT_SECONDS), servers);
        String first = answerAt(vip);
        List<TestServer> rest = servers.stream().filter(s -> !isNamed(s, first)).toList();
        apply(OptionalInt.of(TIMEOUT_SECONDS), rest);
        assertThat(answers(vip)).hasSize(1).doesNotContain(first);
    }

    /// Clients that no longer stick are dropped when time is given to it.
    @Test
    void forgetsClientsInTime() throws IOException {
        apply(OptionalInt.of(TIMEOUT_SECONDS), servers);
        answers(vip);
        assertThat(plane.clients().size()).isEqualTo(1);
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS));
        assertThat(plane.maintain()).isEmpty();
        assertThat(plane.clients().size()).isZero();
    }

    private static String answerAt(AddressPort at) throws IOException {
        try (Socket socket = Loopback.connect(at)) {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private boolean isNamed(TestServer server, String name) {
        return name.equals("b" + servers.indexOf(server));
    }

    private Set<String> answers(AddressPort at) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            answers.add(answerAt(at));
        }
        return answers;
    }

    private void apply(OptionalInt affinitySeconds, List<TestServer> backends) {
        BackendSet set = Services.set(backends.stream().map(TestServer::at).toList());
        ServicePort port =
                new ServicePort(
                        new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4),
                        List.of(
                                new Vip(Vip.Kind.CLUSTER_IP, vip),
                                new Vip(Vip.Kind.EXTERNAL_IP, external)),
                        Balancing.of(Balancing.Policy.RANDOM),
                        affinitySeconds,
                        set,
                        set,
                        set,
                        false,
                        Set.of(),
                        List.of(),
                        FlowRules.NONE);
        assertThat(plane.apply(Services.snapshot(port))).isEmpty();
    }
}
