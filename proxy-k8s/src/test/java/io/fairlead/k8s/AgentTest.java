package io.fairlead.k8s;

import static io.fairlead.k8s.World.ask;
import static io.fairlead.k8s.World.awaitAnswer;
import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.udp.UdpCount;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent from manifests to connections.
class AgentTest {

    private static final String VIP = "127.9.1.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private World world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
    }

    @AfterEach
    void endWorld() throws IOException {
        world.close();
    }

    private Agent start() throws AgentException {
        return Agent.start(options("run"));
    }

    private AgentOptions options(String runDir) {
        return AgentOptions.of(world.folder(), "n1")
                .withThreads(2)
                .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                .withStatus(StatusOptions.OFF)
                .withRunDir(temporary.resolve(runDir));
    }

    private String web(String... slices) {
        return service("web", VIP, PORT, "") + String.join("", slices);
    }

    @Test
    void servesAndFollowsTheFolder() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        int b = world.backend("127.0.0.1", "b");
        world.write("web.yaml", web(slice("web", "127.0.0.1", a)));
        try (Agent agent = start()) {
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            world.write("web.yaml", web(slice("web", "127.0.0.1", b)));
            awaitAnswer(VIP, PORT, "b");
            world.write("web.yaml", web());
            awaitAnswer(VIP, PORT, "ConnectException");
            world.write("more.yaml", slice("web", "127.0.0.1", a));
            awaitAnswer(VIP, PORT, "a");
            world.delete("web.yaml");
            awaitAnswer(VIP, PORT, "ConnectException");
            assertThat(agent.problems()).isEmpty();
        }
    }

    @Test
    void aBrokenFileKeepsWhatItSaidAndIsReported() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        String good = web(slice("web", "127.0.0.1", a));
        world.write("web.yaml", good);
        try (Agent agent = start()) {
            world.write("web.yaml", good.substring(0, good.length() / 2) + "\n\t[");
            World.await(() -> !agent.problems().isEmpty(), "the file is reported");
            assertThat(agent.problems().getFirst().object()).contains("web.yaml");
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            world.write("web.yaml", good);
            World.await(() -> agent.problems().isEmpty(), "the problem is gone");
        }
    }

    @Test
    void servesBothFamiliesAndNodePorts() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        int six = world.backend("::1", "six");
        int nodePort = freePort();
        world.write(
                "web.yaml",
                service("web", VIP, PORT, ", nodePort: " + nodePort)
                                .replace("spec:", "spec:\n  type: NodePort")
                        + slice("web", "127.0.0.1", a)
                        + service("web6", "::1", PORT + 1, "")
                        + slice("web6", "::1", six));
        try (Agent agent = start()) {
            assertThat(agent.problems()).isEmpty();
            assertThat(ask("127.0.0.1", nodePort)).isEqualTo("a");
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            assertThat(ask("::1", PORT + 1)).isEqualTo("six");
        }
    }

    @Test
    void aVipInUseByAnotherProgramIsAProblemThatDisturbsNoOther() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        world.write(
                "web.yaml",
                web(slice("web", "127.0.0.1", a))
                        + service("held", "127.9.1.2", PORT, "")
                        + slice("held", "127.0.0.1", a));
        ServerSocket holder = new ServerSocket();
        holder.bind(new InetSocketAddress(InetAddress.ofLiteral("127.9.1.2"), PORT));
        try (Agent agent = start()) {
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            assertThat(agent.problems())
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.object()).isEqualTo("Service default/held");
                        assertThat(problem.message())
                                .contains("in use")
                                .contains("pid " + ProcessHandle.current().pid());
                    });
            holder.close();
            awaitAnswer("127.9.1.2", PORT, "a");
            World.await(() -> agent.problems().isEmpty(), "the problem is gone");
        } finally {
            holder.close();
        }
    }

    /// A VIP for an endpoint would lead a connection round and round until no descriptor is left.
    @Test
    void anEndpointThatIsAVipIsNotDialled() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        world.write(
                "web.yaml",
                web(slice("web", "127.0.0.1", a))
                        + service("self", "127.9.1.3", PORT, "")
                        + slice("self", "127.9.1.3", PORT)
                        + service("there", "127.9.1.4", PORT, "")
                        + slice("there", "127.9.1.5", PORT)
                        + service("back", "127.9.1.5", PORT, "")
                        + slice("back", "127.9.1.4", PORT));
        try (Agent agent = start()) {
            for (String vip : List.of("127.9.1.3", "127.9.1.4", "127.9.1.5")) {
                assertThatThrownBy(() -> ask(vip, PORT)).hasMessageContaining("Connection reset");
            }
            assertThat(agent.dataPlane().liveFlows()).isZero();
            assertThat(ask(VIP, PORT)).isEqualTo("a");
        }
    }

    @Test
    void tcpAndUdpOfOnePortAreServedSideBySide() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        try (DatagramSocket backend = new DatagramSocket(a, InetAddress.ofLiteral("127.0.0.1"))) {
            String tcp = service("web", "127.9.1.6", PORT, "") + slice("web", "127.0.0.1", a);
            world.write("tcp.yaml", tcp);
            world.write("udp.yaml", tcp.replace("TCP", "UDP").replace("web", "dns"));
            try (Agent agent = start();
                    DatagramSocket client = new DatagramSocket()) {
                assertThat(agent.problems()).isEmpty();
                assertThat(ask("127.9.1.6", PORT)).isEqualTo("a");
                client.send(
                        new DatagramPacket(
                                new byte[] {1, 2, 3}, 3, InetAddress.ofLiteral("127.9.1.6"), PORT));
                DatagramPacket got = new DatagramPacket(new byte[10], 10);
                backend.setSoTimeout(10_000);
                backend.receive(got);
                assertThat(got.getLength()).isEqualTo(3);
            }
        }
    }

    /// A11.1: configuration that changes reaches the flows.
    @Test
    void portsOfOneReplyChangeWhileTheAgentServes() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        try (DatagramSocket backend = new DatagramSocket(a, InetAddress.ofLiteral("127.0.0.1"))) {
            String yaml = service("dns", "127.9.1.7", PORT, "") + slice("dns", "127.0.0.1", a);
            world.write("udp.yaml", yaml.replace("TCP", "UDP"));
            try (Agent agent = start()) {
                agent.reconfigure(
                        options("run").with(d -> d.udp = d.udp.withQuestionPorts(Set.of(PORT))));
                Await.until(
                        "an answer ends a flow",
                        () -> {
                            exchange("127.9.1.7", backend);
                            return agent.dataPlane().counts().datagrams(UdpCount.ENDED_ANSWERED)
                                    > 0;
                        });
            }
        }
    }

    /// A new client asks and is answered.
    private static void exchange(String vip, DatagramSocket backend) {
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(10_000);
            backend.setSoTimeout(10_000);
            client.connect(InetAddress.ofLiteral(vip), PORT);
            client.send(new DatagramPacket(new byte[] {1}, 1));
            DatagramPacket got = new DatagramPacket(new byte[10], 10);
            backend.receive(got);
            backend.send(got);
            client.receive(new DatagramPacket(new byte[10], 10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFolderThatIsMissingEndsTheStartWithOneLine() {
        AgentOptions options =
                AgentOptions.of(temporary.resolve("nowhere"), "n1")
                        .withRunDir(temporary.resolve("run"))
                        .withStatus(StatusOptions.OFF);
        assertThatThrownBy(() -> Agent.start(options))
                .isInstanceOf(AgentException.class)
                .hasMessageContaining("nowhere")
                .hasMessageNotContainingAny("\n", "Exception");
    }

    @Test
    void oneAgentOwnsARunDirectory() throws Exception {
        try (Agent _ = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(AgentException.class)
                    .hasMessageContaining("pid " + ProcessHandle.current().pid())
                    .hasMessageContaining("--run-dir");
        }
        try (Agent again = start()) {
            assertThat(again.problems()).isEmpty();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
