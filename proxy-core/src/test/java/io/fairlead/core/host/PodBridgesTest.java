package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.testing.Namespace;
import io.fairlead.core.testing.TransparentSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Client and endpoint behind one Linux bridge (DESIGN section 3); needs root and nft.
class PodBridgesTest {

    private static final List<Cidr> PODS =
            List.of(Cidr.parse("10.244.0.0/16"), Cidr.parse("fd44::/48"));
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Namespace node = new Namespace();
    private final Namespace client = new Namespace();
    private final Namespace backend = new Namespace();
    private final PodBridges bridges = new PodBridges(HostProgram.ip(), HostProgram.nft());

    @BeforeEach
    void putTwoPodsOnABridge() {
        node.sysctl("net/ipv4/ip_forward", "1");
        node.sysctl("net/ipv6/conf/all/forwarding", "1");
        node.sysctl("net/ipv6/conf/default/accept_dad", "0");
        node.ip(
                "link add cni0 type bridge",
                "addr add 10.244.1.1/24 dev cni0",
                "addr add fd44::1/64 dev cni0 nodad",
                "link set cni0 up");
        pod(client, "veth0", "10.244.1.2", "fd44::2");
        pod(backend, "veth1", "10.244.1.3", "fd44::3");
        node.call(() -> {
            new LocalRoutes(HostProgram.ip())
                    .sync(Set.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd96::/112")), Map.of());
            new ReturnPath(HostProgram.ip(), HostProgram.nft()).install();
            return 0;
        });
    }

    private void pod(Namespace pod, String port, String ipv4, String ipv6) {
        pod.sysctl("net/ipv6/conf/default/accept_dad", "0");
        pod.ip("link add eth0 type veth peer name " + port + " netns " + node.id());
        node.ip("link set " + port + " master cni0", "link set " + port + " up");
        pod.ip(
                "addr add " + ipv4 + "/24 dev eth0",
                "addr add " + ipv6 + "/64 dev eth0 nodad",
                "link set eth0 up",
                "route add default via 10.244.1.1",
                "-6 route add default via fd44::1");
    }

    @AfterEach
    void endThem() {
        client.close();
        backend.close();
        node.close();
    }

    private void sync() {
        node.call(() -> {
            bridges.sync(PODS);
            return 0;
        });
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10.96.0.1, 10.244.1.3",
        "1, 10.96.0.1, 10.244.1.3",
        "0, fd96::1, fd44::3",
        "1, fd96::1, fd44::3",
    })
    void theBackendSeesItsNeighbourAndTheAnswerArrives(
            String callIptables, String vip, String backendAddress) throws Exception {
        node.sysctl("net/bridge/bridge-nf-call-iptables", callIptables);
        node.sysctl("net/bridge/bridge-nf-call-ip6tables", callIptables);
        sync();
        assertThat(bridges.failures()).isEmpty();

        try (ServerSocket backendServer = backend.call(() -> new ServerSocket(0));
                ServerSocket vipServer = node.call(() -> new ServerSocket(0));
                Socket clientSocket = connect(vip, vipServer.getLocalPort());
                Socket accepted = vipServer.accept();
                TransparentSocket upstream =
                        node.call(() ->
                                new TransparentSocket(
                                        TransparentSocket.Kind.STREAM,
                                        IpAddress.of(accepted.getInetAddress()),
                                        accepted.getPort(),
                                        IpAddress.parse(backendAddress),
                                        backendServer.getLocalPort()));
                Socket atBackend = backendServer.accept()) {
            assertThat(atBackend.getRemoteSocketAddress())
                    .isEqualTo(clientSocket.getLocalSocketAddress());
            upstream.send("question");
            assertThat(atBackend.getInputStream().readNBytes(8)).asString().isEqualTo("question");
        }
    }

    @ParameterizedTest
    @CsvSource({"10.244.1.3", "fd44::3"})
    void podsReachEachOtherAsBefore(String address) throws Exception {
        sync();
        try (ServerSocket server = backend.call(() -> new ServerSocket(0));
                Socket socket = connect(address, server.getLocalPort());
                Socket accepted = server.accept()) {
            assertThat(accepted.getRemoteSocketAddress()).isEqualTo(socket.getLocalSocketAddress());
            socket.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
        }
    }

    private Socket connect(String address, int port) {
        return client.call(() -> {
            Socket socket = new Socket();
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral(address), port), TIMEOUT_MILLIS);
            return socket;
        });
    }

    @Test
    void aBridgeWithoutPodsIsLeftAlone() {
        node.ip(
                "link add docker0 type bridge",
                "addr add 172.17.0.1/16 dev docker0",
                "link set docker0 up");
        sync();

        assertThat(bridges.bridges()).containsExactly("cni0");
        assertThat(ruleset()).contains("10.244.1.0/24").doesNotContain("172.17");
    }

    @Test
    void rulesThatSomebodyRemovesComeBackAndGoWithTheLastBridge() {
        sync();
        String before = ruleset();
        node.exec("nft", "delete", "table", "bridge", "fairlead");

        assertThat(node.call(bridges::recheck))
                .containsExactly("nft chain pod_bridges of the table bridge fairlead");
        assertThat(ruleset()).isEqualTo(before);
        assertThat(node.call(bridges::recheck)).isEmpty();

        node.ip("link del cni0");
        node.call(bridges::recheck);
        assertThat(ruleset()).doesNotContain("bridge fairlead");
    }

    @Test
    void withoutForwardingTheNodesAddressMustBeUsed() {
        node.sysctl("net/ipv4/ip_forward", "0");
        sync();

        assertThat(bridges.failures())
                .isEqualTo(Map.of("cni0", "IPv4 is not forwarded; set net.ipv4.ip_forward to 1"));
        assertThat(ruleset()).doesNotContain("10.244.1.0/24").contains("fd44::/64");
    }

    private String ruleset() {
        return node.exec("nft", "list", "ruleset");
    }
}
