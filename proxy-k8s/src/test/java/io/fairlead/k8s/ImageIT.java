package io.fairlead.k8s;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.Certificates;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.WhoAmI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The image that the build left, run as `deploy` says: its root file system alone, read-only, with
/// exactly the DaemonSet's capabilities, arguments and configuration, by the service account of a
/// scripted API server.
class ImageIT {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final Path DEFAULT = Path.of("..", "deploy", "overlays", "default");
    private static final Path CLEANUP = Path.of("..", "deploy", "cleanup.yaml");
    private static final String VIP = "10.96.0.10";
    private static final String TOKEN = "of-the-pod";

    /// By linux/capability.h.
    private static final Map<String, Integer> CAPABILITIES =
            Map.of(
                    "NET_BIND_SERVICE",
                    10,
                    "NET_ADMIN",
                    12,
                    "NET_RAW",
                    13,
                    "SYS_ADMIN",
                    21,
                    "BPF",
                    39);

    @TempDir private static Path unpacked;
    private static ImageRoot image;

    @TempDir private Path folder;
    private NodeFixture node;
    private FakeApiServer api;
    private Forwarder apiOnNode;

    @BeforeAll
    static void unpack() throws Exception {
        image = ImageRoot.unpack(unpacked);
    }

    @BeforeEach
    void cluster() throws Exception {
        node = new NodeFixture(LAB, folder);
        Certificates certificates = new Certificates(folder);
        certificates.make("server", "EC");
        Files.createDirectory(folder.resolve("run"));
        Path account = Files.createDirectory(folder.resolve("account"));
        Files.writeString(account.resolve("token"), TOKEN);
        Files.writeString(account.resolve("ca.crt"), certificates.certificate("server"));
        Files.writeString(
                Files.createDirectory(folder.resolve("etc")).resolve("config.yaml"),
                Kustomization.render(DEFAULT).stream()
                        .filter(o -> o.get("kind").asString().equals("ConfigMap"))
                        .findFirst()
                        .orElseThrow()
                        .at("/data/config.yaml")
                        .asString());
        api = new FakeApiServer(certificates.server("server", List.of()));
        api.requireToken(TOKEN);
        api.put("nodes", "n1", ",\"spec\":{\"podCIDRs\":[\"10.244.1.0/24\"]}");
        api.put("servicecidrs", "kubernetes", ApiObjects.serviceCidr(Lab.SERVICE_CIDR));
        api.put("services", "web", ApiObjects.service(VIP, 80));
        api.put(
                "endpointslices",
                "web-1",
                ApiObjects.slice(
                        "web", LAB.b1().ipv4().getHostAddress(), NodeFixture.BACKEND_PORT));
        apiOnNode = Forwarder.on(LAB.n1(), api.uri());
    }

    @AfterEach
    void end() throws Exception {
        apiOnNode.close();
        api.close();
    }

    /// The container of the manifest, with these arguments in the place of its own.
    private AgentProcess container(List<String> arguments) throws Exception {
        return image.run(
                LAB.n1(),
                List.of(folder.resolve("run"), folder.resolve("etc"), folder.resolve("account")),
                DeployTest.capabilities(),
                Map.of(
                        "NODE_NAME",
                        "n1",
                        "KUBERNETES_SERVICE_HOST",
                        apiOnNode.uri().getHost(),
                        "KUBERNETES_SERVICE_PORT",
                        "" + apiOnNode.uri().getPort()),
                arguments);
    }

    private static List<String> arguments(Path file, String container) {
        return Kustomization.render(file).stream()
                .filter(o -> o.get("kind").asString().equals("DaemonSet"))
                .map(o -> o.at("/spec/template/spec/" + container + "/0/args"))
                .flatMap(JsonNode::valueStream)
                .map(a -> a.asString().replace("$(NODE_NAME)", "n1"))
                .toList();
    }

    private AgentProcess agent() throws Exception {
        return container(arguments(DEFAULT, "containers"));
    }

    private static String status(AgentProcess agent, String key) throws Exception {
        return Files.readAllLines(Path.of("/proc", "" + agent.pid(), "status")).stream()
                .filter(l -> l.startsWith(key + ":"))
                .map(l -> l.substring(key.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void servesAsTheDaemonSetRunsItAndLeavesNothing() throws Exception {
        String before = node.kernel();
        long start = System.nanoTime();
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), NodeFixture.BACKEND_PORT);
                AgentProcess agent = agent()) {
            assertThat(agent.awaitLine(line -> line.contains(" serves ")))
                    .contains(
                            "capture bpf (the kernel allows it)",
                            "backends see the client's address");
            node.assertServed(LAB.p1(), VIP, LAB.p1().ipv4());
            long served = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            System.out.printf(
                    "image: first connection served after %d ms, VmRSS %s%n",
                    served, status(agent, "VmRSS"));
            node.assertServed(LAB.n1(), VIP, null);
            node.assertServed(LAB.out(), VIP, LAB.n1().ipv4());
            assertHasOnlyItsCapabilities(agent);
            assertThat(LAB.n1().exec("curl", "-sf", "http://127.0.0.1:10256/healthz")).isNotEmpty();
            assertAnswersInTheContainer();
            agent.terminate();
            assertThat(agent.exitCode()).as("%s", agent.output()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    private static void assertHasOnlyItsCapabilities(AgentProcess agent) throws Exception {
        long mask = 0;
        for (String capability : DeployTest.capabilities()) {
            mask |= 1L << requireNonNull(CAPABILITIES.get(capability));
        }
        for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
            assertThat(Long.parseLong(status(agent, set), 16)).as(set).isEqualTo(mask);
        }
        assertThat(status(agent, "NoNewPrivs")).isEqualTo("1");
    }

    /// As `kubectl exec` would ask.
    private void assertAnswersInTheContainer() throws Exception {
        try (AgentProcess status = container(List.of("status"))) {
            assertThat(status.exitCode()).as("%s", status.output()).isZero();
            assertThat(status.output()).anySatisfy(l -> assertThat(l).contains("bpf"));
        }
    }

    @Test
    void aNewContainerTakesOverFromTheOldOne() throws Exception {
        String before = node.kernel();
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), NodeFixture.BACKEND_PORT);
                AgentProcess old = agent().awaitServing();
                AgentProcess next = agent()) {
            next.awaitServing();
            node.assertServed(LAB.p1(), VIP, LAB.p1().ipv4());
            old.terminate();
            assertThat(old.exitCode()).as("%s", old.output()).isZero();
            node.assertServed(LAB.p1(), VIP, LAB.p1().ipv4());
            next.terminate();
            assertThat(next.exitCode()).as("%s", next.output()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    @Test
    void whatAKilledContainerLeftIsCleanedUp() throws Exception {
        String before = node.kernel();
        try (AgentProcess agent = agent()) {
            agent.awaitServing();
            agent.kill();
        }
        assertThat(node.kernel()).isNotEqualTo(before);
        try (AgentProcess cleanup = container(arguments(CLEANUP, "initContainers"))) {
            assertThat(cleanup.exitCode()).as("%s", cleanup.output()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
        Files.delete(folder.resolve("etc/config.yaml"));
        try (AgentProcess wait = bare(Map.of(), arguments(CLEANUP, "containers"))) {
            wait.awaitServing().terminate();
            assertThat(wait.exitCode()).as("%s", wait.output()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    /// Without any capability.
    private AgentProcess bare(Map<String, String> environment, List<String> arguments)
            throws Exception {
        return image.run(
                LAB.n1(),
                List.of(folder.resolve("run"), folder.resolve("etc"), folder.resolve("account")),
                List.of(),
                environment,
                arguments);
    }

    @Test
    void theStartUpCacheOfTheImageIsUsed() throws Exception {
        // The JVM ends where it cannot use it.
        try (AgentProcess version =
                bare(Map.of("JDK_JAVA_OPTIONS", "-XX:AOTMode=on"), List.of("version"))) {
            assertThat(version.exitCode()).as("%s", version.output()).isZero();
            assertThat(version.output().getLast()).startsWith("fairlead ");
        }
    }
}
