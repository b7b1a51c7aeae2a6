package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Changes reach the next connection and disturb no other, while clients connect all the time.
class ChangeUnderLoadTest {

    private static final int CLIENTS = 4;

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    private final TestServer a = TestServer.echo();
    private final TestServer b = TestServer.echo();
    private final TestServer c = TestServer.echo();
    private final AddressPort vip = Loopback.vip();

    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final List<Thread> load = new ArrayList<>();
    private volatile boolean loading = true;

    @AfterEach
    void stop() {
        loading = false;
        a.close();
        b.close();
        c.close();
    }

    @Test
    void anAddedBackendGetsConnectionsAndARemovedOneNoNewOnes() throws Exception {
        serve(a, b);
        List<Socket> held = hold(20);
        startLoad();
        awaitAnswers(200);

        serve(a, b, c);
        int before = c.accepted();
        eventually("the added backend gets connections", () -> c.accepted() > before + 20);

        // The apply returns when the table is published: what was picked before that moment may
        // still be on its way to b.
        serve(a, c);
        awaitAnswers(answered.get() + 2 * CLIENTS);
        int removedAt = b.accepted();
        awaitAnswers(answered.get() + 500);
        assertThat(b.accepted()).isEqualTo(removedAt);

        endLoad();
        assertStillEcho(held);
    }

    @Test
    void aThousandChangesFailNoConnectionAndTouchNoFlow() throws Exception {
        AddressPort other = Loopback.vip();
        ServicePort unrelated = clusterIp("unrelated", other, c);
        TestServer[][] sets = {{a, b}, {a}, {a, b, c}, {a, c}};
        Policy[] policies = Policy.values();
        assertThat(running.plane().apply(snapshot(web(Policy.RANDOM, a, b), unrelated))).isEmpty();
        List<Socket> held = hold(20);
        List<Socket> heldByOther = hold(other, 20);
        startLoad();
        for (int i = 0; i < 1_000; i++) {
            ServicePort web = web(policies[i % policies.length], sets[i % sets.length]);
            // Every tenth change also removes or adds a Service that nobody uses.
            ServicePort[] ports =
                    i % 20 < 10
                            ? new ServicePort[] {web, unrelated}
                            : new ServicePort[] {web, unrelated, clusterIp("unused", unused, a)};
            assertThat(running.plane().apply(snapshot(ports))).isEmpty();
        }
        awaitAnswers(500);
        endLoad();
        assertThat(running.plane().counts().connectFailures()).isZero();
        assertThat(c.open()).isGreaterThanOrEqualTo(heldByOther.size());
        assertStillEcho(heldByOther);
        assertStillEcho(held);
    }

    @Test
    void aBackendThatComesBackWhileItDrainsKeepsItsCount() throws Exception {
        serve(a, b);
        List<Socket> held = hold(10);
        serve(a);
        serve(a, b);
        assertThat(running.liveOnBackends()).isEqualTo(10);
        assertStillEcho(held);
        running.awaitIdle();
        assertThat(running.liveOnBackends()).isZero();
    }

    private final AddressPort unused = Loopback.vip();

    private void serve(TestServer... backends) {
        assertThat(running.plane().apply(snapshot(web(Policy.LEAST_CONNECTIONS, backends))))
                .isEmpty();
    }

    private ServicePort web(Balancing.Policy policy, TestServer... backends) {
        return clusterIp(
                "web", vip, policy, List.of(backends).stream().map(TestServer::at).toList());
    }

    private List<Socket> hold(int count) throws IOException {
        return hold(vip, count);
    }

    private static List<Socket> hold(AddressPort at, int count) throws IOException {
        List<Socket> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = Loopback.connect(at);
            held.add(socket);
            assertEchoes(socket);
        }
        return held;
    }

    private static void assertStillEcho(List<Socket> held) throws IOException {
        for (Socket socket : held) {
            try (socket) {
                assertEchoes(socket);
            }
        }
    }

    private static void assertEchoes(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        assertThat(socket.getInputStream().read()).isEqualTo('x');
    }

    private void startLoad() {
        for (int i = 0; i < CLIENTS; i++) {
            load.add(Thread.ofPlatform().start(this::connectAllTheTime));
        }
    }

    private void connectAllTheTime() {
        while (loading) {
            try (Socket socket = Loopback.connect(vip)) {
                socket.getOutputStream().write('y');
                socket.shutdownOutput();
                byte[] answer = socket.getInputStream().readAllBytes();
                assertThat(answer).containsExactly('y');
                answered.incrementAndGet();
            } catch (IOException | AssertionError e) {
                failures.add(new Exception(e));
            }
        }
    }

    private void awaitAnswers(int count) {
        eventually(
                count + " answers, failures " + failures,
                () -> answered.get() >= count || !failures.isEmpty());
        assertThat(failures).isEmpty();
    }

    private void endLoad() throws InterruptedException {
        loading = false;
        for (Thread thread : load) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }
}
