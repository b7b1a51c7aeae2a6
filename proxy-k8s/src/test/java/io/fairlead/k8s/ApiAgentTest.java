package io.fairlead.k8s;

import static io.fairlead.k8s.World.awaitAnswer;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent from an API server to connections, in a process of its own.
class ApiAgentTest {

    private static final String VIP = "127.9.7.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

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
            try (AgentProcess agent = start(api)) {
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

    private AgentProcess start(FakeApiServer api) throws Exception {
        return AgentProcess.start(
                "agent",
                "--api-server",
                api.uri(),
                "--node-name",
                "n1",
                "--threads",
                1,
                "--run-dir",
                temporary.resolve("run"));
    }
}
