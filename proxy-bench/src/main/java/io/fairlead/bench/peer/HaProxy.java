package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// HAProxy with its defaults, or with splicing forced for both directions.
record HaProxy(boolean splice) implements Peer {

    @Override
    public String id() {
        return splice ? "haproxy-splice" : "haproxy";
    }

    @Override
    public String name() {
        return splice ? "HAProxy, forced splice" : "HAProxy";
    }

    @Override
    public String version() {
        return Programs.find("haproxy") == null ? "" : Programs.version("haproxy", "-v");
    }

    @Override
    public @Nullable String missing() {
        return Programs.find("haproxy") == null
                ? "haproxy is not on the PATH (Debian: apt-get install haproxy)"
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
        if (splice) {
            config.append("    option splice-request\n    option splice-response\n");
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
}
