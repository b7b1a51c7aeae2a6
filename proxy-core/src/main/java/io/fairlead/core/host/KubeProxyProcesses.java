package io.fairlead.core.host;

import io.fairlead.core.host.HostConflicts.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A kube-proxy that runs in the network namespace of the calling thread: by its name, or by the
/// ports that it serves its health and metrics on.
///
/// In a pod that does not see the node's processes only the ports tell.
final class KubeProxyProcesses {

    private static final String NAME = "kube-proxy-running";
    private static final String LISTENING = "0A"; // TCP_LISTEN in net/tcp_states.h
    private static final List<Integer> PORTS = List.of(10249, 10256);

    private final Path proc;

    KubeProxyProcesses(Path proc) {
        this.proc = proc;
    }

    List<Finding> find() {
        List<Finding> found = new ArrayList<>();
        Map<String, Integer> sockets = listeners();
        Optional<String> namespace = link(proc.resolve("thread-self/ns/net"));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : all) {
                if (namespace.isPresent() && namespace.equals(link(process.resolve("ns/net")))) {
                    look(process, sockets, found);
                }
            }
        } catch (IOException | DirectoryIteratorException _) {
            // No /proc to speak of; the ports below remain.
        }
        sockets.values().stream()
                .distinct()
                .sorted()
                .forEach(port ->
                        found.add(finding("a process that cannot be seen from here", port)));
        return found;
    }

    /// Takes the sockets that it holds out of those that are left to explain.
    private void look(Path process, Map<String, Integer> sockets, List<Finding> found) {
        List<String> command = command(process);
        if (command.isEmpty()) {
            return;
        }
        Integer held = sockets.isEmpty() ? null : held(process, sockets);
        String pid = process.getFileName().toString();
        if (command.getFirst().endsWith("/kube-proxy") || command.getFirst().equals("kube-proxy")) {
            found.add(
                    new Finding(
                            NAME,
                            "a kube-proxy runs here, pid " + pid + ", and serves the same VIPs",
                            "end it, for instance with 'kubectl -n kube-system delete daemonset"
                                    + " kube-proxy', then remove its rules with 'kube-proxy"
                                    + " --cleanup'"));
        } else if (held != null && command.stream().noneMatch(w -> w.contains("fairlead"))) {
            found.add(finding("pid " + pid + " (" + command.getFirst() + ")", held));
        }
    }

    private static Finding finding(String who, int port) {
        return new Finding(
                NAME,
                "port " + port + ", which is kube-proxy's, is held by " + who,
                "if that is a kube-proxy, end it; one inside k3s ends with --disable-kube-proxy");
    }

    /// Sockets that listen on the ports: `socket:[INODE]` to port.
    private Map<String, Integer> listeners() {
        Map<String, Integer> sockets = new HashMap<>();
        for (String table : List.of("tcp", "tcp6")) {
            try {
                List<String> lines = Files.readAllLines(proc.resolve("thread-self/net/" + table));
                for (String line : lines.subList(1, lines.size())) {
                    String[] fields = line.strip().split("\\s+", -1);
                    int port =
                            Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16);
                    if (fields[3].equals(LISTENING) && PORTS.contains(port)) {
                        sockets.put("socket:[" + fields[9] + "]", port);
                    }
                }
            } catch (IOException _) {
                // No IPv6.
            }
        }
        return sockets;
    }

    private static @Nullable Integer held(Path process, Map<String, Integer> sockets) {
        Integer port = null;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                Integer here = link(descriptor).map(sockets::remove).orElse(null);
                port = here == null ? port : here;
            }
        } catch (IOException | DirectoryIteratorException _) {
            // Ended meanwhile, or another user's.
        }
        return port;
    }

    private static List<String> command(Path process) {
        try {
            return List.of(
                    Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .split("\0", -1));
        } catch (IOException _) {
            return List.of();
        }
    }

    private static Optional<String> link(Path path) {
        try {
            return Optional.of(Files.readSymbolicLink(path).toString());
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
