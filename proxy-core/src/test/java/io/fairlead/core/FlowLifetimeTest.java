package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.testing.FakeClock;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How long flows live by the rules of their Service, under a clock that the test moves.
class FlowLifetimeTest {

    private final FakeClock clock = new FakeClock();

    @RegisterExtension private final RunningPlane running = new RunningPlane(clock);

    private final DataPlane plane = running.plane();
    private final AddressPort vip = Loopback.vip();

    private void serve(FlowRules rules, TestServer... backends) {
        assertThat(plane.apply(snapshot(clusterIp("web", vip, backends).withFlows(rules))))
                .isEmpty();
    }

    /// A client that has been answered: its flow is up.
    private Socket client() throws IOException {
        Socket client = Loopback.connect(vip);
        assertEchoes(client);
        return client;
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    private static void assertReset(Socket client) {
        assertThatThrownBy(() -> client.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void flowsOfABackendThatIsGoneLiveOn() throws IOException {
        try (TestServer old = TestServer.echo();
                TestServer other = TestServer.echo()) {
            serve(FlowRules.NONE, old);
            try (Socket client = client()) {
                serve(FlowRules.NONE, other);
                clock.advanceSeconds(1_000_000, RunningPlane.LOOPS);
                clock.awaitRead(RunningPlane.LOOPS);
                assertEchoes(client);
                assertThat(old.accepted()).isOne();
            }
        }
    }

    @Test
    void withADrainTimeTheyAreResetWhenItIsOverAndNewOnesGoElsewhere() throws IOException {
        FlowRules rules = FlowRules.NONE.withDrainSeconds(60);
        try (TestServer old = TestServer.echo();
                TestServer other = TestServer.echo()) {
            serve(rules, old);
            try (Socket client = client()) {
                serve(rules, other);
                try (Socket late = client()) {
                    clock.advanceSeconds(59, RunningPlane.LOOPS);
                    clock.awaitRead(RunningPlane.LOOPS);
                    assertEchoes(client);
                    clock.advanceSeconds(8, RunningPlane.LOOPS);
                    assertReset(client);
                    assertEchoes(late);
                }
                assertThat(old.accepted()).isOne();
                assertThat(plane.counts().endedFlows(FlowEnd.DRAINED)).isOne();
            }
        }
    }

    @Test
    void theyDoNotFallAllAtOnce() throws IOException {
        FlowRules rules = FlowRules.NONE.withDrainSeconds(100);
        List<Socket> clients = new ArrayList<>();
        try (TestServer old = TestServer.echo();
                TestServer other = TestServer.echo()) {
            serve(rules, old);
            for (int i = 0; i < 40; i++) {
                clients.add(client());
            }
            serve(rules, other);
            clock.advanceSeconds(105, RunningPlane.LOOPS);
            eventually(
                    "about half of them have fallen",
                    () -> plane.counts().endedFlows(FlowEnd.DRAINED) >= 10);
            assertThat(plane.counts().endedFlows(FlowEnd.DRAINED)).isLessThanOrEqualTo(30);
            clock.advanceSeconds(6, RunningPlane.LOOPS);
            for (Socket client : clients) {
                assertReset(client);
                client.close();
            }
        }
    }

    @Test
    void aBackendThatComesBackInTimeKeepsItsFlows() throws IOException {
        FlowRules rules = FlowRules.NONE.withDrainSeconds(60);
        try (TestServer backend = TestServer.echo();
                TestServer other = TestServer.echo()) {
            serve(rules, backend);
            try (Socket client = client()) {
                serve(rules, other);
                clock.advanceSeconds(30, RunningPlane.LOOPS);
                serve(rules, backend);
                clock.advanceSeconds(1_000, RunningPlane.LOOPS);
                clock.awaitRead(RunningPlane.LOOPS);
                assertEchoes(client);
            }
        }
    }

    @Test
    void flowsOfAServiceThatIsGoneDrainByItsLastRules() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            serve(FlowRules.NONE.withDrainSeconds(60), backend);
            try (Socket client = client()) {
                assertThat(plane.apply(ServiceSnapshot.EMPTY)).isEmpty();
                clock.advanceSeconds(59, RunningPlane.LOOPS);
                clock.awaitRead(RunningPlane.LOOPS);
                assertEchoes(client);
                clock.advanceSeconds(10, RunningPlane.LOOPS);
                assertReset(client);
            }
        }
    }

    @Test
    void anIdleFlowIsResetAndABusyOneIsNot() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            serve(FlowRules.NONE.withIdleSeconds(10), backend);
            try (Socket idle = client();
                    Socket busy = client()) {
                for (int i = 0; i < 3; i++) {
                    clock.advanceSeconds(4, RunningPlane.LOOPS);
                    assertEchoes(busy);
                }
                assertReset(idle);
                assertEchoes(busy);
                assertThat(plane.counts().endedFlows(FlowEnd.IDLE)).isOne();
            }
        }
    }

    @Test
    void anOldFlowIsResetHoweverBusy() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            serve(FlowRules.NONE.withMaxAgeSeconds(100), backend);
            try (Socket client = client()) {
                clock.advanceSeconds(89, RunningPlane.LOOPS);
                clock.awaitRead(RunningPlane.LOOPS);
                assertEchoes(client);
                clock.advanceSeconds(22, RunningPlane.LOOPS);
                assertReset(client);
                assertThat(plane.counts().endedFlows(FlowEnd.TOO_OLD)).isOne();
            }
        }
    }

    @Test
    void aRuleThatIsNewHoldsForFlowsThatAreOpen() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            serve(FlowRules.NONE, backend);
            try (Socket client = client()) {
                clock.advanceSeconds(60, RunningPlane.LOOPS);
                clock.awaitRead(RunningPlane.LOOPS);
                assertEchoes(client);
                serve(FlowRules.NONE.withMaxAgeSeconds(10), backend);
                assertReset(client);
            }
        }
    }
}
