package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent that may have 256 open files, and a thousand clients.
class FewDescriptorsTest {

    private static final String VIP = "127.9.5.1";
    private static final int PORT = 8080;
    private static final int CLIENTS = 1_000;

    @TempDir private Path temporary;

    private static Socket client() throws IOException {
        Socket client = new Socket(InetAddress.ofLiteral(VIP), PORT);
        client.setSoTimeout(60_000);
        client.getOutputStream().write('x');
        return client;
    }

    private static void assertAnswered(Socket client) throws IOException {
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    @Test
    void clientsWaitForRoomAndEstablishedFlowsNeverNotice() throws Exception {
        Deque<Socket> waiting = new ArrayDeque<>();
        try (World world = new World(Files.createDirectory(temporary.resolve("manifests")));
                ServerSocket backend = World.echo()) {
            world.write(
                    "web.yaml",
                    service("web", VIP, PORT, "")
                            + slice("web", "127.0.0.1", backend.getLocalPort()));
            try (AgentProcess agent =
                            AgentProcess.startUnder(
                                            List.of("prlimit", "--nofile=256:256"),
                                            "agent",
                                            "--capture",
                                            "loopback",
                                            "--manifests",
                                            world.folder(),
                                            "--node-name",
                                            "n1",
                                            "--healthz-bind-address",
                                            "off",
                                            "--metrics-bind-address",
                                            "off",
                                            "--run-dir",
                                            temporary.resolve("run"))
                                    .awaitServing();
                    Socket established = client()) {
                assertAnswered(established);
                for (int i = 0; i < CLIENTS; i++) {
                    waiting.add(client());
                }
                agent.awaitLine(line -> line.contains("new clients wait in the queue"));
                for (int i = 0; i < 100; i++) {
                    established.getOutputStream().write('x');
                    assertAnswered(established);
                }
                // Whoever goes makes room for whoever waits: all are served.
                while (!waiting.isEmpty()) {
                    try (Socket next = waiting.remove()) {
                        assertAnswered(next);
                    }
                }
                established.getOutputStream().write('x');
                assertAnswered(established);
                try (Socket late = client()) {
                    assertAnswered(late);
                }
                assertThat(agent.output()).noneMatch(line -> line.contains("cannot connect"));
            }
        } finally {
            for (Socket client : waiting) {
                client.close();
            }
        }
    }
}
