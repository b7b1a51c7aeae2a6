package io.fairlead.k8s;

import static io.fairlead.k8s.SmallAgent.client;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Very many ends at the same moment, in all ways, in a process of the agent: it keeps no
/// descriptor, no flow, no pipe and no block of them.
///
/// `-Dfairlead.connections=9500 -Dfairlead.storms=7` are 66,500 ends, as many at a time as a
/// process with 20,000 descriptors can have; clients and backends are in the test's.
class AgentCloseStormTest {

    private static final int CONNECTIONS = Integer.getInteger("fairlead.connections", 2_000);
    private static final int STORMS = Integer.getInteger("fairlead.storms", 2);
    private static final int CLOSERS = 4;
    private static final String VIP = "127.9.6.5";

    @TempDir private Path temporary;

    private final AtomicReference<CountDownLatch> now =
            new AtomicReference<>(new CountDownLatch(1));

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private ServerSocket backend() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 4096);
        Thread.ofVirtual()
                .start(() -> {
                    while (!listener.isClosed()) {
                        try {
                            Socket connection = listener.accept();
                            Thread.ofVirtual().start(() -> serve(connection));
                        } catch (IOException _) {
                            // Closed.
                        }
                    }
                });
        return listener;
    }

    private void serve(Socket connection) {
        CountDownLatch end = requireNonNull(now.get());
        try (connection) {
            int way = connection.getInputStream().read();
            connection.getOutputStream().write(way);
            end.await();
            if (way % 4 == 0) {
                reset(connection);
            } else if (way % 4 == 1) {
                connection.getInputStream().readAllBytes();
            }
        } catch (IOException | InterruptedException _) {
            // The client's reset came first.
        }
    }

    private void storm(int count) throws Exception {
        now.set(new CountDownLatch(1));
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket client = client(VIP);
            client.getOutputStream().write(i);
            clients.add(client);
        }
        for (int i = 0; i < count; i++) {
            assertThat(clients.get(i).getInputStream().read()).isEqualTo(i & 0xff);
        }
        List<Thread> closers = new ArrayList<>();
        for (int closer = 0; closer < CLOSERS; closer++) {
            int first = closer;
            closers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = first; i < count; i += CLOSERS) {
                                    end(clients.get(i), i / CLOSERS);
                                }
                            }));
        }
        requireNonNull(now.get()).countDown();
        for (Thread closer : closers) {
            closer.join();
        }
    }

    private static void end(Socket client, int way) {
        try (client) {
            switch (way % 4) {
                case 0 -> client.close();
                case 1 -> reset(client);
                case 2 -> {
                    client.shutdownOutput();
                    reset(client);
                }
                default -> client.getOutputStream().write(new byte[100]);
            }
        } catch (IOException _) {
            // The backend's reset came first.
        }
    }

    @Test
    void manyEndsAtOnceLeaveNothing() throws Exception {
        try (ServerSocket backend = backend();
                SmallAgent agent =
                        SmallAgent.start(temporary, List.of(), List.of(VIP), List.of(backend))) {
            storm(CONNECTIONS); // what the JVM opens once, for as much to do, is open
            agent.awaitMetric("fairlead_flows", n -> n == 0);
            int before = agent.descriptors();
            for (int i = 0; i < STORMS; i++) {
                storm(CONNECTIONS);
                agent.awaitMetric("fairlead_flows", n -> n == 0);
            }
            agent.awaitMetric("fairlead_buffered_bytes", n -> n == 0);
            agent.awaitMetric("fairlead_relay_pipes", n -> n == 0);
            World.await(() -> descriptors(agent) <= before, "no descriptor more");
            System.out.println(
                    "close storm: %d ends at a moment, %d times; descriptors %d before, %d after; resident %d KiB"
                            .formatted(
                                    CONNECTIONS,
                                    STORMS,
                                    before,
                                    descriptors(agent),
                                    agent.residentKilobytes()));
            assertThat(agent.metric("fairlead_service_flows_closed_total", "reason=\"failed\""))
                    .isZero();
        }
    }

    private static int descriptors(SmallAgent agent) {
        try {
            return agent.descriptors();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
