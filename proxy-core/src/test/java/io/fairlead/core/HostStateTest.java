package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.Services;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a data plane makes of its node's kernel: kept as it should be, and what it cannot make is
/// made up for (SEMANTICS A6, A10.5, A16.4, A18.1).
class HostStateTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.with(Lab.Part.BRIDGE);

    private static final int BACKEND_PORT = 8080;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicLong nowNs = new AtomicLong();
    private final Host n1 = LAB.n1();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void whatSomebodyRemovesIsBackAtTheNextCheck(CaptureMode mode) throws Exception {
        DataPlane plane = serving(mode, LAB.b1());
        String right = kernel();
        n1.exec("ip", "route", "flush", "table", "all", "proto", "102");
        n1.exec("ip", "-6", "route", "flush", "table", "all", "proto", "102");
        n1.exec("ip", "rule", "del", "pref", "7");
        n1.exec("nft", "flush", "ruleset");
        assertThat(ask(LAB.p1(), IpFamily.IPV4)).isNotInstanceOf(Outcome.Answered.class);
        check(plane);
        assertThat(kernel()).isEqualTo(right);
        assertThat(seen(LAB.p1(), IpFamily.IPV4)).isEqualTo(LAB.p1().ipv4());
        assertThat(seen(LAB.p1(), IpFamily.IPV6)).isEqualTo(LAB.p1().ipv6());
    }

    @ParameterizedTest
    @EnumSource(names = {"BPF", "LISTENERS"})
    void a6_5_aHostDaemonOnEveryAddressDoesNotAnswerAtAVip(CaptureMode mode) throws Exception {
        serving(mode, LAB.b1());
        try (ServerSocket _ = n1.run(() -> new ServerSocket(8443))) {
            for (IpFamily family : IpFamily.values()) {
                assertThat(
                                new Client(LAB.p1())
                                        .connect(
                                                new InetSocketAddress(
                                                        vip(family).toInetAddress(), 8443)))
                        .as("%s", family)
                        .isEqualTo(new Outcome.Refused());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a18_1_aPodSeesTheAddressOfAClientOnItsOwnBridge(IpFamily family) throws Exception {
        serving(CaptureMode.BPF, LAB.host("br2"));
        assertThat(seen(LAB.host("br1"), family)).isEqualTo(address(LAB.host("br1"), family));
    }

    /// Nothing is led up from the bridge in that family: the answer would go to the client itself.
    @Test
    void a18_1_aPodSeesTheNodeWhereItsBridgeCannotBeHandled() throws Exception {
        n1.netns().sysctl("net/ipv6/conf/all/forwarding", "0");
        open.add(() -> n1.netns().sysctl("net/ipv6/conf/all/forwarding", "1"));
        DataPlane plane = serving(CaptureMode.BPF, LAB.host("br2"));
        assertThat(plane.hostProblems())
                .anySatisfy(line ->
                        assertThat(line).contains("cni0", "set net.ipv6.conf.all.forwarding to 1"));
        assertThat(seen(LAB.host("br1"), IpFamily.IPV6)).isNotEqualTo(LAB.host("br1").ipv6());
        assertThat(seen(LAB.host("br1"), IpFamily.IPV4)).isEqualTo(LAB.host("br1").ipv4());
        assertThat(seen(LAB.p1(), IpFamily.IPV6)).isEqualTo(LAB.p1().ipv6());
    }

    /// Which bridges hold pods cannot be told then, and frames of other networks are left alone.
    @ParameterizedTest
    @EnumSource
    void a10_2_withoutPodRangesNeighboursOnABridgeSeeTheNode(IpFamily family) throws Exception {
        serving(CaptureMode.BPF, List.of(), LAB.host("br2"));
        assertThat(seen(LAB.host("br1"), family)).isNotEqualTo(address(LAB.host("br1"), family));
        assertThat(seen(LAB.p1(), family)).isEqualTo(address(LAB.p1(), family));
        assertThat(kernel()).doesNotContain("table bridge");
    }

    @Test
    void a16_5_aFirewallThatDropsVipTrafficIsNamedWhileItIsThere() throws Exception {
        n1.exec("nft", "add table inet fw");
        open.add(() -> n1.exec("nft", "flush", "ruleset"));
        n1.exec("nft", "add chain inet fw in { type filter hook input priority 0; policy drop; }");
        DataPlane plane = serving(CaptureMode.BPF, LAB.b1());
        assertThat(plane.hostProblems())
                .singleElement()
                .asString()
                .startsWith("chain inet fw in drops what its rules do not let in");
        n1.exec("nft", "delete", "table", "inet", "fw");
        untilChecked(plane, () -> plane.hostProblems().isEmpty());
    }

    @Test
    void a16_5_aKubeProxyThatComesLaterIsNamedWhileItRuns(@TempDir Path folder) throws Exception {
        DataPlane plane = serving(CaptureMode.BPF, LAB.b1());
        assertThat(plane.hostProblems()).isEmpty();
        Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("kube-proxy"));
        Process process =
                new ProcessBuilder(n1.netns().inside(List.of(program.toString(), "600"))).start();
        open.add(() -> process.destroyForcibly().waitFor());
        String named =
                "a kube-proxy runs here, pid " + process.pid() + ", and serves the same VIPs";
        untilChecked(plane, () -> plane.hostProblems().stream().anyMatch(l -> l.startsWith(named)));
        assertThat(seen(LAB.p1(), IpFamily.IPV4)).isEqualTo(LAB.p1().ipv4());
        process.destroyForcibly().waitFor();
        untilChecked(plane, () -> plane.hostProblems().isEmpty());
    }

    /// Checks until something is seen: a look that took long is not taken each time.
    private void untilChecked(DataPlane plane, BooleanSupplier seen) {
        eventually(
                "what the check sees",
                () -> {
                    try {
                        check(plane);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    return seen.getAsBoolean();
                });
    }

    private DataPlane serving(CaptureMode mode, Host backend) throws Exception {
        return serving(mode, List.of(Cidr.parse(Lab.POD_CIDR), Cidr.parse(Lab.POD_CIDR6)), backend);
    }

    private DataPlane serving(CaptureMode mode, List<Cidr> pods, Host backend) throws Exception {
        open.add(WhoAmI.start(backend, BACKEND_PORT));
        DataPlane plane =
                n1.run(() ->
                        DataPlane.start(
                                PlaneOptions.node(2).withCapture(mode).withClock(nowNs::get)));
        open.add(() ->
                n1.run(() -> {
                    plane.close();
                    return true;
                }));
        Set<IpAddress> addresses = Set.of(IpAddress.of(n1.ipv4()), IpAddress.of(n1.ipv6()));
        NodeNetwork node =
                NodeNetwork.at(addresses)
                        .withAddresses(addresses, addresses)
                        .withServiceCidrs(
                                List.of(
                                        Cidr.parse(Lab.SERVICE_CIDR),
                                        Cidr.parse(Lab.SERVICE_CIDR6)))
                        .withPodCidrs(pods, List.of());
        List<ServicePort> ports =
                List.of(port(IpFamily.IPV4, backend), port(IpFamily.IPV6, backend));
        assertThat(n1.run(() -> plane.apply(ServiceSnapshot.of(ports, node)))).isEmpty();
        return plane;
    }

    private static ServicePort port(IpFamily family, Host backend) {
        BackendSet set =
                Services.set(
                        List.of(
                                new AddressPort(
                                        IpAddress.of(address(backend, family)), BACKEND_PORT)));
        return Services.external(
                "web-" + family,
                List.of(Vip.of(Vip.Kind.CLUSTER_IP, vip(family), 80)),
                set,
                set,
                set,
                List.of());
    }

    /// The periodic check.
    private void check(DataPlane plane) throws Exception {
        nowNs.addAndGet(Duration.ofSeconds(30).toNanos());
        n1.run(plane::maintain);
    }

    private String kernel() {
        return String.join(
                "\n",
                n1.exec("ip", "-4", "route", "show", "table", "all"),
                n1.exec("ip", "-6", "route", "show", "table", "all"),
                n1.exec("ip", "-4", "rule"),
                n1.exec("ip", "-6", "rule"),
                n1.exec("nft", "-s", "list", "ruleset"));
    }

    private static Outcome ask(Host client, IpFamily family) throws Exception {
        return new Client(client).connect(new InetSocketAddress(vip(family).toInetAddress(), 80));
    }

    /// The address that the backend sees.
    private static InetAddress seen(Host client, IpFamily family) throws Exception {
        Outcome outcome = ask(client, family);
        assertThat(outcome).isInstanceOf(Outcome.Answered.class);
        return ((Outcome.Answered) outcome).seen();
    }

    private static InetAddress address(Host host, IpFamily family) {
        return family == IpFamily.IPV4 ? host.ipv4() : host.ipv6();
    }

    private static IpAddress vip(IpFamily family) {
        return IpAddress.parse(family == IpFamily.IPV4 ? "10.96.0.10" : "fd00:10:96::10");
    }
}
