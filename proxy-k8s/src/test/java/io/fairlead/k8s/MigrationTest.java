package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A node on its way from a kube-proxy in nftables mode to Fairlead and back, in the steps of
/// docs/migration.md. kube-proxy leads to b2, Fairlead to b1: so one sees who serves.
class MigrationTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int PORT = 8080;
    private static final String VIP = "10.96.0.10";

    /// The kernel follows and rewrites connections for somebody else as well, as it does for most
    /// CNIs: without any rule of that kind it would stop rewriting those of kube-proxy with
    /// kube-proxy's last rule, and take those of Fairlead for new when kube-proxy comes back.
    private static final String CNI =
            """
            table ip cni {
              chain input {
                type filter hook input priority 0; policy accept
                ct state established accept
              }
              chain leave {
                type nat hook postrouting priority srcnat; policy accept
                ip saddr 10.244.0.0/16 oifname "none" masquerade
              }
            }
            """;

    @TempDir private Path folder;

    private static InetSocketAddress vip() {
        return new InetSocketAddress(InetAddress.ofLiteral(VIP), 80);
    }

    private static void assertServedBy(String backend) throws Exception {
        for (Host client : new Host[] {LAB.p1(), LAB.n1()}) {
            assertThat(new Client(client).connect(vip()))
                    .as("%s", client)
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class, a -> assertThat(a.who()).isEqualTo(backend));
        }
    }

    private KubeProxyRules kubeProxy() throws Exception {
        return KubeProxyRules.lead(LAB.n1(), folder, VIP, LAB.b2(), PORT);
    }

    private static void assertLives(Socket connection, String says) throws IOException {
        byte[] line = (says + "\n").getBytes(UTF_8);
        connection.getOutputStream().write(line);
        assertThat(connection.getInputStream().readNBytes(line.length)).isEqualTo(line);
    }

    /// A connection whose greeting is read.
    private static Socket open() throws Exception {
        Socket connection = new Client(LAB.p1()).open(vip());
        int last;
        do {
            last = connection.getInputStream().read();
        } while (last != '\n' && last != -1);
        return connection;
    }

    /// kube-proxy, while Fairlead has a connection.
    private KubeProxyRules comesBack() throws Exception {
        try (Socket ofFairlead = open()) {
            KubeProxyRules rules = kubeProxy();
            assertServedBy("b2");
            assertLives(ofFairlead, "beside the rules that are back");
            return rules;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void thereAndBackConnectionsLiveAndNewOnesAreServedAtEachStep(CaptureMode capture)
            throws Exception {
        String world =
                LabAgent.node(LAB.n1())
                        + World.service("web", VIP, 80, "")
                        + World.slice("web", LAB.b1().ipv4().getHostAddress(), PORT);
        LAB.n1().netns().execWithInput(CNI, "nft", "-f", "-");
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), PORT);
                WhoAmI _ = WhoAmI.start(LAB.b2(), PORT)) {
            KubeProxyRules before = kubeProxy();
            assertServedBy("b2");
            try (Socket ofKubeProxy = open();
                    LabAgent agent = LabAgent.start(LAB, folder, capture, world)) {
                // Both are there: the rules meet packets first.
                assertServedBy("b2");
                before.close();
                assertServedBy("b1");
                assertLives(ofKubeProxy, "after the rules are gone");
                try (KubeProxyRules _ = comesBack()) {
                    assertLives(ofKubeProxy, "still");
                    agent.process().terminate();
                    assertThat(agent.process().exitCode()).isZero();
                    assertServedBy("b2");
                    assertLives(ofKubeProxy, "to the end");
                }
            }
        } finally {
            LAB.n1().exec("nft", "delete", "table", "ip", "cni");
        }
    }
}
