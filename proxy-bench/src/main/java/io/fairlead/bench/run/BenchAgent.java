package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The agent as a process on a node of the lab, with a folder of manifests that can be changed.
final class BenchAgent implements AutoCloseable {

    private static final int TICKS_PER_SECOND = 100; // USER_HZ
    private static final int USER_TIME = 11; // fields of /proc/PID/stat after the command
    private static final int SYSTEM_TIME = 12;

    private final Process process;
    private final Path manifests;

    private BenchAgent(Process process, Path manifests) {
        this.process = process;
        this.manifests = manifests;
    }

    static BenchAgent start(Host node, Path work) throws IOException {
        Path manifests = Files.createDirectory(work.resolve("manifests"));
        Files.writeString(
                manifests.resolve("node.yaml"),
                """
                apiVersion: v1
                kind: Node
                metadata: {name: %s}
                spec: {podCIDRs: [10.244.1.0/24]}
                status: {addresses: [{type: InternalIP, address: %s}]}
                """
                        .formatted(node.name(), node.ipv4().getHostAddress()));
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.fairlead.k8s.cli.Main",
                        "agent",
                        "--manifests",
                        manifests.toString(),
                        "--node-name",
                        node.name(),
                        "--run-dir",
                        work.resolve("run").toString(),
                        "--service-cidr",
                        "10.96.0.0/16",
                        "--capture",
                        "bpf");
        Process process =
                new ProcessBuilder(node.netns().inside(command))
                        .redirectErrorStream(true)
                        .redirectOutput(work.resolve("agent.log").toFile())
                        .start();
        return new BenchAgent(process, manifests);
    }

    /// Puts a file in the place of the one before, at once.
    void serve(String yaml) throws IOException {
        Path next = manifests.resolve(".services.tmp");
        Files.writeString(next, yaml);
        Files.move(
                next,
                manifests.resolve("services.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// CPU time it has taken so far, in seconds (proc(5)).
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return (Long.parseLong(fields.get(USER_TIME)) + Long.parseLong(fields.get(SYSTEM_TIME)))
                / (double) TICKS_PER_SECOND;
    }

    @Override
    public void close() {
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
}
