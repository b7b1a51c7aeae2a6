package io.fairlead.core.host;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.testing.Namespace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Prefixes of VIPs end on this node (DESIGN section 3); needs root.
class LocalRoutesTest {

    private static final Map<IpFamily, IpAddress> NODE =
            Map.of(
                    IpFamily.IPV4, IpAddress.parse("192.0.2.1"),
                    IpFamily.IPV6, IpAddress.parse("2001:db8::1"));

    private final Namespace node = new Namespace();
    private final LocalRoutes routes = new LocalRoutes(HostProgram.ip());

    @BeforeEach
    void giveTheNodeItsAddresses() {
        node.ip(
                "link add eth0 type veth peer name wire",
                "link set wire addrgenmode none",
                "link set eth0 addrgenmode none",
                "link set wire up",
                "link set eth0 up",
                "addr add 192.0.2.1/24 dev eth0",
                "addr add 2001:db8::1/64 dev eth0 nodad");
        eventually(
                "the kernel has a route to it",
                () ->
                        !node.exec("ip", "-6", "route", "show", "table", "local", "2001:db8::1")
                                .isEmpty());
    }

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    @Test
    void connectionsOfTheNodeComeFromItsOwnAddress() throws Exception {
        sync("10.96.0.0/12", "fd96::/112");

        assertThat(routes.failures()).isEmpty();
        assertThat(sourceOfConnectionTo("10.96.0.10")).isEqualTo("192.0.2.1");
        assertThat(sourceOfConnectionTo("fd96::a")).isEqualTo("2001:db8:0:0:0:0:0:1");
    }

    private String sourceOfConnectionTo(String vip) {
        return node.call(() -> {
            InetAddress address = InetAddress.ofLiteral(vip);
            try (ServerSocket server = new ServerSocket(0);
                    Socket client = new Socket()) {
                client.connect(new InetSocketAddress(address, server.getLocalPort()), 10_000);
                try (Socket accepted = server.accept()) {
                    return accepted.getInetAddress().getHostAddress();
                }
            }
        });
    }

    @Test
    void whatIsNoLongerWantedGoesAndTheRestIsNotTouched() {
        sync("10.96.0.0/12", "203.0.113.7/32", "fd96::/112");
        sync("10.96.0.0/12", "203.0.113.8/32");

        assertThat(ours())
                .containsExactlyInAnyOrder(
                        "local 10.96.0.0/12 dev lo proto 102 scope host src 192.0.2.1 metric 102",
                        "local 203.0.113.8 dev lo proto 102 scope host src 192.0.2.1 metric 102");
    }

    /// kill -9 and start again: no duplicates, and what is right is never gone in between.
    @Test
    void whatAKilledAgentLeftIsAdopted() {
        sync("10.96.0.0/12", "203.0.113.7/32", "fd96::/112", "2001:db8:7::7/128");
        List<String> events =
                whileWatching(() -> {
                    LocalRoutes successor = new LocalRoutes(HostProgram.ip());
                    successor.sync(cidrs("10.96.0.0/12", "203.0.113.7/32", "fd96::/112"), NODE);
                    assertThat(successor.failures()).isEmpty();
                });

        assertThat(events).singleElement().asString().contains("Deleted local 2001:db8:7::7");
        assertThat(ours()).hasSize(3);
    }

    /// What `ip monitor` reports while something is done.
    private List<String> whileWatching(Runnable task) {
        return node.call(() -> {
            Process monitor = new ProcessBuilder("ip", "monitor", "route").start();
            try (var lines = monitor.inputReader()) {
                // It listens once a mark of ours shows.
                Process mark = null;
                do {
                    mark =
                            new ProcessBuilder(
                                            "ip", "route", "replace", "unreachable", "198.51.100.1")
                                    .start();
                    mark.waitFor();
                } while (!lines.ready());
                task.run();
                new ProcessBuilder("ip", "route", "del", "unreachable", "198.51.100.1")
                        .start()
                        .waitFor();
                List<String> seen = new java.util.ArrayList<>();
                String line = lines.readLine();
                while (!line.startsWith("Deleted unreachable 198.51.100.1")) {
                    if (!line.contains("198.51.100.1")) {
                        seen.add(line);
                    }
                    line = lines.readLine();
                }
                return seen;
            } finally {
                monitor.destroyForcibly();
            }
        });
    }

    @Test
    void aNewSourceReplacesTheOldOneInPlace() {
        node.ip("addr add 192.0.2.9/24 dev eth0", "addr add 2001:db8::9/64 dev eth0 nodad");
        sync("10.96.0.0/12", "fd96::/112");
        sync(
                Map.of(
                        IpFamily.IPV4, IpAddress.parse("192.0.2.9"),
                        IpFamily.IPV6, IpAddress.parse("2001:db8::9")),
                "10.96.0.0/12",
                "fd96::/112");

        assertThat(ours())
                .containsExactlyInAnyOrder(
                        "local 10.96.0.0/12 dev lo proto 102 scope host src 192.0.2.9 metric 102",
                        "local fd96::/112 dev lo proto 102 src 2001:db8::9 metric 102 pref medium");
    }

    @Test
    void whatSomebodyRemovesChangesOrAddsIsPutRight() {
        sync("10.96.0.0/12", "203.0.113.7/32", "203.0.113.8/32", "fd96::/112");
        List<String> before = ours();
        node.ip(
                "route del table local 203.0.113.7/32",
                "-6 route del table local fd96::/112 metric 102",
                "route change local 10.96.0.0/12 dev lo table local proto 102 metric 102",
                "route replace blackhole 203.0.113.8/32 table local proto 102 metric 102",
                "route add local 203.0.113.9/32 dev lo table local proto 102",
                "route add local 10.96.0.0/12 dev lo table local proto 102 metric 7",
                "-6 route add local fd97::/112 dev lo table local proto 102");

        List<String> repairs = node.call(routes::recheck);

        assertThat(ours()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(repairs)
                .containsExactly(
                        "local routes, IPv4: 2 had been removed, 4 added or changed",
                        "local routes, IPv6: 1 had been removed, 1 added or changed");
        assertThat(node.call(routes::recheck)).isEmpty();
    }

    /// The kernel takes an IPv6 address that goes out of the routes that have it as their source.
    @Test
    void theSourceComesBackWithTheNodesAddress() {
        sync("fd96::/112");
        List<String> before = ours();
        node.ip("addr del 2001:db8::1/64 dev eth0");

        node.call(routes::recheck);
        assertThat(routes.messages())
                .containsExactly(
                        "local route fd96::/112: Invalid source address; 2001:db8::1 is no address of"
                                + " this node");

        node.ip("addr add 2001:db8::1/64 dev eth0 nodad");
        node.call(routes::recheck);
        assertThat(routes.failures()).isEmpty();
        assertThat(ours()).isEqualTo(before);
    }

    /// A VIP that is also an address of the node, as MetalLB and kube-vip make them.
    @Test
    void theKernelsOwnRouteToAnAddressOfTheNodeStays() {
        String before = node.exec("ip", "route", "show", "table", "all");
        sync("192.0.2.1/32", "10.96.0.0/12");
        assertThat(node.exec("ip", "route", "show", "table", "local"))
                .contains("local 192.0.2.1 dev eth0 proto kernel scope host src 192.0.2.1");

        close();

        assertThat(node.exec("ip", "route", "show", "table", "all")).isEqualTo(before);
    }

    @Test
    void oneRouteThatFailsIsNamedAndTheRestServe() {
        sync(
                Map.of(IpFamily.IPV4, IpAddress.parse("192.0.2.77")),
                "10.96.0.0/12",
                "203.0.113.7/32",
                "fd96::/112");

        assertThat(routes.failures())
                .isEqualTo(
                        Map.of(
                                Cidr.parse("10.96.0.0/12"), "Invalid prefsrc address",
                                Cidr.parse("203.0.113.7/32"), "Invalid prefsrc address"));
        assertThat(routes.messages())
                .containsExactly(
                        "local route 10.96.0.0/12, 203.0.113.7/32: Invalid prefsrc address;"
                                + " 192.0.2.77 is no address of this node");
        assertThat(ours()).singleElement().asString().contains("fd96::/112");
    }

    @Test
    void withoutIpv6TheOtherFamilyIsServedAndOneLineSaysSo() {
        node.sysctl("net/ipv6/conf/all/disable_ipv6", "1");

        sync("10.96.0.0/12", "fd96::/112", "2001:db8:7::7/128");

        assertThat(ours()).singleElement().asString().contains("10.96.0.0/12");
        assertThat(routes.messages())
                .containsExactly(
                        "local route 2001:db8:7::7/128, fd96::/112: IPv6 is disabled on nexthop"
                                + " device; IPv4 is not affected. For IPv6, load it in the kernel and"
                                + " set net.ipv6.conf.all.disable_ipv6 and"
                                + " net.ipv6.conf.lo.disable_ipv6 to 0");
    }

    @Test
    void withoutTheProgramEveryPrefixSaysSo() {
        LocalRoutes none =
                new LocalRoutes(
                        new HostProgram(
                                "ip", "iproute2", List.of(), java.time.Duration.ofSeconds(1), 1));

        node.call(() -> {
            none.sync(cidrs("10.96.0.0/12"), NODE);
            return 0;
        });

        assertThat(none.messages())
                .containsExactly(
                        "local route 10.96.0.0/12: the program ip is not installed; install the"
                                + " package iproute2");
    }

    @Test
    void tenThousandVipsComeAndGo() {
        Set<Cidr> many = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            many.add(new Cidr(IpAddress.ofIpv4(0xac10_0000 + i), 32));
            many.add(new Cidr(IpAddress.ofIpv6(0xfd96_0000_0000_0000L, i), 128));
        }
        String before = node.exec("ip", "route", "show", "table", "all");

        sync(NODE, many);
        assertThat(routes.failures()).isEmpty();
        assertThat(ours()).hasSize(20_000);

        close();
        assertThat(node.exec("ip", "route", "show", "table", "all")).isEqualTo(before);
    }

    private void sync(String... prefixes) {
        sync(NODE, prefixes);
    }

    private void sync(Map<IpFamily, IpAddress> source, String... prefixes) {
        sync(source, cidrs(prefixes));
    }

    private void sync(Map<IpFamily, IpAddress> source, Set<Cidr> prefixes) {
        node.call(() -> {
            routes.sync(prefixes, source);
            return 0;
        });
    }

    private void close() {
        node.call(() -> {
            routes.close();
            return 0;
        });
        assertThat(routes.failures()).isEmpty();
    }

    private static Set<Cidr> cidrs(String... prefixes) {
        return Arrays.stream(prefixes).map(Cidr::parse).collect(Collectors.toSet());
    }

    private List<String> ours() {
        String all =
                node.exec("ip", "route", "show", "table", "local")
                        + node.exec("ip", "-6", "route", "show", "table", "local");
        return all.lines().filter(l -> l.contains("proto 102")).map(String::strip).toList();
    }
}
