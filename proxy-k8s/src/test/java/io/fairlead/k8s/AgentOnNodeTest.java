package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.WhoAmI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What an agent leaves in the kernel of its node, however it ends, and two agents on one node
/// (SEMANTICS A16.4, A18).
class AgentOnNodeTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static WhoAmI backend;

    @TempDir private Path temporary;
    private NodeFixture node;
    private String before;

    @BeforeAll
    static void startBackend() {
        backend = WhoAmI.start(LAB.b1(), NodeFixture.BACKEND_PORT);
    }

    @BeforeEach
    void start() throws Exception {
        node = NodeFixture.in(LAB, temporary);
        before = node.kernel();
    }

    @AfterAll
    static void stopBackend() {
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpf", "listeners"})
    void a16_4_nothingIsLeftAfterSigterm(String capture) throws Exception {
        try (AgentProcess agent = node.agent("--capture", capture)) {
            assertThat(agent.awaitLine(line -> line.contains(" serves ")))
                    .contains(
                            "capture " + capture + " (asked for)",
                            "; backends see the client's address, IPv4 and IPv6");
            node.assertServed();
            agent.terminate();
            assertThat(agent.exitCode()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpf", "listeners"})
    void afterKill9TheNextAgentAdoptsWhatIsThere(String capture) throws Exception {
        String serving;
        try (AgentProcess first = node.agent("--capture", capture).awaitServing()) {
            node.assertServed();
            serving = node.kernel();
            first.kill();
        }
        try (AgentProcess second = node.agent("--capture", capture).awaitServing()) {
            node.assertServed();
            assertThat(node.kernel()).isEqualTo(serving).isNotEqualTo(before);
            second.terminate();
            assertThat(second.exitCode()).isZero();
        }
        assertThat(node.kernel()).isEqualTo(before);
    }

    /// A program goes with its process; routes and rules are adopted.
    @Test
    void a18_noProgramIsLeftOrDoubledByKill9() throws Exception {
        assertThat(programs()).isZero();
        for (int i = 0; i < 2; i++) {
            try (AgentProcess agent = node.agent("--capture", "bpf").awaitServing()) {
                assertThat(programs()).isOne();
                agent.kill();
                assertThat(programs()).isZero();
            }
        }
        cleanUp();
        assertThat(node.kernel()).isEqualTo(before);
    }

    /// Programs at the socket lookup of the node's namespace.
    private static int programs() throws Exception {
        return LAB.n1().run(() -> BpfPrograms.atSocketLookup(Path.of("/proc/thread-self/ns/net")));
    }

    private static void cleanUp() throws Exception {
        try (AgentProcess cleanup = AgentProcess.runOn(LAB.n1(), "cleanup")) {
            assertThat(cleanup.exitCode()).isZero();
            assertThat(cleanup.output()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"bpf, 1", "listeners, 2"})
    void a16_4_reversePathFiltersAreLeftAsTheyAre(String capture, int mode) throws Exception {
        LAB.reversePathFilter(mode);
        try {
            try (AgentProcess agent = node.agent("--capture", capture).awaitServing()) {
                agent.kill();
            }
            assertThat(node.kernel()).isNotEqualTo(before);
            cleanUp();
            assertThat(node.kernel()).isEqualTo(before);
            assertThat(LAB.n1().netns().sysctl("net/ipv4/conf/all/rp_filter"))
                    .isEqualTo(Integer.toString(mode));
        } finally {
            LAB.reversePathFilter(0);
        }
    }

    /// A node on its way from kube-proxy to Fairlead, at its worst.
    @Test
    void a16_5_aLiveKubeProxyItsRulesAndAFirewallAreNamedAndLeftAlone() throws Exception {
        Path program = Files.copy(Path.of("/bin/sleep"), temporary.resolve("kube-proxy"));
        Process kubeProxy =
                new ProcessBuilder(LAB.n1().netns().inside(List.of(program.toString(), "600")))
                        .start();
        LAB.n1().exec("nft", "add table ip kube-proxy");
        LAB.n1().exec("nft", "add table inet firewall");
        LAB.n1()
                .exec(
                        "nft",
                        "add chain inet firewall input { type filter hook input priority 0; policy"
                                + " drop; }");
        LAB.n1().exec("nft", "add chain ip kube-proxy services");
        String found = node.kernel();
        try {
            try (AgentProcess agent = node.agent().awaitServing()) {
                assertThat(agent.output())
                        .anySatisfy(line ->
                                assertThat(line)
                                        .contains(
                                                "Node",
                                                "a kube-proxy runs here, pid " + kubeProxy.pid(),
                                                "kube-proxy --cleanup"))
                        .anySatisfy(line ->
                                assertThat(line)
                                        .contains(
                                                "nft table ip kube-proxy holds the rules of a"
                                                        + " kube-proxy"))
                        .anySatisfy(line ->
                                assertThat(line)
                                        .contains(
                                                "chain inet firewall input drops",
                                                Lab.SERVICE_CIDR));
                agent.kill();
            }
            cleanUp();
            assertThat(node.kernel()).isEqualTo(found);
        } finally {
            kubeProxy.destroyForcibly().waitFor();
            LAB.n1().exec("nft", "delete table inet firewall");
            LAB.n1().exec("nft", "delete table ip kube-proxy");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpf", "listeners"})
    void a16_4_cleanupAfterKill9LeavesTheKernelAsItWas(String capture) throws Exception {
        try (AgentProcess agent = node.agent("--capture", capture).awaitServing()) {
            agent.kill();
        }
        assertThat(node.kernel()).isNotEqualTo(before);
        cleanUp();
        cleanUp();
        assertThat(node.kernel()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpf", "listeners"})
    void aSecondAgentSaysSoAndChangesNothing(String capture) throws Exception {
        try (AgentProcess first = node.agent("--capture", capture).awaitServing()) {
            String serving = node.kernel();
            try (AgentProcess second = node.agent("other-run-dir", List.of())) {
                assertThat(second.exitCode()).isOne();
                assertThat(second.output())
                        .containsExactly(
                                "fairlead: another fairlead agent, pid "
                                        + first.pid()
                                        + ", captures the VIPs of this network namespace; stop that"
                                        + " one first");
            }
            assertThat(node.kernel()).isEqualTo(serving);
            node.assertServed();
            first.kill();
        }
        cleanUp();
        assertThat(node.kernel()).isEqualTo(before);
    }

    @Test
    void a16_4_cleanupRefusesWhileAnAgentServesUnlessForced() throws Exception {
        try (AgentProcess agent = node.agent().awaitServing()) {
            String serving = node.kernel();
            try (AgentProcess cleanup = AgentProcess.runOn(LAB.n1(), "cleanup")) {
                assertThat(cleanup.exitCode()).isOne();
                assertThat(cleanup.output())
                        .singleElement()
                        .asString()
                        .startsWith("fairlead: another fairlead agent, pid " + agent.pid() + ", ")
                        .endsWith("; stop that one first, or take its Services down with --force");
            }
            assertThat(node.kernel()).isEqualTo(serving);
            try (AgentProcess cleanup = AgentProcess.runOn(LAB.n1(), "cleanup", "--force")) {
                assertThat(cleanup.exitCode()).isZero();
            }
            assertThat(node.kernel()).isEqualTo(before);
            agent.terminate();
            // Gone already is as good as removed.
            assertThat(agent.exitCode()).isZero();
        }
    }
}
