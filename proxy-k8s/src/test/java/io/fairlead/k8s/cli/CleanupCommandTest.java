package io.fairlead.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// `fairlead cleanup` in a network namespace of its own (SEMANTICS A16.4); needs root and nft.
class CleanupCommandTest {

    private static final String MAKE =
            """
            set -e
            exec 3<&0
            state() { ip route show table all; ip rule; ip -6 rule; nft list ruleset; }
            ip link set lo up
            ip route add local 192.0.2.1 dev lo table local
            before=$(state)
            ip route add local 10.96.0.0/12 dev lo proto 102 metric 102 table local
            ip rule add pref 7 fwmark 0x1000/0x1000 lookup 10102 protocol 102
            nft add table inet fairlead
            """;

    /// What a script prints in a namespace that ends with it; `fairlead` in it is the program.
    private static String run(String script) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                "unshare",
                                "--net",
                                "sh",
                                "-c",
                                "fairlead() { $JAVA io.fairlead.k8s.cli.Main \"$@\"; }\n" + script)
                        .redirectErrorStream(true);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment()
                .put(
                        "JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java")
                                + " --enable-native-access=ALL-UNNAMED");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    @Test
    void leavesTheKernelAsItWasAndMayBeRepeated() throws Exception {
        assertThat(
                        run(
                                MAKE
                                        + """
                                        fairlead cleanup && fairlead cleanup && echo "exit $?"
                                        [ "$(state)" = "$before" ] && echo same
                                        """))
                .isEqualTo("exit 0\nsame\n");
    }

    @Test
    void listNamesWhatThereIsAndRemovesNothing() throws Exception {
        assertThat(run(MAKE + "fairlead cleanup --list; fairlead cleanup --list | wc -l"))
                .isEqualTo(
                        """
                        IPv4 route local 10.96.0.0/12 dev lo table local scope host metric 102
                        IPv4 rule 7: from all fwmark 0x1000/0x1000 lookup 10102 proto 102
                        nft table inet fairlead
                        3
                        """);
    }

    @Test
    void whatIsLeftIsNamedAndTheExitCodeSaysSo() throws Exception {
        assertThat(
                        run(
                                MAKE
                                        + """
                                        set +e
                                        JAVA="setpriv --bounding-set -net_admin $JAVA"
                                        fairlead cleanup
                                        echo "exit $?"
                                        """))
                .contains(
                        "fairlead: left: 1 IPv4 routes of protocol 102 are left",
                        "fairlead: left: ip rule del pref 7",
                        "the agent needs CAP_NET_ADMIN",
                        "fairlead: left: nft")
                .endsWith("exit 1\n");
    }
}
