package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of flows when a process of the agent is told to stop.
class AgentEndTest {

    private static final String VIP = "127.9.4.1";
    private static final int PORT = 8080;

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
        Path config =
                Files.writeString(
                        temporary.resolve("config.yaml"),
                        """
                        apiVersion: fairlead.io/v1alpha1
                        kind: FairleadConfiguration
                        flows: {stopDrain: %s}
                        """
                                .formatted(more.length > 0 ? more[0] : "1h"));
        return AgentProcess.start(
                        "agent",
                        "--config",
                        config,
                        "--capture",
                        "loopback",
                        "--manifests",
                        world.folder(),
                        "--node-name",
                        "n1",
                        "--healthz-bind-address",
                        "127.9.4.1:10256",
                        "--metrics-bind-address",
                        "off",
                        "--run-dir",
                        temporary.resolve("run"))
                .awaitServing();
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

    private static int health(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.9.4.1:10256" + path);
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    @Test
    void newClientsAreRefusedAndFlowsLiveUntilTheyEnd() throws Exception {
        try (AgentProcess agent = start()) {
            assertThat(health("/healthz")).isEqualTo(200);
            try (Socket client = client()) {
                agent.terminate();
                agent.awaitLine(l -> l.contains("refuses new clients; 1 flows may go on"));
                assertThat(health("/healthz")).isEqualTo(503);
                assertThat(health("/livez")).isEqualTo(200);
                assertThatThrownBy(AgentEndTest::client).isInstanceOf(ConnectException.class);
                assertEchoes(client);
            }
            assertThat(agent.exitCode()).isZero();
            assertThat(agent.output()).anyMatch(l -> l.contains("stops; no flow was open"));
        }
    }

    @Test
    void aSecondSignalCutsThemAndSaysSo() throws Exception {
        try (AgentProcess agent = start();
                Socket client = client()) {
            agent.terminate();
            agent.awaitLine(l -> l.contains("refuses new clients"));
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
            assertThat(agent.output()).anyMatch(l -> l.contains("1 flows were open and are cut"));
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void whenTheDrainTimeIsOverTheyAreCut() throws Exception {
        try (AgentProcess agent = start("1s");
                Socket _ = client()) {
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
            assertThat(agent.output()).anyMatch(l -> l.contains("1 flows were open and are cut"));
        }
    }
}
