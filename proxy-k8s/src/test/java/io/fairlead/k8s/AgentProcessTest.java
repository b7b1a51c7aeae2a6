package io.fairlead.k8s;

import static io.fairlead.k8s.World.ask;
import static io.fairlead.k8s.World.awaitAnswer;
import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What only whole processes show: death, restart, signals, and two agents by mistake.
class AgentProcessTest {

    private static final String VIP = "127.9.2.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private World world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        int a = world.backend("127.0.0.1", "a");
        world.write("web.yaml", service("web", VIP, PORT, "") + slice("web", "127.0.0.1", a));
    }

    @AfterEach
    void endWorld() throws IOException {
        world.close();
    }

    private AgentProcess start(String runDir) throws IOException {
        return AgentProcess.start(
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
                temporary.resolve(runDir));
    }

    @Test
    void servesAgainAfterKill9() throws Exception {
        try (AgentProcess first = start("run").awaitServing()) {
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            first.kill();
            try (AgentProcess _ = start("run").awaitServing()) {
                assertThat(ask(VIP, PORT)).isEqualTo("a");
            }
        }
    }

    @Test
    void aSecondAgentOnTheSameVipsEndsWithOneLineAndTheFirstServesOn() throws Exception {
        try (AgentProcess first = start("run").awaitServing()) {
            for (String runDir : List.of("run", "other")) {
                try (AgentProcess second = start(runDir)) {
                    assertThat(second.exitCode()).isEqualTo(1);
                    assertThat(second.output())
                            .singleElement()
                            .asString()
                            .startsWith("fairlead: ")
                            .contains("another fairlead agent")
                            .contains("pid " + first.pid());
                }
            }
            assertThat(ask(VIP, PORT)).isEqualTo("a");
        }
    }

    @Test
    void sigtermEndsItInOrder() throws Exception {
        try (AgentProcess agent = start("run").awaitServing()) {
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
            awaitAnswer(VIP, PORT, "ConnectException");
        }
    }

    @Test
    void theDemoPrintsCurlLinesThatAnswer() throws Exception {
        Pattern line = Pattern.compile("curl http://([0-9.]+):([0-9]+)/ .*# (\\w+),.*");
        try (AgentProcess demo = AgentProcess.start("demo")) {
            for (String service : List.of("web", "cache", "queue")) {
                Matcher curl = line.matcher(demo.awaitLine(l -> line.matcher(l).find()));
                assertThat(curl.find()).isTrue();
                assertThat(curl.group(3)).isEqualTo(service);
                assertThat(httpGet(curl.group(1), Integer.parseInt(curl.group(2))))
                        .startsWith(service + "-");
            }
            demo.awaitLine(l -> l.contains("web-") && l.contains("cache-") && l.contains(" 1"));
            demo.terminate();
            assertThat(demo.exitCode()).isZero();
        }
    }

    private static String httpGet(String address, int port) throws Exception {
        try (java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient()) {
            return client.send(
                            java.net.http.HttpRequest.newBuilder(
                                            java.net.URI.create(
                                                    "http://" + address + ":" + port + "/"))
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
