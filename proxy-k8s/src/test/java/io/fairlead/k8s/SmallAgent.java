package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongPredicate;

/// An agent in a process of its own that something is taken away from, and what it counts.
final class SmallAgent implements AutoCloseable {

    static final int PORT = 8080;

    private final World world;
    private final AgentProcess process;
    private final int metrics;
    private final HttpClient http = HttpClient.newHttpClient();

    private SmallAgent(World world, AgentProcess process, int metrics) {
        this.world = world;
        this.process = process;
        this.metrics = metrics;
    }

    /// Serves one backend on loopback at each address.
    ///
    /// @param under a program and its arguments, which take something away from it
    static SmallAgent start(
            Path folder, List<String> under, List<String> vips, List<ServerSocket> backends)
            throws Exception {
        World world = new World(Files.createDirectory(folder.resolve("manifests")));
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < vips.size(); i++) {
            String name = "web-" + i;
            all.append(service(name, vips.get(i), PORT, ""))
                    .append(slice(name, "127.0.0.1", backends.get(i).getLocalPort()));
        }
        world.write("web.yaml", all.toString());
        int metrics;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            metrics = free.getLocalPort();
        }
        AgentProcess process =
                AgentProcess.startUnder(
                        under,
                        "agent",
                        "--capture",
                        "loopback",
                        "--manifests",
                        world.folder(),
                        "--node-name",
                        "n1",
                        "--healthz-bind-address",
                        "off",
                        "--metrics-bind-address",
                        "127.0.0.1:" + metrics,
                        "--run-dir",
                        folder.resolve("run"));
        return new SmallAgent(world, process.awaitServing(), metrics);
    }

    AgentProcess process() {
        return process;
    }

    /// A client of an address that it serves.
    static Socket client(String vip) throws IOException {
        Socket client = new Socket(InetAddress.ofLiteral(vip), PORT);
        client.setSoTimeout(60_000);
        return client;
    }

    static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    /// The sum of all series of a metric.
    long metric(String name) {
        return metric(name, "");
    }

    /// The sum of those that have a label.
    ///
    /// @param label such as `reason="failed"`, or nothing
    long metric(String name, String label) {
        try {
            URI uri = URI.create("http://127.0.0.1:" + metrics + "/metrics");
            String page =
                    http.send(
                                    HttpRequest.newBuilder(uri).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            return page.lines()
                    .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                    .filter(line -> line.contains(label))
                    .mapToLong(line ->
                            (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void awaitMetric(String name, LongPredicate wanted) {
        World.await(() -> wanted.test(metric(name)), name);
    }

    int descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) all.count();
        }
    }

    /// Memory that it has, in KiB.
    long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        http.close();
        process.close();
        world.close();
    }
}
