package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpFamily;
import io.fairlead.core.testing.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the return path leaves in the kernel, and that it stays so; needs root and nft.
class ReturnPathStateTest {

    private final Namespace node = new Namespace();
    private final ReturnPath returnPath = new ReturnPath(HostProgram.ip(), HostProgram.nft());

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private void install() {
        node.call(() -> {
            returnPath.install();
            return 0;
        });
        assertThat(returnPath.failures()).isEmpty();
    }

    /// Everything there is in the kernel of the node.
    private String state() {
        return node.exec("ip", "route", "show", "table", "all")
                + node.exec("ip", "-6", "route", "show", "table", "all")
                + node.exec("ip", "rule")
                + node.exec("ip", "-6", "rule")
                + node.exec("nft", "list", "ruleset");
    }

    @Test
    void installingAgainChangesNothing() {
        install();
        String once = state();

        install();
        ReturnPath successor = new ReturnPath(HostProgram.ip(), HostProgram.nft());
        assertThat(node.call(successor::recheck)).isEmpty();

        assertThat(state()).isEqualTo(once);
    }

    @Test
    void removalLeavesEverythingAsItWas() {
        String before = state();
        install();
        assertThat(state()).isNotEqualTo(before);

        node.call(() -> {
            returnPath.close();
            return 0;
        });

        assertThat(returnPath.failures()).isEmpty();
        assertThat(state()).isEqualTo(before);
    }

    /// OPERATIONS B2, fault 24: somebody flushes our table or rules.
    @Test
    void whatSomebodyRemovesOrChangesIsPutRight() {
        install();
        String before = state();
        node.exec("nft", "flush", "ruleset");
        node.ip(
                "rule del pref 7",
                "-6 rule del pref 8",
                "rule add pref 7 fwmark 0x2000 lookup 10102 protocol 102",
                "route flush table 10102");

        assertThat(node.call(returnPath::recheck))
                .containsExactly(
                        "IPv4 route in table 10102",
                        "IPv4 rule 7: from all fwmark 0x1000/0x1000 lookup 10102 proto 102",
                        "IPv4 stray rule 7: from all fwmark 0x2000 lookup 10102 proto 102",
                        "IPv6 rule 8: from all nop proto 102",
                        "nft chain return_path of the table inet fairlead");
        assertThat(state()).isEqualTo(before);
        assertThat(node.call(returnPath::recheck)).isEmpty();
    }

    @Test
    void withoutIpv6TheOtherFamilyWorks() {
        node.sysctl("net/ipv6/conf/all/disable_ipv6", "1");

        node.call(() -> {
            returnPath.install();
            return 0;
        });

        assertThat(returnPath.failures()).containsOnlyKeys(IpFamily.IPV6);
        assertThat(returnPath.failures().get(IpFamily.IPV6)).contains("IPv6 is disabled");
    }

    @Test
    void withoutNftItSaysWhatToInstall() {
        ReturnPath none =
                new ReturnPath(
                        HostProgram.ip(),
                        new HostProgram("nft", "nftables", List.of(), Duration.ofSeconds(1), 1));

        node.call(() -> {
            none.install();
            return 0;
        });

        assertThat(none.failures())
                .containsEntry(
                        IpFamily.IPV4,
                        "the program nft is not installed; install the package nftables")
                .containsKey(IpFamily.IPV6);
    }

    @Test
    void nftThatIsRemovedMeanwhileIsSaidAndWhatItMadeTooUntilItIsBack(@TempDir Path folder)
            throws IOException {
        Path program = folder.resolve("nft");
        Path real = HostProgram.nft().find().orElseThrow();
        Files.createSymbolicLink(program, real);
        ReturnPath mine =
                new ReturnPath(
                        HostProgram.ip(),
                        new HostProgram(
                                "nft",
                                "nftables",
                                List.of(folder),
                                Duration.ofMinutes(1),
                                1 << 20));
        run(mine::install);
        assertThat(mine.failures()).isEmpty();
        Files.delete(program);
        run(mine::recheck);
        assertThat(mine.failures())
                .containsEntry(
                        IpFamily.IPV4,
                        "the program nft is not installed; install the package nftables")
                .containsKey(IpFamily.IPV6);
        Files.createSymbolicLink(program, real);
        run(mine::recheck);
        assertThat(mine.failures()).isEmpty();
        Files.delete(program);
        run(mine::close);
        assertThat(mine.failures())
                .containsEntry(
                        IpFamily.IPV4,
                        "nft table inet fairlead is left, for the program nft (package nftables) is"
                                + " gone; install it again, then run 'fairlead cleanup'");
    }

    private void run(Runnable task) {
        node.call(() -> {
            task.run();
            return 0;
        });
    }
}
