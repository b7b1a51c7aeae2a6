package io.fairlead.bench.peer;

import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Fairlead's agent as its launcher starts it, with a folder of manifests.
///
/// @param id `fairlead`, or that with a number where it is measured in several ways
/// @param launcher its program; null where there is none
/// @param arguments beyond the usual
public record Fairlead(String id, @Nullable Path launcher, List<String> arguments) implements Peer {

    /// The same with further arguments; its name stays.
    public Fairlead with(List<String> further) {
        return new Fairlead(
                id, launcher, Stream.concat(arguments.stream(), further.stream()).toList());
    }

    @Override
    public String name() {
        return arguments.isEmpty() ? "Fairlead" : "Fairlead " + String.join(" ", arguments);
    }

    @Override
    public String version() {
        return launcher == null ? "" : Programs.version(launcher.toString(), "--version");
    }

    @Override
    public @Nullable String missing() {
        return launcher == null
                ? "no fairlead beside proxy-bench or on the PATH: mvn package -DskipTests, or"
                        + " --fairlead FILE"
                : null;
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
    public Agent start(Lab lab, Layout layout, Path work) throws IOException {
        Path manifests = Files.createDirectory(work.resolve("manifests"));
        Path run = work.resolve("run");
        Host node = lab.n1();
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
                new ArrayList<>(
                        List.of(
                                String.valueOf(launcher),
                                "agent",
                                "--manifests",
                                manifests.toString(),
                                "--node-name",
                                node.name(),
                                "--run-dir",
                                run.toString(),
                                "--service-cidr",
                                Lab.SERVICE_CIDR,
                                "--capture",
                                "bpf"));
        command.addAll(arguments);
        ServiceManifest manifest = new ServiceManifest(manifests, layout, layout.addresses(lab));
        manifest.write(layout.backends());
        Path log = work.resolve("agent.log");
        return new Agent(
                Programs.running(Programs.start(node, command, log), "", log), manifest, run);
    }

    /// A running agent.
    ///
    /// @param manifest what it serves
    /// @param runDir its run directory
    public record Agent(Running running, ServiceManifest manifest, Path runDir) implements Running {

        /// Where it is asked what it does.
        public Path adminSocket() {
            return runDir.resolve("admin.sock");
        }

        @Override
        public String address(int service) {
            return Layout.vip(service);
        }

        @Override
        public @Nullable ProcessHandle process() {
            return running.process();
        }

        @Override
        public String log() {
            return running.log();
        }

        @Override
        public void close() {
            running.close();
        }
    }
}
