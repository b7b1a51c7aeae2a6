package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.host.HostConflicts.Finding;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Namespace;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Other proxies, their leftovers and firewalls are named (SEMANTICS A16.5); needs root and nft.
class HostConflictsTest {

    private static final List<Cidr> VIPS =
            List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd96::/112"));

    private final Namespace node = new Namespace();
    private @TempDir Path folder;

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private List<Finding> find() {
        return node.call(() -> new HostConflicts(HostProgram.ip(), HostProgram.nft()).find(VIPS));
    }

    @Test
    void nothingIsFoundOnAnEmptyNode() {
        assertThat(find()).isEmpty();
    }

    @Test
    void aLiveKubeProxyIsNamedInItsNetworkNamespaceOnly() throws IOException {
        Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("kube-proxy"));
        Process process = node.call(() -> new ProcessBuilder(program.toString(), "600").start());
        try (Namespace other = new Namespace()) {
            Eventually.eventually(
                    "the program runs",
                    () ->
                            process.info()
                                    .command()
                                    .map(c -> c.endsWith("kube-proxy"))
                                    .orElse(false));

            assertThat(find())
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.name()).isEqualTo("kube-proxy-running");
                        assertThat(finding.what()).contains("pid " + process.pid());
                        assertThat(finding.remedy()).contains("kube-proxy --cleanup");
                    });
            assertThat(
                            other.call(() ->
                                    new HostConflicts(HostProgram.ip(), HostProgram.nft())
                                            .find(VIPS)))
                    .isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    /// As inside k3s, or when the node's processes cannot be seen.
    @Test
    void whoeverHoldsKubeProxysPortsIsNamed() throws IOException {
        try (ServerSocket _ = node.call(() -> new ServerSocket(10256))) {
            assertThat(find())
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.name()).isEqualTo("kube-proxy-running");
                        assertThat(finding.what()).startsWith("port 10256, which is kube-proxy's");
                    });
        }
    }

    @Test
    void rulesOfAKubeProxyInNftablesModeAreNamed() {
        nft("add table ip kube-proxy", "add chain ip kube-proxy services");
        nft("add table ip6 kube-proxy", "add chain ip6 kube-proxy services");

        assertThat(find())
                .extracting(Finding::name, Finding::remedy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "kube-proxy-rules",
                                "end that kube-proxy, then run 'kube-proxy --cleanup' or 'nft delete"
                                        + " table ip kube-proxy'"),
                        org.assertj.core.groups.Tuple.tuple(
                                "kube-proxy-rules",
                                "end that kube-proxy, then run 'kube-proxy --cleanup' or 'nft delete"
                                        + " table ip6 kube-proxy'"));
    }

    @Test
    void rulesOfAKubeProxyInIptablesModeAreNamedAndTheKubeletsAreNot() {
        nft(
                "add table ip nat",
                "add chain ip nat KUBE-SERVICES",
                "add chain ip nat KUBE-SVC-NPX46M4PTMTKRN6Y",
                "add table ip mangle",
                "add chain ip mangle KUBE-KUBELET-CANARY",
                "add chain ip mangle KUBE-FIREWALL");

        assertThat(find())
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .startsWith("table ip nat of iptables-nft has 2 Service chains of a kube-proxy");
    }

    @Test
    void anInputPolicyThatDropsIsNamedUntilItLetsVipsIn() {
        nft(
                "add table ip filter",
                "add chain ip filter INPUT { type filter hook input priority 0; policy drop; }",
                "add rule ip filter INPUT ct state established accept");

        assertThat(find())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.name()).isEqualTo("input-drop");
                    assertThat(finding.what())
                            .startsWith("chain ip filter INPUT drops")
                            .contains("10.96.0.0/12");
                    assertThat(finding.remedy())
                            .startsWith(
                                    "let VIPs in: 'iptables -I INPUT -d 10.96.0.0/12 -j ACCEPT'");
                });

        nft("insert rule ip filter INPUT ip daddr 10.0.0.0/8 counter accept");
        assertThat(find()).isEmpty();
    }

    @Test
    void aLastRuleThatRejectsIsNamed() {
        nft(
                "add table inet firewalld",
                "add chain inet firewalld filter_INPUT { type filter hook input priority 10; }",
                "add rule inet firewalld filter_INPUT iifname lo accept",
                "add rule inet firewalld filter_INPUT reject with icmpx admin-prohibited");

        assertThat(find())
                .singleElement()
                .extracting(Finding::what)
                .asString()
                .contains("inet firewalld filter_INPUT", "10.96.0.0/12 and 1 more");
    }

    /// As ufw has it: user rules in chains that INPUT jumps to.
    @Test
    void chainsThatEveryPacketIsLedThroughCount() {
        nft(
                "add table ip filter",
                "add chain ip filter ufw-user-input",
                "add chain ip filter ufw-reject-input",
                "add chain ip filter INPUT { type filter hook input priority 0; policy accept; }",
                "add rule ip filter INPUT counter jump ufw-user-input",
                "add rule ip filter INPUT tcp dport 22 jump ufw-user-input",
                "add rule ip filter INPUT counter jump ufw-reject-input",
                "add rule ip filter ufw-reject-input counter reject");

        assertThat(find()).extracting(Finding::name).containsExactly("input-drop");

        nft("add rule ip filter ufw-user-input ip daddr 10.96.0.0/12 accept");
        assertThat(find()).isEmpty();
    }

    @Test
    void chainsThatSomePacketsAreLedThroughDoNot() {
        nft(
                "add table ip filter",
                "add chain ip filter trusted",
                "add chain ip filter INPUT { type filter hook input priority 0; policy drop; }",
                "add rule ip filter INPUT iifname eth1 jump trusted",
                "add rule ip filter trusted ip daddr 10.96.0.0/12 accept");

        assertThat(find()).extracting(Finding::name).containsExactly("input-drop");
    }

    @Test
    void aDroppingForwardOrOutputChainIsNotInTheWay() {
        nft(
                "add table inet f",
                "add chain inet f forward { type filter hook forward priority 0; policy drop; }",
                "add chain inet f input { type filter hook input priority 0; policy accept; }",
                "add rule inet f input tcp dport 23 drop");

        assertThat(find()).isEmpty();
    }

    @Test
    void whatTheOldIptablesHasIsNamed() throws IOException {
        Path save =
                Files.writeString(
                        folder.resolve("iptables-legacy-save"),
                        """
                        #!/bin/sh
                        echo '*filter'
                        echo ':INPUT DROP [0:0]'
                        echo '*nat'
                        echo ':KUBE-SERVICES - [0:0]'
                        """);
        Files.setPosixFilePermissions(save, PosixFilePermissions.fromString("rwx------"));

        assertThat(legacy(folder))
                .extracting(Finding::name)
                .containsExactly("kube-proxy-rules", "input-drop");
    }

    @Test
    void theOldIptablesThatCannotBeReadIsSaid() throws IOException {
        assertThat(legacy(folder.resolve("none")))
                .singleElement()
                .extracting(Finding::what)
                .isEqualTo(
                        "the old iptables has the tables nat, filter, which could not be looked at");
    }

    private List<Finding> legacy(Path programs) throws IOException {
        Path net = Files.createDirectories(folder.resolve("proc/thread-self/net"));
        Files.writeString(net.resolve("ip_tables_names"), "nat\nfilter\n");
        HostProgram save =
                new HostProgram(
                        "iptables-legacy-save",
                        "iptables",
                        List.of(programs),
                        Duration.ofMinutes(1),
                        1 << 20);
        return new LegacyRules(save, folder.resolve("proc")).find();
    }

    @Test
    void rulesThatCannotBeLookedAtAreSaid() {
        HostProgram none = new HostProgram("nft", "nftables", List.of(), Duration.ofSeconds(1), 1);

        assertThat(node.call(() -> new HostConflicts(HostProgram.ip(), none).find(VIPS)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.name()).isEqualTo("not-checked");
                    assertThat(finding.what()).contains("install the package nftables");
                });
    }

    private void nft(String... lines) {
        for (String line : lines) {
            node.exec("nft", line);
        }
    }
}
