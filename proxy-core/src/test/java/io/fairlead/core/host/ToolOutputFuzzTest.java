package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import io.fairlead.lab.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What `ip` and `nft` print is read, or passed over where it makes no sense.
class ToolOutputFuzzTest {

    private static final List<Cidr> PODS =
            List.of(Cidr.parse("10.244.1.0/24"), Cidr.parse("fd00:10:244:1::/64"));

    private static final String LINKS =
            "5: cni0: <BROADCAST,UP> mtu 1500 state UP \\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n";
    private static final String ADDRESSES =
            """
            5: cni0    inet 10.244.1.1/24 brd 10.244.1.255 scope global cni0\\ valid_lft forever
            5: cni0    inet6 fd00:10:244:1::1/80 scope global \\ valid_lft forever
            """;
    private static final String ROUTES =
            """
            default via 10.0.0.1 dev eth0
            10.244.1.10 dev cali1 scope link
            10.244.2.0/24 nexthop via 1.2.3.4 dev cali2 weight 1
            """;
    private static final String CHAINS =
            """
            table ip filter {
              chain INPUT {
                type filter hook input priority 0; policy drop;
              }
            }
            table inet firewalld {
              chain filter_INPUT {
              }
            }
            """;

    /// @param good output that is read
    /// @param parser says whether it made sense of it
    record Row(String name, String good, Function<String, Boolean> parser) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Row> rows() {
        return List.of(
                new Row(
                        "ip route show table local",
                        "local 10.96.0.0/12 dev lo scope host src 192.168.0.1 metric 102",
                        line -> LocalRoute.parse(line, IpFamily.IPV4).isPresent()),
                new Row(
                        "ip route show table main",
                        ROUTES,
                        text ->
                                !RoutedPods.parse(text, List.of(new InterfaceName("cali*")))
                                        .isEmpty()),
                new Row(
                        "ip link",
                        LINKS,
                        text -> !PodBridge.parse(text, ADDRESSES, PODS).isEmpty()),
                new Row(
                        "ip addr",
                        ADDRESSES,
                        text -> !PodBridge.parse(LINKS, text, PODS).isEmpty()),
                new Row("nft list chains", CHAINS, text -> !NftChains.parse(text).all().isEmpty()));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isReadOrPassedOver(Row row) throws Exception {
        Fuzz.Result result =
                new Fuzz(row.good)
                        .feed(1, b -> row.parser.apply(new String(b, StandardCharsets.UTF_8)));
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }
}
