package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.handover.Greeting;
import io.fairlead.core.handover.HandOverClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients, load balancers and operators see of one process that takes over from another, on
/// loopback.
class TakeOverTest {

    private static final String VIP = "127.9.5.1";
    private static final String OTHER_VIP = "127.9.5.2";
    private static final int PORT = 8080;
    private static final int HEALTH = 10_256;

    @TempDir private Path temporary;

    private World world;
    private ServerSocket backend;
    private int serviceHealth;
    private boolean inPod;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        backend = World.echo();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            serviceHealth = free.getLocalPort();
        }
        String local =
                "spec:\n  type: LoadBalancer\n  allocateLoadBalancerNodePorts: false\n"
                        + "  externalTrafficPolicy: Local\n  healthCheckNodePort: "
                        + serviceHealth;
        world.write(
                "web.yaml",
                service("web", VIP, PORT, "").replace("spec:", local)
                        + slice("web", "127.0.0.1", backend.getLocalPort())
                                .replace("conditions:", "nodeName: n1, conditions:"));
    }

    @AfterEach
    void endWorld() throws IOException {
        backend.close();
        world.close();
    }

    private Path runDir() {
        return temporary.resolve("run");
    }

    private AgentProcess start(Object... more) throws Exception {
        return startWithHealthAt(VIP, more);
    }

    private AgentProcess startWithHealthAt(String address, Object... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(
                        List.of(
                                "agent",
                                "--capture",
                                "loopback",
                                "--manifests",
                                world.folder(),
                                "--node-name",
                                "n1",
                                "--healthz-bind-address",
                                address + ":" + HEALTH,
                                "--metrics-bind-address",
                                "off",
                                "--run-dir",
                                runDir()));
        arguments.addAll(List.of(more));
        return inPod
                ? AgentProcess.startUnder(
                        List.of("env", "KUBERNETES_SERVICE_HOST=10.96.0.1"), arguments.toArray())
                : AgentProcess.start(arguments.toArray());
    }

    private AgentProcess successor(Object... more) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of("--takeover"));
        arguments.addAll(List.of(more));
        return start(arguments.toArray());
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

    /// The first line of the answer on a connection of its own.
    private static String health(String address, int port, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 30_000);
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(
                            ("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.lines().findFirst().orElse("nothing");
        }
    }

    private static final String GOOD = "HTTP/1.1 200 OK";

    @Test
    void withoutAnAgentItStartsAsUsual() throws Exception {
        try (AgentProcess agent = successor().awaitServing();
                Socket client = client()) {
            assertEchoes(client);
            assertThat(health(VIP, HEALTH, "/healthz")).isEqualTo(GOOD);
            assertThat(agent.output()).noneMatch(l -> l.contains("takes over"));
        }
    }

    @Test
    void aFlowOfTheOldOneLivesUntilItEndsAndNewClientsAreTheNewOnes() throws Exception {
        try (AgentProcess old = start().awaitServing()) {
            Socket before = client();
            try (AgentProcess next = successor().awaitServing()) {
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

    @Test
    void whatIsLeftAtTheEndOfTheDrainTimeIsCutAndSaid() throws Exception {
        Path config =
                Files.writeString(
                        temporary.resolve("config.yaml"),
                        """
                        apiVersion: fairlead.io/v1alpha1
                        kind: FairleadConfiguration
                        flows: {stopDrain: 1s}
                        """);
        try (AgentProcess old = start("--config", config).awaitServing();
                Socket _ = client();
                AgentProcess _ = successor().awaitServing()) {
            assertThat(old.exitCode()).isZero();
            assertThat(old.output()).anyMatch(l -> l.contains("1 flows were open and are cut"));
        }
    }

    /// Else load balancers would take the node out.
    @Test
    void healthChecksAreAnsweredWellThroughout() throws Exception {
        Queue<String> bad = new ConcurrentLinkedQueue<>();
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        AgentProcess serving = start().awaitServing();
        try {
            World.await(() -> isGood(serviceHealth), "the Service has a health check port");
            Thread prober =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (!over.get()) {
                                    probe(VIP, HEALTH, "/healthz", bad);
                                    probe(VIP, HEALTH, "/livez", bad);
                                    probe("127.0.0.1", serviceHealth, "/", bad);
                                    asked.incrementAndGet();
                                }
                            });
            for (int i = 0; i < 2; i++) {
                AgentProcess old = serving;
                serving = successor().awaitServing();
                assertThat(old.exitCode()).isZero();
                int now = asked.get();
                World.await(() -> asked.get() > now + 20, "the new one is asked");
            }
            over.set(true);
            prober.join();
            assertThat(bad).isEmpty();
        } finally {
            over.set(true);
            serving.close();
        }
    }

    private boolean isGood(int port) {
        try {
            return health("127.0.0.1", port, "/").equals(GOOD);
        } catch (IOException _) {
            return false;
        }
    }

    private static void probe(String address, int port, String path, Queue<String> bad) {
        try {
            String answer = health(address, port, path);
            if (!answer.equals(GOOD)) {
                bad.add(path + ": " + answer);
            }
        } catch (IOException e) {
            bad.add(path + ": " + e);
        }
    }

    /// A supervisor ends the old one as soon as the new one is there, which may be too soon.
    @Test
    void anAgentThatIsToldToEndWaitsForTheOneThatIsAboutToTakeOver() throws Exception {
        try (AgentProcess old = start().awaitServing()) {
            FileChannel startLock = holdStartLock();
            try (startLock) {
                old.terminate();
                old.awaitLine(l -> l.contains("another agent is about to take over"));
                assertThat(health(VIP, HEALTH, "/healthz")).isEqualTo(GOOD);
                try (Socket client = client()) {
                    assertEchoes(client);
                }
            }
            assertThat(old.exitCode()).isZero();
        }
    }

    private FileChannel holdStartLock() throws IOException {
        FileChannel channel =
                FileChannel.open(runDir().resolve("start.lock"), StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        assertThat(lock.isValid()).isTrue();
        return channel;
    }

    @Test
    void ofTwoSuccessorsTheSecondSaysSo() throws Exception {
        try (AgentProcess old = start().awaitServing();
                FileChannel _ = holdStartLock();
                AgentProcess second = successor()) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output())
                    .anyMatch(l ->
                            l.contains("another fairlead agent is starting or taking over with"));
            try (Socket client = client()) {
                assertEchoes(client);
            }
            old.terminate();
        }
    }

    @Test
    void withoutTheOptionASecondAgentEndsAndNamesIt() throws Exception {
        try (AgentProcess _ = start().awaitServing();
                AgentProcess second = start()) {
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output())
                    .anyMatch(l -> l.contains("take over from it with --takeover"));
        }
    }

    @Test
    void anAgentOfAnUnknownVersionIsMadeRoomFor() throws Exception {
        try (AgentProcess old = start().awaitServing()) {
            Socket before = client();
            try (HandOverClient stranger = Objects.requireNonNull(HandOverClient.find(runDir()))) {
                assertThatThrownBy(() -> stranger.greet(new Greeting(7, 9, namespace(), "9.0")))
                        .hasMessageContaining("not 7 to 9");
                stranger.retire();
            }
            try (before;
                    AgentProcess next = start().awaitServing();
                    Socket after = client()) {
                assertThat(old.output())
                        .anyMatch(l ->
                                l.contains("an agent of version 9.0 takes the place of this one"));
                assertEchoes(before);
                assertEchoes(after);
                next.terminate();
            }
            assertThat(old.exitCode()).isZero();
        }
    }

    private static long namespace() throws IOException {
        String name = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        return Long.parseLong(name.replaceAll("\\D", ""));
    }

    /// Else kubelet would start it again before the pod is deleted, and it would take over back.
    @Test
    void inAPodTheOldOneEndsWhenItIsToldToAndNotBefore() throws Exception {
        inPod = true;
        try (AgentProcess old = start().awaitServing()) {
            inPod = false;
            try (AgentProcess next = successor().awaitServing()) {
                old.awaitLine(l -> l.contains("no flow is left here; ends with its pod"));
                old.terminate();
                assertThat(old.exitCode()).isZero();
                try (Socket client = client()) {
                    assertEchoes(client);
                }
                next.terminate();
                assertThat(next.exitCode()).isZero();
            }
        }
    }

    /// More event loops, another address for health, another folder with one Service more.
    @Test
    void aSuccessorMayBeConfiguredOtherwise() throws Exception {
        try (AgentProcess old = start("--threads", "1").awaitServing()) {
            world.write(
                    "more.yaml",
                    service("more", OTHER_VIP, PORT, "")
                            + slice("more", "127.0.0.1", backend.getLocalPort()));
            try (AgentProcess next =
                    startWithHealthAt(OTHER_VIP, "--takeover", "--threads", "3").awaitServing()) {
                assertThat(old.exitCode()).isZero();
                for (int i = 0; i < 10; i++) {
                    client().close();
                }
                assertThat(health(OTHER_VIP, HEALTH, "/healthz")).isEqualTo(GOOD);
                assertThatThrownBy(() -> health(VIP, HEALTH, "/healthz"))
                        .isInstanceOf(IOException.class);
                next.terminate();
                assertThat(next.exitCode()).isZero();
            }
        }
    }
}
