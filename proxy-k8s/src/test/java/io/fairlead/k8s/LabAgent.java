package io.fairlead.k8s;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.IpFamily;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The agent as a process on n1 of a lab, and the manifests that it follows.
final class LabAgent implements AutoCloseable {

    /// What makes the agent tell pods from others by their addresses.
    static final String[] CLUSTER_CIDR = {
        "--cluster-cidr", Lab.POD_CIDR + "," + Lab.POD_CIDR6,
    };

    private final World world;
    private final AgentProcess process;

    private LabAgent(World world, AgentProcess process) {
        this.world = world;
        this.process = process;
    }

    /// Starts it; returns when it serves what the manifests say.
    ///
    /// @param folder an empty one
    /// @param manifests what to serve from the beginning
    /// @param options beyond the way of capture and the service ranges
    static LabAgent start(
            Lab lab, Path folder, CaptureMode capture, String manifests, String... options)
            throws Exception {
        World world = new World(Files.createDirectories(folder.resolve("manifests")));
        world.write("world.yaml", manifests);
        List<Object> all =
                new ArrayList<>(
                        List.of(
                                "--capture",
                                capture.word(),
                                "--service-cidr",
                                Lab.SERVICE_CIDR + "," + Lab.SERVICE_CIDR6));
        all.addAll(List.of(options));
        AgentProcess process =
                AgentProcess.startOn(
                        lab.n1(), world.folder(), folder.resolve("run"), all.toArray());
        try {
            return new LabAgent(world, process.awaitServing());
        } catch (Throwable e) {
            process.close();
            throw e;
        }
    }

    /// The Node object of n1.
    ///
    /// @param more lines of its spec, such as its pod ranges
    static String node(Host n1, String... more) {
        return """
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        spec: {%s}
        status:
          addresses:
          - {type: InternalIP, address: "%s"}
          - {type: InternalIP, address: "%s"}
        """
                .formatted(
                        String.join(", ", more),
                        n1.ipv4().getHostAddress(),
                        n1.ipv6().getHostAddress());
    }

    /// Serves another world from some moment on.
    void change(String manifests) throws IOException {
        world.write("world.yaml", manifests);
    }

    AgentProcess process() {
        return process;
    }

    /// Asks once.
    static Outcome ask(Host client, InetSocketAddress to) throws Exception {
        return new Client(client).connect(to);
    }

    /// Asks until the outcome is a wanted one.
    static Outcome await(Host client, InetSocketAddress to, Predicate<Outcome> wanted) {
        List<Outcome> last = new ArrayList<>();
        World.await(
                () -> {
                    try {
                        last.add(ask(client, to));
                    } catch (Exception e) {
                        throw new AssertionError(client + " to " + to, e);
                    }
                    return wanted.test(last.getLast());
                },
                client + " gets from " + to + " what is wanted");
        return last.getLast();
    }

    /// Asks until someone answers.
    static Outcome.Answered awaitAnswer(Host client, InetSocketAddress to) {
        return (Outcome.Answered) await(client, to, Outcome.Answered.class::isInstance);
    }

    /// Asks until nobody is there.
    static void awaitRefusal(Host client, InetSocketAddress to) {
        await(client, to, Outcome.Refused.class::isInstance);
    }

    static InetAddress address(Host host, IpFamily family) {
        return family == IpFamily.IPV4 ? host.ipv4() : host.ipv6();
    }

    @Override
    public void close() throws IOException {
        process.close();
        world.close();
    }
}
