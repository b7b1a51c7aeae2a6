package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The agent as a process on a node of the lab.
class AgentInLabTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final String VIP = "10.96.0.10";
    private static final int BACKEND_PORT = 8080;

    @TempDir private Path temporary;

    private static Outcome ask(Host client) throws Exception {
        return new Client(client).connect(new InetSocketAddress(InetAddress.ofLiteral(VIP), 80));
    }

    private static void assertServed() throws Exception {
        for (Host client : List.of(LAB.p1(), LAB.n1(), LAB.out())) {
            assertThat(ask(client))
                    .as("from %s", client)
                    .isInstanceOfSatisfying(
                            Outcome.Answered.class,
                            answer -> assertThat(answer.who()).isEqualTo("b1"));
        }
    }

    @Test
    void servesItsNodeAndServesAgainAfterKill9() throws Exception {
        Path manifests = Files.createDirectory(temporary.resolve("manifests"));
        Files.writeString(
                manifests.resolve("web.yaml"),
                service("web", VIP, 80, "")
                        + slice("web", LAB.b1().ipv4().getHostAddress(), BACKEND_PORT));
        LAB.n1().ip("route add local " + VIP + " dev lo src 192.168.50.1");
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), BACKEND_PORT);
                AgentProcess first =
                        AgentProcess.startOn(LAB.n1(), manifests, temporary.resolve("run"))) {
            first.awaitServing();
            assertServed();
            first.kill();
            assertThat(ask(LAB.p1())).isEqualTo(new Outcome.Refused());
            try (AgentProcess second =
                    AgentProcess.startOn(LAB.n1(), manifests, temporary.resolve("run"))) {
                second.awaitServing();
                assertServed();
                second.terminate();
                assertThat(second.exitCode()).isZero();
            }
        }
    }
}
