package io.fairlead.k8s;

import static io.fairlead.k8s.World.ask;
import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.config.DefaultFile;
import io.fairlead.k8s.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program with a configuration file.
class AgentConfigTest {

    private static final String VIP = "127.9.8.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private World world;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        int a = world.backend("127.0.0.1", "a");
        world.write("web.yaml", service("web", VIP, PORT, "") + slice("web", "127.0.0.1", a));
    }

    @AfterEach
    void endWorld() throws IOException {
        client.close();
        world.close();
    }

    private Path write(String text) throws IOException {
        Path draft = Files.writeString(temporary.resolve("draft"), text);
        return Files.move(
                draft, temporary.resolve("fairlead.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private String configuration(String more) {
        return """
        apiVersion: fairlead.io/v1alpha1
        kind: FairleadConfiguration
        nodeName: from-file
        runDir: %s
        threads: 1
        capture: {mode: loopback}
        source: {manifests: %s}
        status: {healthzBindAddress: "off", metricsBindAddress: 127.0.0.1:0}
        """
                        .formatted(temporary.resolve("run"), world.folder())
                + more;
    }

    private boolean tells(int port, String part) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/configz"))
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body().contains(part);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void servesByTheFileAndFollowsItWhileOptionsStandAboveIt() throws Exception {
        Path file = write(configuration("balance: maglev\n"));
        try (AgentProcess agent =
                AgentProcess.start("agent", "--config", file, "--hostname-override", "N1")) {
            assertThat(agent.awaitLine(_ -> true))
                    .contains("fairlead ")
                    .contains("Java " + Runtime.version());
            String listens = agent.awaitLine(l -> l.contains("metrics server listens on"));
            int port = Integer.parseInt(listens.substring(listens.lastIndexOf(':') + 1).strip());
            assertThat(agent.awaitLine(l -> l.contains(" serves "))).contains("node n1 serves");
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            assertThat(tells(port, "\"nodeName\":\"n1\"")).isTrue();
            assertThat(tells(port, "\"balance\":\"maglev\"")).isTrue();
            write(configuration("balance: random\n").replace("threads: 1", "threads: 2"));
            agent.awaitLine(l -> l.contains("balance: maglev -> random"));
            agent.awaitLine(l -> l.contains("restart to apply: threads: 1 -> 2"));
            Await.until("/configz follows", () -> tells(port, "\"balance\":\"random\""));
            assertThat(tells(port, "\"threads\":1")).isTrue();
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            write("nonsense\n");
            agent.awaitLine(l -> l.contains("the configuration stays as it was"));
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
        }
    }

    @Test
    void aFileWithAMistakeEndsTheStartWithALineForEach() throws Exception {
        Path file = write(configuration("thread: 1\nbalance: best\n"));
        try (AgentProcess agent = AgentProcess.start("agent", "--config", file)) {
            assertThat(agent.exitCode()).isEqualTo(1);
            assertThat(agent.output())
                    .hasSize(2)
                    .allMatch(l -> l.startsWith("fairlead: " + file + ": line "));
        }
    }

    @Test
    void servesByTheFileOfAKubeProxy() throws Exception {
        Path file =
                write(
                        """
                        apiVersion: kubeproxy.config.k8s.io/v1alpha1
                        kind: KubeProxyConfiguration
                        clientConnection: {kubeconfig: /nowhere}
                        hostnameOverride: n7
                        healthzBindAddress: 127.0.0.1:1
                        metricsBindAddress: 127.0.0.1:1
                        mode: iptables
                        """);
        try (AgentProcess agent =
                AgentProcess.start(
                        "agent",
                        "--config",
                        file,
                        "--capture",
                        "loopback",
                        "--manifests",
                        world.folder(),
                        "--healthz-bind-address",
                        "off",
                        "--metrics-bind-address",
                        "off",
                        "--run-dir",
                        temporary.resolve("run"))) {
            agent.awaitLine(l -> l.contains("line 7: mode: is passed over"));
            assertThat(agent.awaitLine(l -> l.contains(" serves "))).contains("node n7 serves");
            assertThat(ask(VIP, PORT)).isEqualTo("a");
        }
    }

    @Test
    void a12c_anAddressThatIsTakenEndsTheStartWhereThatIsWanted() throws Exception {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                AgentProcess agent =
                        AgentProcess.start(
                                "agent",
                                "--config",
                                write(configuration("")),
                                "--metrics-bind-address",
                                "127.0.0.1:" + holder.getLocalPort(),
                                "--bind-address-hard-fail",
                                "true")) {
            assertThat(agent.exitCode()).isEqualTo(1);
            assertThat(agent.output())
                    .last()
                    .asString()
                    .startsWith("fairlead: metrics server cannot listen on 127.0.0.1:");
        }
    }

    @Test
    void a16_7_writesTheDefaultsToANewFile() throws Exception {
        Path file = temporary.resolve("new.yaml");
        for (int code : List.of(0, 1)) {
            try (AgentProcess agent = AgentProcess.start("agent", "--write-config-to", file)) {
                assertThat(agent.exitCode()).isEqualTo(code);
            }
            assertThat(Files.readString(file)).isEqualTo(DefaultFile.text());
        }
    }

    @Test
    void aMistakeOnTheCommandLineNamesTheOption() throws Exception {
        for (List<String> wrong :
                List.of(
                        List.of("--threads", "0"),
                        List.of("--hostname-override", " "),
                        List.of("--master", "nowhere"))) {
            try (AgentProcess agent =
                    AgentProcess.start("agent", wrong.getFirst(), wrong.getLast())) {
                assertThat(agent.exitCode()).isEqualTo(2);
                assertThat(agent.output())
                        .first()
                        .asString()
                        .startsWith(
                                "fairlead: " + wrong.getFirst() + ": '" + wrong.getLast() + "' is");
            }
        }
    }
}
