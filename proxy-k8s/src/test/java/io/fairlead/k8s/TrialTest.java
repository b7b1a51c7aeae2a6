package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An agent for Services of one service-proxy-name alone, on a node where a kube-proxy serves the
/// others by nftables (SEMANTICS A1.2; docs/trial.md).
class TrialTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int PORT = 8080;
    private static final String OURS = "10.96.0.10";
    private static final String THEIRS = "10.96.0.20";

    @TempDir private Path folder;

    private static Outcome ask(Host client, String vip) throws Exception {
        return new Client(client).connect(new InetSocketAddress(InetAddress.ofLiteral(vip), 80));
    }

    private static void assertServedBy(String backend, Host client, String vip) throws Exception {
        assertThat(ask(client, vip))
                .as("%s to %s", client, vip)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class, a -> assertThat(a.who()).isEqualTo(backend));
    }

    private static String labelled(String service) {
        return service.replace(
                "namespace: default}",
                "namespace: default, labels: {service.kubernetes.io/service-proxy-name: fairlead}}");
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a1_2_labelledServicesAreServedHereAndTheOthersByKubeProxyStill(CaptureMode capture)
            throws Exception {
        String b1 = LAB.b1().ipv4().getHostAddress();
        String b2 = LAB.b2().ipv4().getHostAddress();
        String world =
                LabAgent.node(LAB.n1())
                        + labelled(World.service("ours", OURS, 80, ""))
                        + World.slice("ours", b1, PORT)
                        + World.service("theirs", THEIRS, 80, "")
                        + World.slice("theirs", b2, PORT);
        try (KubeProxyRules _ = KubeProxyRules.lead(LAB.n1(), folder, THEIRS, LAB.b2(), PORT);
                WhoAmI _ = WhoAmI.start(LAB.b1(), PORT);
                WhoAmI _ = WhoAmI.start(LAB.b2(), PORT)) {
            assertServedBy("b2", LAB.p1(), THEIRS);
            try (LabAgent _ =
                    LabAgent.start(
                            LAB, folder, capture, world, "--service-proxy-name", "fairlead")) {
                assertServedBy("b1", LAB.p1(), OURS);
                assertServedBy("b2", LAB.p1(), THEIRS);
                assertServedBy("b2", LAB.n1(), THEIRS);
                // Dropped by kube-proxy's rules for what is in the range and not its own.
                assertThat(ask(LAB.n1(), OURS)).isInstanceOf(Outcome.Silent.class);
            }
            assertServedBy("b2", LAB.p1(), THEIRS);
        }
    }
}
