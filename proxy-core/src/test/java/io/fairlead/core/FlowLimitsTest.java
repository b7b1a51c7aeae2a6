package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.testing.FakeClock;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How many flows a Service and its clients may have.
class FlowLimitsTest {

    private final FakeClock clock = new FakeClock();

    @RegisterExtension private final RunningPlane running = new RunningPlane(clock);

    private final DataPlane plane = running.plane();
    private final AddressPort vip = Loopback.vip();
    private final TestServer backend = TestServer.echo();

    @AfterEach
    void close() {
        backend.close();
    }

    private void serve(FlowRules rules) {
        assertThat(plane.apply(snapshot(clusterIp("web", vip, backend).withFlows(rules))))
                .isEmpty();
    }

    /// A client that has been answered.
    private Socket client(String source) throws IOException {
        Socket client = Loopback.connectFrom(source, vip);
        assertThat(isServed(client)).isTrue();
        return client;
    }

    /// Answered, or else reset.
    private static boolean isServed(Socket client) throws IOException {
        try {
            client.getOutputStream().write('x');
            return client.getInputStream().read() == 'x';
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(".*(reset|Broken pipe).*");
            return false;
        }
    }

    private boolean isServed(String source) throws IOException {
        try (Socket client = Loopback.connectFrom(source, vip)) {
            return isServed(client);
        } catch (SocketException e) {
            // The reset may be there before connect(2) has returned.
            assertThat(e).hasMessageContaining("reset");
            return false;
        }
    }

    private void awaitLive(long flows) {
        eventually("flows: " + flows, () -> plane.liveFlows() == flows);
    }

    @Test
    void oneFlowTooManyIsResetAndTheOthersNeverNotice() throws IOException {
        serve(FlowRules.NONE.withMaxFlows(2));
        try (Socket first = client("127.0.0.1")) {
            try (Socket _ = client("127.0.0.2")) {
                assertThat(isServed("127.0.0.3")).isFalse();
                assertThat(isServed(first)).isTrue();
            }
            awaitLive(1);
            assertThat(isServed("127.0.0.3")).isTrue();
        }
        assertThat(plane.counts().refusedFlows(FlowRefusal.MAX_FLOWS)).isOne();
    }

    /// Event loops accept them at the same moment, and each knows what the others have.
    @Test
    void ofManyClientsAtOnceExactlyAsManyAreServedAsMayBe() throws Exception {
        int most = 7;
        serve(FlowRules.NONE.withMaxFlows(most));
        for (int round = 0; round < 20; round++) {
            List<Socket> clients = Collections.synchronizedList(new ArrayList<>());
            AtomicInteger served = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4 * most; i++) {
                threads.add(Thread.ofPlatform().start(() -> served.addAndGet(hurry(clients))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(served.get()).isEqualTo(most);
            for (Socket client : clients) {
                client.close();
            }
            awaitLive(0);
        }
    }

    private int hurry(List<Socket> clients) {
        try {
            Socket client = Loopback.connectFrom("127.0.0.1", vip);
            clients.add(client);
            return isServed(client) ? 1 : 0;
        } catch (IOException _) {
            return 0; // reset before connect(2) has returned
        }
    }

    @Test
    void aClientsFlowsAreCountedApartFromOthers() throws IOException {
        serve(FlowRules.NONE.withMaxFlowsPerClient(2));
        try (Socket _ = client("127.0.0.1")) {
            try (Socket _ = client("127.0.0.1")) {
                assertThat(isServed("127.0.0.1")).isFalse();
                assertThat(isServed("127.0.0.2")).isTrue();
            }
            awaitLive(1);
            assertThat(isServed("127.0.0.1")).isTrue();
        }
        assertThat(plane.counts().refusedFlows(FlowRefusal.MAX_FLOWS_PER_CLIENT)).isOne();
    }

    @Test
    void aClientInAHurryIsResetUntilItsTimeHasCome() throws IOException {
        serve(FlowRules.NONE.withFlowRatePerClient(2));
        assertThat(isServed("127.0.0.1")).isTrue();
        assertThat(isServed("127.0.0.1")).isTrue();
        assertThat(isServed("127.0.0.1")).isFalse();
        assertThat(isServed("127.0.0.2")).as("another client").isTrue();
        clock.advanceSeconds(1, RunningPlane.LOOPS);
        assertThat(isServed("127.0.0.1")).isTrue();
        assertThat(plane.counts().refusedFlows(FlowRefusal.FLOW_RATE_PER_CLIENT)).isOne();
    }

    @Test
    void aLimitThatIsLiftedHoldsNoLonger() throws IOException {
        serve(FlowRules.NONE.withMaxFlows(1));
        try (Socket _ = client("127.0.0.1")) {
            assertThat(isServed("127.0.0.2")).isFalse();
            serve(FlowRules.NONE);
            assertThat(isServed("127.0.0.2")).isTrue();
        }
    }
}
