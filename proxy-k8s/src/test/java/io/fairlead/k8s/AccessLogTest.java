package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.admin.AccessLogOptions;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The line of a connection that has ended.
class AccessLogTest {

    private static final int PORT = 8080;
    private static final String PLAIN = "127.9.9.1";
    private static final String ALWAYS = "127.9.9.2";
    private static final String NEVER = "127.9.9.3";
    private static final String DATAGRAMS = "127.9.9.4";

    @TempDir private Path temporary;

    private World world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        int port = world.backend("127.0.0.1", "answer");
        world.write(
                "all.yaml",
                World.service("plain", PLAIN, PORT, "")
                        + World.slice("plain", "127.0.0.1", port)
                        + annotated("always", ALWAYS, "true")
                        + World.slice("always", "127.0.0.1", port)
                        + annotated("never", NEVER, "false")
                        + World.slice("never", "127.0.0.1", port));
    }

    private static String annotated(String name, String vip, String value) {
        return World.service(name, vip, PORT, "")
                .replace(
                        "namespace: default}",
                        "namespace: default, annotations: {fairlead.io/access-log: \""
                                + value
                                + "\"}}");
    }

    @AfterEach
    void endWorld() throws IOException {
        world.close();
    }

    private Path file() {
        return temporary.resolve("access.log");
    }

    private List<String> linesOf(AccessLogOptions options) throws Exception {
        try (Agent _ =
                Agent.start(
                        AgentOptions.of(world.folder(), "n1")
                                .withThreads(2)
                                .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                                .withRunDir(temporary.resolve("run"))
                                .withStatus(StatusOptions.OFF)
                                .withAccessLog(options))) {
            for (String vip : List.of(NEVER, PLAIN, ALWAYS)) {
                assertThat(World.ask(vip, PORT)).isEqualTo("answer");
            }
            World.await(() -> read().contains("default/always"), "the last one has its line");
        }
        return read().lines().toList();
    }

    private String read() {
        try {
            return Files.exists(file()) ? Files.readString(file()) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private AccessLogOptions options() {
        return AccessLogOptions.DEFAULT.withTo(file().toString());
    }

    @Test
    void aConnectionHasOneLineThatSaysWhereItWent() throws Exception {
        List<String> lines = linesOf(options());
        assertThat(lines).hasSize(2).noneMatch(l -> l.contains("default/never"));
        assertThat(lines.getFirst())
                .startsWith("{\"time\":\"20")
                .contains("\"protocol\":\"TCP\"", "\"client\":\"127.0.0.1:")
                .contains("\"vip\":\"" + PLAIN + ":8080\"", "\"service\":\"default/plain\"")
                .contains(
                        "\"port\":\"http\"", "\"backend\":\"127.0.0.1:", "\"source\":\"127.0.0.1:")
                .contains("\"receivedBytes\":0,\"returnedBytes\":6,\"reason\":\"finished\"}");
    }

    @Test
    void asTextItIsOneLineToo() throws Exception {
        assertThat(linesOf(options().withFormat(AccessLogOptions.Format.TEXT)).getFirst())
                .matches(
                        "20\\S+Z protocol=TCP client=127\\S+ vip="
                                + PLAIN
                                + ":8080 .* reason=finished");
    }

    @Test
    void aServiceMayAskForItWhereOthersHaveNone() throws Exception {
        assertThat(linesOf(options().withOneIn(0)))
                .singleElement()
                .asString()
                .contains("default/always");
    }

    /// What a resolver asks is a flow of its own, which ends with the answer.
    @Test
    void aFlowOfDatagramsHasALineToo() throws Exception {
        try (DatagramSocket backend = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            world.write(
                    "udp.yaml",
                    (World.service("dns", DATAGRAMS, PORT, "")
                                    + World.slice("dns", "127.0.0.1", backend.getLocalPort()))
                            .replace("protocol: TCP", "protocol: UDP"));
            try (Agent _ =
                            Agent.start(
                                    AgentOptions.of(world.folder(), "n1")
                                            .withThreads(2)
                                            .withCapture(
                                                    CaptureOptions.DEFAULT.withMode(
                                                            CaptureMode.LOOPBACK))
                                            .withRunDir(temporary.resolve("run"))
                                            .withStatus(StatusOptions.OFF)
                                            .with(d ->
                                                    d.udp = d.udp.withQuestionPorts(Set.of(PORT)))
                                            .withAccessLog(options()));
                    DatagramSocket client = new DatagramSocket()) {
                client.setSoTimeout(60_000);
                backend.setSoTimeout(60_000);
                client.send(
                        new DatagramPacket(new byte[3], 3, InetAddress.ofLiteral(DATAGRAMS), PORT));
                DatagramPacket question = new DatagramPacket(new byte[64], 64);
                backend.receive(question);
                backend.send(new DatagramPacket(new byte[5], 5, question.getSocketAddress()));
                client.receive(new DatagramPacket(new byte[64], 64));
                World.await(() -> read().contains("default/dns"), "it has its line");
                assertThat(read())
                        .contains("\"protocol\":\"UDP\"", "\"vip\":\"" + DATAGRAMS + ":8080\"")
                        .contains(
                                "\"receivedBytes\":3,\"returnedBytes\":5,\"reason\":\"answered\"}");
            }
        }
    }

    @Test
    void withoutItNothingIsWritten() throws Exception {
        try (Agent agent =
                Agent.start(
                        AgentOptions.of(world.folder(), "n1")
                                .withThreads(1)
                                .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                                .withRunDir(temporary.resolve("run"))
                                .withStatus(StatusOptions.OFF))) {
            assertThat(World.ask(ALWAYS, PORT)).isEqualTo("answer");
            World.await(() -> agent.dataPlane().liveFlows() == 0, "it has ended");
            assertThat(agent.dataPlane().closedFlows().poll()).isNull();
        }
    }
}
