package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import io.fairlead.lab.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// HAProxy with its defaults, with splicing forced for both directions, or with backends that see
/// the client's address.
record HaProxy(Way way) implements Peer {

    /// What it does beside its defaults.
    enum Way {
        DEFAULT("haproxy", "HAProxy", ""),
        SPLICE(
                "haproxy-splice",
                "HAProxy, forced splice",
                "    option splice-request\n    option splice-response\n"),
        CLIENT_ADDRESS(
                "haproxy-transparent",
                "HAProxy, client's address",
                "    source 0.0.0.0 usesrc clientip\n");

        private final String id;
        private final String text;
        private final String defaults;

        Way(String id, String text, String defaults) {
            this.id = id;
            this.text = text;
            this.defaults = defaults;
        }

        String id() {
            return id;
        }
    }

    /// Leads answers to the client's address to HAProxy's sockets, as its documentation of `usesrc`
    /// asks for.
    private static final String RETURN_PATH =
            """
            table ip bench {
              chain return_path {
                type filter hook prerouting priority mangle;
                meta l4proto tcp socket transparent 1 meta mark set 1 accept
              }
            }
            """;

    @Override
    public String id() {
        return way.id();
    }

    @Override
    public String name() {
        return way.text;
    }

    @Override
    public String version() {
        return Programs.find("haproxy") == null ? "" : Programs.version("haproxy", "-v");
    }

    @Override
    public @Nullable String missing() {
        if (Programs.find("haproxy") == null) {
            return "haproxy is not on the PATH (Debian: apt-get install haproxy)";
        }
        return way == Way.CLIENT_ADDRESS && Programs.find("nft") == null
                ? "nft is not on the PATH (Debian: apt-get install nftables)"
                : null;
    }

    @Override
    public boolean udp() {
        return false;
    }

    @Override
    public boolean process() {
        return true;
    }

    @Override
    public Running start(Lab lab, Layout layout, Path work) throws IOException {
        StringBuilder config =
                new StringBuilder(
                        """
                        global
                            maxconn 6000
                        defaults
                            mode tcp
                            timeout connect 5s
                            timeout client 5m
                            timeout server 5m
                            retries 3
                            option redispatch 1
                        """);
        config.append(way.defaults);
        if (way == Way.CLIENT_ADDRESS) {
            leadAnswersBack(lab);
        }
        String address = lab.n1().ipv4().getHostAddress();
        for (int port : Layout.TCP_PORTS) {
            config.append("listen p%1$d%n    bind %2$s:%1$d%n".formatted(port, address));
            List<String> backends = layout.addresses(lab);
            for (int i = 0; i < backends.size(); i++) {
                config.append("    server s%d %s:%d%n".formatted(i, backends.get(i), port));
            }
        }
        Path file = Files.writeString(work.resolve("haproxy.cfg"), config);
        Path log = work.resolve("haproxy.log");
        return Programs.running(
                Programs.start(
                        lab.n1(),
                        List.of(
                                String.valueOf(Programs.find("haproxy")),
                                "-db",
                                "-f",
                                file.toString()),
                        log),
                address,
                log);
    }

    private static void leadAnswersBack(Lab lab) {
        Netns node = lab.n1().netns();
        var _ = node.exec("ip", "rule", "add", "fwmark", "1", "lookup", "100");
        var _ = node.exec("ip", "route", "add", "local", "default", "dev", "lo", "table", "100");
        var _ = node.execWithInput(RETURN_PATH, "nft", "-f", "-");
    }
}
