package io.fairlead.bench.peer;

import io.fairlead.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// nginx with its stream module, a listening socket for each worker.
///
/// A client that has finished sending still gets its answer only with `proxy_half_close`, which is
/// off by default; without it no stream would be whole.
record Nginx() implements Peer {

    @Override
    public String id() {
        return "nginx";
    }

    @Override
    public String name() {
        return "nginx stream";
    }

    @Override
    public String version() {
        return Programs.find("nginx") == null ? "" : Programs.version("nginx", "-v");
    }

    @Override
    public @Nullable String missing() {
        if (Programs.find("nginx") == null) {
            return "nginx is not on the PATH (Debian: apt-get install nginx libnginx-mod-stream)";
        }
        boolean stream =
                Programs.output("nginx", "-V").contains("--with-stream ")
                        || Files.exists(Path.of("/usr/lib/nginx/modules/ngx_stream_module.so"));
        return stream
                ? null
                : "nginx has no stream module (Debian: apt-get install libnginx-mod-stream)";
    }

    @Override
    public boolean udp() {
        return true;
    }

    @Override
    public boolean process() {
        return true;
    }

    @Override
    public Running start(Lab lab, Layout layout, Path work) throws IOException {
        String address = lab.n1().ipv4().getHostAddress();
        StringBuilder servers = new StringBuilder();
        for (int port : Layout.TCP_PORTS) {
            server(servers, address + ":" + port + " reuseport", layout.addresses(lab), port, "");
        }
        for (int port : Layout.UDP_PORTS) {
            server(
                    servers,
                    address + ":" + port + " udp reuseport",
                    layout.addresses(lab),
                    Layout.UDP_SERVER,
                    port == Layout.UDP_NEW ? "proxy_responses 1;" : "");
        }
        Path log = work.resolve("nginx.log");
        Path file =
                Files.writeString(
                        work.resolve("nginx.conf"),
                        """
                        include /etc/nginx/modules-enabled/*.conf;
                        user root;
                        daemon off;
                        pid %1$s/nginx.pid;
                        error_log %1$s/nginx.log crit;
                        worker_processes auto;
                        worker_rlimit_nofile 20000;
                        events { worker_connections 16000; }
                        stream {
                        %2$s}
                        """
                                .formatted(work, servers));
        return Programs.running(
                Programs.start(
                        lab.n1(),
                        List.of(
                                String.valueOf(Programs.find("nginx")),
                                "-c",
                                file.toString(),
                                "-e",
                                log.toString()),
                        work.resolve("nginx.out")),
                address,
                log);
    }

    private static void server(
            StringBuilder servers, String listen, List<String> backends, int port, String more) {
        String name = "u" + servers.length();
        String members =
                backends.stream()
                        .map(backend -> "server " + backend + ":" + port + ";")
                        .collect(Collectors.joining(" "));
        servers.append(
                """
                  upstream %1$s { %2$s }
                  server { listen %3$s; proxy_pass %1$s; proxy_half_close on; %4$s }
                """
                        .formatted(name, members, listen, more));
    }
}
