package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Node n1 of a lab as an agent finds it: manifests with its Node and one Service of each family,
/// and what the kernel holds.
record NodeFixture(Lab lab, Path folder) {

    static final int BACKEND_PORT = 8080;

    private static final String NODE =
            """
            ---
            apiVersion: v1
            kind: Node
            metadata: {name: n1}
            spec: {podCIDRs: ["10.244.1.0/24", "fd00:10:244:1::/64"]}
            status:
              addresses:
              - {type: InternalIP, address: 192.168.50.1}
              - {type: InternalIP, address: "fd00:50::1"}
            """;

    /// With b1 as the backend.
    static NodeFixture in(Lab lab, Path folder) throws IOException {
        Files.createDirectories(folder.resolve("manifests"));
        Files.writeString(
                folder.resolve("manifests/web.yaml"),
                NODE
                        + service("web", "10.96.0.10", 80, "")
                        + slice("web", lab.b1().ipv4().getHostAddress(), BACKEND_PORT)
                        + service("web6", "fd00:10:96::10", 80, "")
                        + slice("web6", lab.b1().ipv6().getHostAddress(), BACKEND_PORT));
        return new NodeFixture(lab, folder);
    }

    /// An agent on the node.
    ///
    /// @param under the program that it is run by
    AgentProcess agent(String runDir, List<String> under, String... more) throws IOException {
        List<Object> arguments =
                new ArrayList<>(
                        List.of("--service-cidr", Lab.SERVICE_CIDR + "," + Lab.SERVICE_CIDR6));
        arguments.addAll(List.of(more));
        return AgentProcess.startOn(
                under,
                lab.n1(),
                folder.resolve("manifests"),
                folder.resolve(runDir),
                arguments.toArray());
    }

    AgentProcess agent(String... more) throws IOException {
        return agent("run", List.of(), more);
    }

    /// Everything that an agent may make, as the kernel shows it.
    String kernel() {
        Host n1 = lab.n1();
        return String.join(
                "\n",
                n1.exec("ip", "-4", "route", "show", "table", "all"),
                n1.exec("ip", "-6", "route", "show", "table", "all"),
                n1.exec("ip", "-4", "rule"),
                n1.exec("ip", "-6", "rule"),
                n1.exec("nft", "-s", "list", "ruleset"),
                n1.exec("ls", "/sys/fs/bpf"));
    }

    Outcome ask(Host client, String vip) throws Exception {
        return new Client(client).connect(new InetSocketAddress(InetAddress.ofLiteral(vip), 80));
    }

    /// @param seen the address that the backend sees; null for any
    void assertServed(Host client, String vip, @Nullable InetAddress seen) throws Exception {
        assertThat(ask(client, vip))
                .as("from %s to %s", client, vip)
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answer -> {
                            assertThat(answer.who()).isEqualTo("b1");
                            if (seen != null) {
                                assertThat(answer.seen()).isEqualTo(seen);
                            }
                        });
    }

    /// By pods with their own addresses, by the node and from outside with the node's.
    void assertServed() throws Exception {
        assertServed(lab.p1(), "10.96.0.10", lab.p1().ipv4());
        assertServed(lab.p1(), "fd00:10:96::10", lab.p1().ipv6());
        assertServed(lab.n1(), "10.96.0.10", null);
        assertServed(lab.out(), "10.96.0.10", lab.n1().ipv4());
    }
}
