package io.fairlead.k8s;

import static io.fairlead.k8s.World.awaitAnswer;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent from an API server to connections, in a process of its own.
class ApiAgentTest {

    private static final String VIP = "127.9.7.1";
    private static final String GONE_VIP = "127.9.7.2";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private int metrics;

    @Test
    void waitsForTheApiServerThenServesAndFollowsIt() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer()) {
            int a = world.backend("127.0.0.1", "a");
            int b = world.backend("127.0.0.1", "b");
            api.put("services", "web", ApiObjects.service(VIP, PORT));
            api.put("endpointslices", "web-1", ApiObjects.slice("web", "127.0.0.1", a));
            api.put("nodes", "n1", ApiObjects.node("z"));
            api.goAway();
            try (AgentProcess agent = start(api, freePort())) {
                assertThat(agent.awaitLine(l -> l.contains("cannot be reached")))
                        .contains(api.uri().toString());
                api.comeBack();
                agent.awaitServing();
                awaitAnswer(VIP, PORT, "a");
                api.put("endpointslices", "web-1", ApiObjects.slice("web", "127.0.0.1", b));
                awaitAnswer(VIP, PORT, "b");
                api.goAway();
                awaitAnswer(VIP, PORT, "b");
                agent.terminate();
                assertThat(agent.exitCode()).isZero();
                assertThat(agent.output()).noneMatch(l -> l.startsWith("\tat "));
            }
        }
    }

    @Test
    void anOutageCutsNothingAndWhatWasMissedIsApplied() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer();
                Echo echo = new Echo()) {
            int a = world.backend("127.0.0.1", "a");
            put(api, "gone", GONE_VIP, a);
            put(api, "web", VIP, echo.port());
            api.put("nodes", "n1", ApiObjects.node("z"));
            int health = freePort();
            try (AgentProcess agent = start(api, health).awaitServing();
                    Socket flow = new Socket(VIP, PORT)) {
                awaitAnswer(GONE_VIP, PORT, "a");
                assertThat(echoed(flow, 1)).isEqualTo(1);
                api.goAway();
                agent.awaitLine(l -> l.contains("cannot be reached"));
                api.delete("services", "gone");
                api.delete("endpointslices", "gone-1");
                api.compact();
                assertThat(livez(health)).isEqualTo(200);
                assertThat(get(metrics, "/metrics").body())
                        .contains("\nfairlead_api_last_contact_age_seconds ")
                        .contains("\nfairlead_api_watching 0")
                        .contains("\nfairlead_state_stale 0")
                        .contains("\nfairlead_api_watch_restarts_total{reason=\"silent\"} 0")
                        .contains("\nfairlead_empty_list_held_seconds{kind=\"Service\"} 0");
                awaitAnswer(GONE_VIP, PORT, "a");
                assertThat(echoed(flow, 2)).isEqualTo(2);
                api.comeBack();
                awaitAnswer(GONE_VIP, PORT, "ConnectException");
                assertThat(echoed(flow, 3)).isEqualTo(3);
            }
        }
    }

    @Test
    void aRestartDuringAnOutageServesFromTheCheckpoint() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer();
                Echo echo = new Echo()) {
            int a = world.backend("127.0.0.1", "a");
            put(api, "gone", GONE_VIP, a);
            put(api, "web", VIP, echo.port());
            api.put("nodes", "n1", ApiObjects.node("z"));
            try (AgentProcess agent = start(api, freePort()).awaitServing()) {
                agent.terminate();
                assertThat(agent.exitCode()).isZero();
            }
            api.goAway();
            api.delete("services", "gone");
            int health = freePort();
            try (AgentProcess agent = start(api, health)) {
                agent.awaitLine(l -> l.contains("may be stale"));
                agent.awaitServing();
                awaitAnswer(GONE_VIP, PORT, "a");
                try (Socket flow = new Socket(VIP, PORT)) {
                    assertThat(echoed(flow, 1)).isEqualTo(1);
                    assertThat(livez(health)).isEqualTo(200);
                    assertThat(get(metrics, "/metrics").body())
                            .contains("\nfairlead_state_stale 1");
                    api.comeBack();
                    awaitAnswer(GONE_VIP, PORT, "ConnectException");
                    assertThat(echoed(flow, 2)).isEqualTo(2);
                }
            }
        }
    }

    /// SEMANTICS A18.4: nothing is taken over before there is something to serve.
    @Test
    void aSuccessorWaitsForItsFirstStateAndTheOldOneForIt() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer();
                FakeApiServer late = new FakeApiServer();
                Echo echo = new Echo()) {
            put(api, "web", VIP, echo.port());
            api.put("nodes", "n1", ApiObjects.node("z"));
            put(late, "web", VIP, echo.port());
            put(late, "more", GONE_VIP, world.backend("127.0.0.1", "a"));
            late.put("nodes", "n1", ApiObjects.node("z"));
            late.goAway();
            int health = freePort();
            // Else it would have the state that the old one has kept.
            Path config =
                    Files.writeString(
                            temporary.resolve("config.yaml"),
                            """
                            apiVersion: fairlead.io/v1alpha1
                            kind: FairleadConfiguration
                            watch: {checkpoint: false}
                            """);
            try (AgentProcess old =
                            start(health, "--api-server", api.uri(), "--config", config)
                                    .awaitServing();
                    Socket flow = new Socket(VIP, PORT)) {
                assertThat(echoed(flow, 1)).isEqualTo(1);
                try (AgentProcess next =
                        start(
                                health,
                                "--takeover",
                                "--api-server",
                                late.uri(),
                                "--config",
                                config)) {
                    next.awaitLine(l -> l.contains("cannot be reached"));
                    old.terminate();
                    old.awaitLine(l -> l.contains("another agent is about to take over"));
                    assertThat(livez(health)).isEqualTo(200);
                    late.comeBack();
                    next.awaitServing();
                    awaitAnswer(GONE_VIP, PORT, "a");
                    assertThat(echoed(flow, 2)).isEqualTo(2);
                    flow.shutdownOutput();
                    assertThat(old.exitCode()).isZero();
                    assertThat(livez(health)).isEqualTo(200);
                    next.terminate();
                    assertThat(next.exitCode()).isZero();
                }
            }
        }
    }

    @Test
    void aKubeconfigThatComesLaterIsWaitedFor() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer()) {
            put(api, "web", VIP, world.backend("127.0.0.1", "a"));
            api.put("nodes", "n1", ApiObjects.node("z"));
            Path kubeconfig = temporary.resolve("kubeconfig");
            try (AgentProcess agent = start(freePort(), "--kubeconfig", kubeconfig)) {
                assertThat(agent.awaitLine(l -> l.contains("no such kubeconfig")))
                        .contains(kubeconfig.toString());
                Path draft =
                        Files.writeString(
                                temporary.resolve("draft"),
                                """
                                apiVersion: v1
                                kind: Config
                                current-context: it
                                contexts: [{name: it, context: {cluster: c, user: u}}]
                                clusters: [{name: c, cluster: {server: "%s"}}]
                                users: [{name: u, user: {}}]
                                """
                                        .formatted(api.uri()));
                Files.move(draft, kubeconfig, StandardCopyOption.ATOMIC_MOVE);
                agent.awaitServing();
                awaitAnswer(VIP, PORT, "a");
                agent.terminate();
                assertThat(agent.exitCode()).isZero();
                assertThat(agent.output()).noneMatch(l -> l.startsWith("\tat "));
            }
        }
    }

    private static void put(FakeApiServer api, String service, String vip, int backend) {
        api.put("services", service, ApiObjects.service(vip, PORT));
        api.put("endpointslices", service + "-1", ApiObjects.slice(service, "127.0.0.1", backend));
    }

    private static int echoed(Socket flow, int value) throws IOException {
        flow.setSoTimeout(30_000);
        flow.getOutputStream().write(value);
        return flow.getInputStream().read();
    }

    private static int livez(int port) throws Exception {
        return get(port, "/livez").statusCode();
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return client.send(
                    HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// A backend that says back what it is told.
    private static final class Echo implements AutoCloseable {
        private final ServerSocket listener =
                new ServerSocket(0, 64, InetAddress.ofLiteral("127.0.0.1"));

        Echo() throws IOException {
            Thread.ofVirtual()
                    .start(() -> {
                        while (!listener.isClosed()) {
                            try {
                                Socket connection = listener.accept();
                                Thread.ofVirtual().start(() -> echo(connection));
                            } catch (IOException _) {
                                // Closed.
                            }
                        }
                    });
        }

        private static void echo(Socket connection) {
            try (connection) {
                connection.getInputStream().transferTo(connection.getOutputStream());
            } catch (IOException _) {
                // The other end went.
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private AgentProcess start(FakeApiServer api, int health) throws Exception {
        return start(health, "--api-server", api.uri());
    }

    private AgentProcess start(int health, Object... access) throws Exception {
        metrics = freePort();
        List<Object> arguments =
                new ArrayList<>(
                        List.of(
                                "agent",
                                "--capture",
                                "loopback",
                                "--node-name",
                                "n1",
                                "--threads",
                                1,
                                "--run-dir",
                                temporary.resolve("run"),
                                "--healthz-bind-address",
                                "127.0.0.1:" + health,
                                "--metrics-bind-address",
                                "127.0.0.1:" + metrics));
        arguments.addAll(List.of(access));
        return AgentProcess.start(arguments.toArray());
    }
}
