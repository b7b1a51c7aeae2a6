package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.testing.Namespace;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Pods by the interfaces that they are behind (SEMANTICS A10.1); needs root and ip.
class RoutedPodsTest {

    private final Namespace node = new Namespace();

    @BeforeEach
    void links() {
        node.ip("link add cni0 type bridge", "link set cni0 up");
        for (String link : List.of("cali1", "cali2", "eth0")) {
            node.ip(
                    "link add " + link + " type veth peer name p" + link,
                    "link set p" + link + " up",
                    "link set " + link + " up");
        }
        node.ip(
                "addr add 10.244.1.1/25 dev cni0",
                "addr add fd00:1::1/64 dev cni0 nodad",
                "addr add 192.0.2.1/24 dev eth0",
                "route add default via 192.0.2.254 dev eth0",
                "route add 10.244.9.7 dev cali1",
                "route add fd00:9::7 dev cali1",
                "route add 10.244.9.8 dev cali2",
                "route add 10.88.0.0/16 via 10.244.9.8 dev cali2 onlink",
                "route add blackhole 10.244.9.0/24");
    }

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private List<String> behind(String... names) {
        return node.call(() ->
                RoutedPods.behind(
                                HostProgram.ip(), Stream.of(names).map(InterfaceName::new).toList())
                        .stream()
                        .map(Cidr::toString)
                        .toList());
    }

    @Test
    void a10_1_theSubnetsOfABridge() {
        assertThat(behind("cni0")).containsExactlyInAnyOrder("10.244.1.0/25", "fd00:1::/64");
    }

    @Test
    void a10_1_theRoutesOfInterfacesThatBeginAlike() {
        assertThat(behind("cali*"))
                .containsExactlyInAnyOrder(
                        "10.244.9.7/32", "10.244.9.8/32", "10.88.0.0/16", "fd00:9::7/128");
        assertThat(behind("cali1")).containsExactlyInAnyOrder("10.244.9.7/32", "fd00:9::7/128");
    }

    @Test
    void theDefaultRouteLeadsToNoPod() {
        assertThat(behind("eth*")).containsExactly("192.0.2.0/24");
    }

    @Test
    void anInterfaceThatIsNotThereHasNone() {
        assertThat(behind("weave")).isEmpty();
    }
}
