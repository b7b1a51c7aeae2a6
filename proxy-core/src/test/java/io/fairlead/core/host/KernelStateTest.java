package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.testing.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cleaning up (SEMANTICS A16.4); needs root and nft.
class KernelStateTest {

    private final Namespace node = new Namespace();
    private @TempDir Path folder;

    @BeforeEach
    void somebodyElseHasStateToo() {
        node.ip(
                "route add local 192.0.2.0/24 dev lo proto 99 table local",
                "route add unreachable 198.51.100.0/24 proto 99 table 10102",
                "rule add pref 7 fwmark 0x40 lookup 10102 protocol 99",
                "-6 rule add pref 7 fwmark 0x40 lookup 10102 protocol 99");
        node.exec("nft", "add table inet other");
        node.exec("nft", "add chain inet other fairlead");
        node.exec("nft", "add table ip fairlead");
    }

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private KernelState state() {
        return new KernelState(HostProgram.ip(), HostProgram.nft(), folder.resolve("fairlead"));
    }

    private String kernel() {
        return node.exec("ip", "-4", "route", "show", "table", "all")
                + node.exec("ip", "-6", "route", "show", "table", "all")
                + node.exec("ip", "rule")
                + node.exec("ip", "-6", "rule")
                + node.exec("nft", "list", "ruleset");
    }

    private void makeEverything() throws IOException {
        node.call(() -> {
            new LocalRoutes(HostProgram.ip())
                    .sync(Set.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd96::/112")), Map.of());
            new ReturnPath(HostProgram.ip(), HostProgram.nft()).install();
            return 0;
        });
        node.exec("nft", "add table bridge fairlead");
        Files.createDirectories(folder.resolve("fairlead/maps"));
        Files.createFile(folder.resolve("fairlead/maps/frontends"));
    }

    @Test
    void cleaningUpLeavesEverythingAsItWas() throws IOException {
        String before = kernel();
        makeEverything();
        assertThat(kernel()).isNotEqualTo(before);

        assertThat(node.call(state()::cleanup)).isEmpty();

        assertThat(kernel()).isEqualTo(before);
        assertThat(folder).isEmptyDirectory();
        assertThat(node.call(state()::list)).isEmpty();
    }

    @Test
    void cleaningUpAgainIsNoFailure() throws IOException {
        makeEverything();
        node.call(state()::cleanup);

        assertThat(node.call(state()::cleanup)).isEmpty();
    }

    @Test
    void oneListNamesAllThereIs() throws IOException {
        makeEverything();

        assertThat(node.call(state()::list))
                .containsExactly(
                        "IPv4 route local default dev lo table 10102 scope host",
                        "IPv4 route local 10.96.0.0/12 dev lo table local scope host metric 102",
                        "IPv4 rule 6: from all fwmark 0x1000/0x1000 iif lo goto 8 proto 102",
                        "IPv4 rule 7: from all fwmark 0x1000/0x1000 lookup 10102 proto 102",
                        "IPv4 rule 8: from all nop proto 102",
                        "IPv6 route local default dev lo table 10102 metric 1024 pref medium",
                        "IPv6 route local fd96::/112 dev lo table local metric 102 pref medium",
                        "IPv6 rule 6: from all fwmark 0x1000/0x1000 iif lo goto 8 proto 102",
                        "IPv6 rule 7: from all fwmark 0x1000/0x1000 lookup 10102 proto 102",
                        "IPv6 rule 8: from all nop proto 102",
                        "nft table inet fairlead",
                        "nft table bridge fairlead",
                        "BPF pin " + folder.resolve("fairlead/maps/frontends"),
                        "BPF pin " + folder.resolve("fairlead/maps"),
                        "BPF pin " + folder.resolve("fairlead"));
    }

    @Test
    void whatCouldNotBeRemovedIsSaidAndTheRestGoes() throws IOException {
        makeEverything();
        HostProgram none = new HostProgram("nft", "nftables", List.of(), Duration.ofSeconds(1), 1);

        assertThat(node.call(new KernelState(HostProgram.ip(), none, folder)::cleanup))
                .containsExactly("the program nft is not installed; install the package nftables");

        assertThat(node.call(state()::list))
                .containsExactly("nft table inet fairlead", "nft table bridge fairlead");
    }
}
