package io.fairlead.k8s;

import static io.fairlead.k8s.SmallAgent.assertEchoes;
import static io.fairlead.k8s.SmallAgent.client;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent with little heap and little direct memory, flows that stall on both sides, and more
/// clients than its heap is meant for.
///
/// `-Dfairlead.heap=128 -Dfairlead.stalled=1000` for more of both; with more heap than 70 MiB the
/// bound of flows is beyond the descriptors of a common test machine, and is left out.
class SmallMemoryTest {

    private static final int HEAP = Integer.getInteger("fairlead.heap", 24);
    private static final int STALLED = Integer.getInteger("fairlead.stalled", 300);

    /// As TcpOptions has it: a flow for each 4 KiB of the heap.
    private static final int BOUND = HEAP << 8;

    private static final int MOST_CLIENTS = 9_000;
    private static final int BEYOND = 200;
    private static final int SMALL = 16 << 10;

    private static final String ECHO = "127.9.6.1";
    private static final String STALLS = "127.9.6.2";

    @TempDir private Path temporary;

    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());

    /// A backend that sends and never reads.
    private ServerSocket stalling() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.setReceiveBufferSize(SMALL);
        listener.bind(new java.net.InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 4096);
        Thread.ofVirtual()
                .start(() -> {
                    while (!listener.isClosed()) {
                        try {
                            sendForEver(listener.accept());
                        } catch (IOException _) {
                            // Closed.
                        }
                    }
                });
        return listener;
    }

    private void sendForEver(Socket socket) throws IOException {
        sockets.add(socket);
        socket.setSendBufferSize(SMALL);
        socket.setReceiveBufferSize(SMALL);
        Thread.ofVirtual()
                .start(() -> {
                    byte[] chunk = new byte[SMALL];
                    try {
                        while (true) {
                            socket.getOutputStream().write(chunk);
                        }
                    } catch (IOException _) {
                        // The test is over.
                    }
                });
    }

    @Test
    void whatDoesNotFitWaitsAndNothingDies() throws Exception {
        List<String> under =
                List.of("env", "JDK_JAVA_OPTIONS=-Xmx" + HEAP + "m -XX:MaxDirectMemorySize=16m");
        try (ServerSocket echo = World.echo();
                ServerSocket stalls = stalling();
                SmallAgent agent =
                        SmallAgent.start(
                                temporary, under, List.of(ECHO, STALLS), List.of(echo, stalls));
                Socket established = client(ECHO)) {
            assertEchoes(established);
            long before = agent.residentKilobytes();
            for (int i = 0; i < STALLED; i++) {
                sendForEver(client(STALLS));
            }
            agent.awaitMetric("fairlead_unbuffered_reads_total", n -> n > 0);
            long held = agent.metric("fairlead_buffered_bytes");
            assertThat(held).isBetween(1L, (long) HEAP << 19);
            assertEchoes(established);
            long stalled = agent.residentKilobytes();
            boolean bounded = BOUND < MOST_CLIENTS;
            if (bounded) {
                fill(agent, established);
            }
            System.out.println(
                    "small memory: heap %d MiB, %d stalled flows hold %d KiB; resident %d, %d, %d KiB; pauses %d"
                            .formatted(
                                    HEAP,
                                    STALLED,
                                    held >> 10,
                                    before,
                                    stalled,
                                    agent.residentKilobytes(),
                                    agent.metric("fairlead_accept_pauses_total")));
            closeAll();
            agent.awaitMetric("fairlead_flows", n -> n <= 1);
            agent.awaitMetric("fairlead_buffered_bytes", n -> n == 0);
            try (Socket late = client(ECHO)) {
                assertEchoes(late);
            }
            assertEchoes(established);
            assertThat(agent.metric("fairlead_service_flows_closed_total", "reason=\"failed\""))
                    .isZero();
        } finally {
            closeAll();
        }
    }

    /// As many clients as the heap is meant for are served; more wait, and are served when others
    /// go.
    private void fill(SmallAgent agent, Socket established) throws Exception {
        for (int i = STALLED; i < BOUND + BEYOND; i++) {
            sockets.add(client(ECHO));
        }
        agent.process().awaitLine(line -> line.contains("new clients wait in the queue"));
        assertThat(agent.metric("fairlead_flows")).isLessThanOrEqualTo(BOUND + 2L);
        assertThat(agent.metric("fairlead_accept_pauses_total")).isPositive();
        for (int i = 0; i < 100; i++) {
            assertEchoes(established);
        }
        Socket last = sockets.getLast();
        for (int i = 0; i < 2 * BEYOND; i++) {
            sockets.get(sockets.size() - 1 - BEYOND - i).close();
        }
        assertEchoes(last);
    }

    private void closeAll() throws IOException {
        for (Socket socket : List.copyOf(sockets)) {
            socket.close();
        }
    }
}
