package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.testing.Namespace;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Host daemons do not answer on VIPs, without BPF (DESIGN section 3, 3); needs root and nft.
class VipGuardTest {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Namespace node = new Namespace();
    private final VipGuard guard = new VipGuard(HostProgram.nft());

    @BeforeEach
    void captureTwoPrefixes() {
        node.call(() -> {
            new LocalRoutes(HostProgram.ip())
                    .sync(Set.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd96::/112")), Map.of());
            return 0;
        });
        // A bound listener needs IP_FREEBIND for this; the JDK has none.
        node.ip("-6 addr add fd96::a/128 dev lo");
        sync("10.96.0.0/12", "10.96.0.10/32", "fd96::/112");
        assertThat(guard.failure()).isEmpty();
    }

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private void sync(String... prefixes) {
        sync(Arrays.stream(prefixes).map(Cidr::parse).collect(Collectors.toSet()));
    }

    private void sync(Set<Cidr> prefixes) {
        node.call(() -> {
            guard.sync(prefixes);
            return 0;
        });
    }

    private ServerSocket listen(String address) {
        return node.call(() -> new ServerSocket(0, 1, InetAddress.ofLiteral(address)));
    }

    private Socket connect(String address, int port) throws Exception {
        Socket socket = new Socket();
        node.call(() -> {
            socket.bind(null);
            return 0;
        });
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), TIMEOUT_MILLIS);
        return socket;
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.10", "10.111.0.1", "fd96::a", "fd96::b"})
    void aHostDaemonOnEveryAddressIsNotReachableAsAVip(String vip) {
        try (ServerSocket daemon = listen("::")) {
            assertThatThrownBy(() -> connect(vip, daemon.getLocalPort()))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("refused");
            connect("127.0.0.1", daemon.getLocalPort()).close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.10", "fd96::a"})
    void overUdpItIsAnsweredWithPortUnreachable(String vip) throws Exception {
        try (DatagramSocket daemon = node.call(() -> new DatagramSocket(0));
                DatagramSocket client = node.call(() -> new DatagramSocket(0))) {
            client.connect(InetAddress.ofLiteral(vip), daemon.getLocalPort());
            client.setSoTimeout(TIMEOUT_MILLIS);
            client.send(new DatagramPacket(new byte[1], 1));

            assertThatThrownBy(() -> client.receive(new DatagramPacket(new byte[1], 1)))
                    .isInstanceOf(PortUnreachableException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.10", "fd96::a"})
    void aListenerOfTheVipServesAndItsFlowsOutliveIt(String vip) throws Exception {
        ServerSocket listener = listen(vip);
        try (Socket client = connect(vip, listener.getLocalPort());
                Socket accepted = listener.accept()) {
            listener.close();
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            assertThatThrownBy(() -> connect(vip, listener.getLocalPort()))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void prefixesComeAndGoAndTakeTheirGuardAlong() {
        sync("203.0.113.7/32", "10.96.0.0/16", "fd97::/112");

        assertThat(guard.failure()).isEmpty();
        assertThat(ruleset())
                .contains("elements = { 10.96.0.0/16, 203.0.113.7 }", "elements = { fd97::/112 }");
    }

    @Test
    void whatSomebodyChangesIsPutRight() {
        String before = ruleset();
        node.exec("nft", "flush", "set", "inet", "fairlead", "vips4");
        assertThat(node.call(guard::recheck))
                .containsExactly("nft chain vip_guard of the table inet fairlead");
        assertThat(ruleset()).isEqualTo(before);
        assertThat(node.call(guard::recheck)).isEmpty();

        node.exec("nft", "flush", "ruleset");
        sync("10.96.0.0/12", "203.0.113.7/32", "fd96::/112");
        assertThat(guard.failure()).isEmpty();
        assertThat(ruleset()).contains("10.96.0.0/12", "203.0.113.7", "fd96::/112");
    }

    @Test
    void nothingIsLeftAfterTheEnd() {
        node.call(() -> {
            guard.close();
            return 0;
        });

        assertThat(guard.failure()).isEmpty();
        assertThat(ruleset()).isEmpty();
    }

    @Test
    void tenThousandVipsComeAndGo() {
        Set<Cidr> many = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            many.add(new Cidr(IpAddress.ofIpv4(0xac10_0000 + 2 * i), 32));
        }
        sync(many);
        many.remove(Cidr.parse("172.16.0.0/32"));
        many.add(Cidr.parse("203.0.113.7/32"));
        sync(many);

        assertThat(guard.failure()).isEmpty();
        assertThat(node.exec("nft", "list", "set", "inet", "fairlead", "vips4"))
                .contains("172.16.0.2", "203.0.113.7")
                .doesNotContain("172.16.0.0");
    }

    private String ruleset() {
        return node.exec("nft", "list", "ruleset");
    }
}
