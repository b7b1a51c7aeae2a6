package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What leads datagrams besides the agent: the kernel by nft, and nginx where it is there.
final class UdpPeers {

    private static final String TABLE = "ip bench_dnat";

    private UdpPeers() {}

    /// Leads datagrams by the kernel's NAT. Only while it is measured: it tracks the connections of
    /// everything.
    static void startDnat(Host node, String vip, List<Integer> ports, String backend) {
        StringBuilder rules = new StringBuilder("add table " + TABLE + "\n");
        rules.append("add chain " + TABLE + " pre { type nat hook prerouting priority dstnat; }\n");
        rules.append(
                "add chain " + TABLE + " post { type nat hook postrouting priority srcnat; }\n");
        for (int port : ports) {
            rules.append(
                    "add rule %s pre ip daddr %s udp dport %d dnat to %s%n"
                            .formatted(TABLE, vip, port, backend));
        }
        rules.append("add rule %s post ct status dnat masquerade%n".formatted(TABLE));
        var _ = node.netns().execWithInput(rules.toString(), "nft", "-f", "-");
    }

    static void stopDnat(Host node) {
        var _ = node.exec("nft", "delete", "table", "ip", "bench_dnat");
    }

    /// The program's file; null where the PATH has none.
    static @Nullable Path find(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of((path + ":/usr/sbin").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /// As it says it itself.
    static String nginxVersion(Path nginx) throws IOException {
        Process process =
                new ProcessBuilder(nginx.toString(), "-v").redirectErrorStream(true).start();
        String said =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return said.substring(said.indexOf(':') + 1).strip();
    }

    /// nginx with its stream module, at ports of the node.
    static AutoCloseable startNginx(
            Path nginx, Host node, List<Integer> ports, String backend, Path work)
            throws IOException {
        StringBuilder servers = new StringBuilder();
        for (int port : ports) {
            servers.append(
                    """
                      server {
                        listen %s:%d udp reuseport;
                        proxy_pass %s;
                        %s
                      }
                    """
                            .formatted(
                                    node.ipv4().getHostAddress(),
                                    port,
                                    backend,
                                    port == UdpScenario.QUESTIONS ? "proxy_responses 1;" : ""));
        }
        Path file = work.resolve("nginx.conf");
        Files.writeString(
                file,
                """
                include /etc/nginx/modules-enabled/*.conf;
                user root;
                daemon off;
                pid %1$s/nginx.pid;
                error_log %1$s/nginx.log error;
                worker_processes auto;
                worker_rlimit_nofile 20000;
                events { worker_connections 16000; }
                stream {
                %2$s}
                """
                        .formatted(work, servers));
        Process process =
                new ProcessBuilder(
                                node.netns()
                                        .inside(
                                                List.of(
                                                        nginx.toString(),
                                                        "-c",
                                                        file.toString(),
                                                        "-e",
                                                        work.resolve("nginx.log").toString())))
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("nginx.out").toFile())
                        .start();
        return () -> end(process);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// What nginx says went wrong, if it is there.
    static String nginxLog(Path work) {
        try {
            Path log = work.resolve("nginx.log");
            return Files.exists(log) ? Files.readString(log).strip() : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
