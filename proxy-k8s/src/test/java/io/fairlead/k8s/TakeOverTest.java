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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients and operators see of one process that takes over from another, on loopback.
class TakeOverTest {

    private static final String VIP = "127.9.5.1";
    private static final int PORT = 8080;
    private static final String HEALTH = VIP + ":10256";

    @TempDir private Path temporary;

    private World world;
    private ServerSocket backend;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        backend = World.echo();
        world.write(
                "web.yaml",
                service("web", VIP, PORT, "") + slice("web", "127.0.0.1", backend.getLocalPort()));
    }

    @AfterEach
    void endWorld() throws IOException {
        backend.close();
        world.close();
    }

    private AgentProcess start(Object... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(
                        List.of(
                                "agent",
                                "--takeover",
                                "--capture",
                                "loopback",
                                "--manifests",
                                world.folder(),
                                "--node-name",
                                "n1",
                                "--healthz-bind-address",
                                HEALTH,
                                "--metrics-bind-address",
                                "off",
                                "--run-dir",
                                temporary.resolve("run")));
        arguments.addAll(List.of(more));
        return AgentProcess.start(arguments.toArray());
    }

    private static Socket client() throws IOException {
        Socket client = new Socket(InetAddress.ofLiteral(VIP), PORT);
        client.setSoTimeout(30_000);
        assertEchoes(client);
        return client;
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    @Test
    void aFlowOfTheOldOneLivesUntilItEndsAndNewClientsAreTheNewOnes() throws Exception {
        try (AgentProcess old = start().awaitServing()) {
            Socket before = client();
            try (AgentProcess next = start().awaitServing()) {
                try (before;
                        Socket after = client()) {
                    old.awaitLine(l -> l.contains("another agent serves; 1 flows may go on here"));
                    assertEchoes(before);
                    assertEchoes(after);
                }
                assertThat(old.exitCode()).isZero();
                assertThat(old.output()).anyMatch(l -> l.contains("stops; no flow was open"));
                try (Socket later = client()) {
                    assertEchoes(later);
                }
                next.terminate();
                assertThat(next.exitCode()).isZero();
            }
        }
    }
}
