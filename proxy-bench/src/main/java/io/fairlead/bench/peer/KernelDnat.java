package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The kernel's NAT by nftables, laid out as kube-proxy lays it out: one map from VIP and port to a
/// chain, which draws a backend.
record KernelDnat() implements Peer {

    @Override
    public String id() {
        return "dnat";
    }

    @Override
    public String name() {
        return "kernel DNAT (nft)";
    }

    @Override
    public String version() {
        return Programs.find("nft") == null ? "" : Programs.version("nft", "--version");
    }

    @Override
    public @Nullable String missing() {
        return Programs.find("nft") == null
                ? "nft is not on the PATH (Debian: apt-get install nftables)"
                : null;
    }

    @Override
    public boolean udp() {
        return true;
    }

    @Override
    public boolean process() {
        return false;
    }

    @Override
    public Running start(Lab lab, Layout layout, Path work) {
        var _ =
                lab.n1()
                        .netns()
                        .execWithInput(rules(layout, layout.addresses(lab)), "nft", "-f", "-");
        return new Running() {
            @Override
            public String address(int service) {
                return Layout.vip(service);
            }

            @Override
            public @Nullable ProcessHandle process() {
                return null;
            }

            @Override
            public void close() {}
        };
    }

    private static String rules(Layout layout, List<String> backends) {
        StringBuilder rules = new StringBuilder("table ip bench {\n");
        for (int port : Layout.TCP_PORTS) {
            chains(rules, "tcp-" + port, "tcp", backends, port);
        }
        for (int port : Layout.UDP_PORTS) {
            chains(rules, "udp-" + port, "udp", backends, Layout.UDP_SERVER);
        }
        rules.append(
                "map services { type ipv4_addr . inet_proto . inet_service : verdict; elements = {\n");
        rules.append(
                IntStream.range(0, layout.services())
                        .mapToObj(KernelDnat::elements)
                        .collect(Collectors.joining(",\n")));
        rules.append("\n} }\n");
        rules.append("chain pre { type nat hook prerouting priority dstnat;\n");
        rules.append("ip daddr . meta l4proto . th dport vmap @services\n}\n}\n");
        return rules.toString();
    }

    /// A chain for each backend, and one that draws among them.
    private static void chains(
            StringBuilder rules, String name, String protocol, List<String> backends, int port) {
        for (int i = 0; i < backends.size(); i++) {
            rules.append(
                    "chain %s-%d { meta l4proto %s dnat to %s:%d; }%n"
                            .formatted(name, i, protocol, backends.get(i), port));
        }
        rules.append(
                "chain %s { numgen random mod %d vmap { %s }; }%n"
                        .formatted(
                                name,
                                backends.size(),
                                IntStream.range(0, backends.size())
                                        .mapToObj(i -> i + " : goto " + name + "-" + i)
                                        .collect(Collectors.joining(", "))));
    }

    private static String elements(int service) {
        List<Integer> tcp = service == 0 ? Layout.TCP_PORTS : List.of(Layout.BRIEF);
        List<Integer> udp = service == 0 ? Layout.UDP_PORTS : List.of();
        return Stream.concat(
                        tcp.stream().map(port -> element(service, "tcp", port)),
                        udp.stream().map(port -> element(service, "udp", port)))
                .collect(Collectors.joining(", "));
    }

    private static String element(int service, String protocol, int port) {
        return "%s . %s . %d : goto %s-%d"
                .formatted(Layout.vip(service), protocol, port, protocol, port);
    }
}
