package io.fairlead.k8s;

import static io.fairlead.k8s.testing.Await.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.fairlead.core.DataPlane;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.sync.SyncOptions;
import io.fairlead.k8s.testing.Facts;
import io.fairlead.k8s.watch.EventQueue;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A cluster in which 1,000 endpoints change each second.
///
/// Three seconds of it; `-Dfairlead.churn.seconds=30` for more, with figures printed.
class ChurnTest {

    private static final int CHANGES_PER_SECOND = 1_000;
    private static final int SERVICES = 200;
    private static final int FLOWS = 20;
    private static final long MIN_INTERVAL_NANOS = SyncOptions.DEFAULT.minInterval().toNanos();

    private final List<ServerSocket> backends = new ArrayList<>();
    private final DataPlane plane = DataPlane.start(2);

    @AfterEach
    void end() throws IOException {
        plane.close();
        for (ServerSocket backend : backends) {
            backend.close();
        }
    }

    /// Says its name, then echoes.
    private int backend(String name) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1024);
        backends.add(listener);
        Thread.ofVirtual()
                .start(() -> {
                    while (!listener.isClosed()) {
                        try {
                            Socket socket = listener.accept();
                            Thread.ofVirtual().start(() -> echo(socket, name));
                        } catch (IOException _) {
                            return;
                        }
                    }
                });
        return listener.getLocalPort();
    }

    private static void echo(Socket socket, String name) {
        try (socket) {
            socket.getOutputStream().write(name.getBytes(UTF_8));
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException _) {
            // The flow was cut: its client finds out.
        }
    }

    private static String vip(int service) {
        return "127.10.0." + (service + 1);
    }

    /// The slice of a Service after so many changes: first both endpoints, then one, and so on.
    private static EndpointSliceSpec slice(int service, int turn, int a, int b) {
        String name = "s" + service;
        if (service > 0) {
            return turn % 2 == 0
                    ? Facts.slice(name, name, "127.0.1.1", "127.0.1.2")
                    : Facts.slice(name, name, "127.0.1.1");
        }
        // The one with flows: all that it had leaves and comes back.
        return Facts.slice(name, name, turn % 2 == 0 ? a : b, "127.0.0.1");
    }

    @Test
    void changesAreCoalescedTheLastStateHoldsAndFlowsLive() throws Exception {
        int seconds = Integer.getInteger("fairlead.churn.seconds", 3);
        int a = backend("a");
        int b = backend("b");
        ClusterState state = ClusterState.EMPTY;
        for (int i = 0; i < SERVICES; i++) {
            state = state.with(Facts.service("s" + i, vip(i))).with(slice(i, 0, a, b));
        }
        Localiser localiser =
                new Localiser(LocalOptions.forNode("n1").withAllowLoopbackBackends(true));
        try (SyncLoop sync =
                new SyncLoop(
                        SyncOptions.DEFAULT, localiser, plane, s -> s, new EventQueue(false))) {
            sync.offer(new ClusterUpdate(state, List.of()));
            assertThat(sync.first().get()).isEmpty();
            List<Socket> flows = new ArrayList<>();
            for (int i = 0; i < FLOWS; i++) {
                Socket flow = new Socket(InetAddress.ofLiteral(vip(0)), Facts.PORT);
                flow.setSoTimeout(30_000);
                flows.add(flow);
                assertThat(read(flow)).isEqualTo("a");
            }

            long cpuStart = cpuNanos();
            long start = System.nanoTime();
            int changes = seconds * CHANGES_PER_SECOND;
            for (int i = 0; i < changes; i++) {
                waitUntil(start + i * TimeUnit.SECONDS.toNanos(1) / CHANGES_PER_SECOND);
                state = state.with(slice(i % SERVICES, 1 + i / SERVICES, a, b));
                sync.offer(new ClusterUpdate(state, List.of()));
            }
            ClusterState last =
                    state.with(slice(0, 1, a, b)).with(Facts.service("end", "127.10.1.1"));
            sync.offer(new ClusterUpdate(last, List.of()));
            until(
                    "the last state is applied",
                    () -> sync.progress().applied().state().equals(last));
            long elapsed = System.nanoTime() - start;
            long turns = sync.progress().applied().generation() - 1;
            System.out.printf(
                    "churn: %d changes in %.1f s were applied in %d turns by %.2f s of CPU%n",
                    changes, elapsed / 1e9, turns, (cpuNanos() - cpuStart) / 1e9);

            assertThat(turns).isPositive().isLessThanOrEqualTo(elapsed / MIN_INTERVAL_NANOS + 2);
            assertThat(turns).isLessThan(changes / 2);
            assertThat(plane.view()).hasSize(SERVICES + 1);
            for (Socket flow : flows) {
                flow.getOutputStream().write('x');
                assertThat(read(flow)).isEqualTo("x");
            }
            assertThat(plane.liveFlows()).isEqualTo(FLOWS);
            try (Socket fresh = new Socket(InetAddress.ofLiteral(vip(0)), Facts.PORT)) {
                fresh.setSoTimeout(30_000);
                assertThat(read(fresh)).isEqualTo("b");
            }
            for (Socket flow : flows) {
                flow.close();
            }
        }
    }

    private static void waitUntil(long nanos) {
        for (long rest = nanos - System.nanoTime(); rest > 0; rest = nanos - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }

    private static String read(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        int one = in.read();
        return one < 0 ? "end" : Character.toString(one);
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }
}
