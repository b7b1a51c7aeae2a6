package io.fairlead.k8s.cli;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// What the demo leads connections between: three Services as manifests in a folder of their own,
/// and their backends, which answer HTTP with their names.
final class DemoWorld implements AutoCloseable {

    private static final int BACKENDS_PER_SERVICE = 2;
    private static final int BACKLOG = 4096;

    /// A Service of the demo.
    record Service(String name, AddressPort vip, Balancing.Policy policy) {}

    private final Path folder;
    private final List<Service> services;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final List<HttpServer> servers = new ArrayList<>();
    private final Map<AddressPort, String> backendNames = new HashMap<>();

    private DemoWorld(Path folder, List<Service> services) {
        this.folder = folder;
        this.services = services;
    }

    private static Service service(String name, String vip, Balancing.Policy policy) {
        return new Service(name, new AddressPort(IpAddress.parse(vip), 8080), policy);
    }

    /// Starts the backends and writes the manifests for a node of that name.
    ///
    /// @param vips what the VIPs begin with, as in `127.96.0.`
    static DemoWorld create(String node, String vips) throws IOException {
        DemoWorld world =
                new DemoWorld(
                        Files.createTempDirectory("fairlead-demo-"),
                        List.of(
                                service("web", vips + "10", Balancing.Policy.LEAST_CONNECTIONS),
                                service("cache", vips + "20", Balancing.Policy.MAGLEV),
                                service("queue", vips + "30", Balancing.Policy.ROUND_ROBIN)));
        Files.createDirectories(world.manifests());
        for (Service service : world.services) {
            List<AddressPort> backends = new ArrayList<>();
            for (int i = 0; i < BACKENDS_PER_SERVICE; i++) {
                backends.add(world.startBackend(service.name() + "-" + (char) ('a' + i)));
            }
            Files.writeString(
                    world.manifests().resolve(service.name() + ".yaml"),
                    DemoManifest.of(service, backends, node));
        }
        return world;
    }

    private AddressPort startBackend(String name) throws IOException {
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), BACKLOG);
        byte[] answer = (name + "\n").getBytes(StandardCharsets.UTF_8);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, answer.length);
                        exchange.getResponseBody().write(answer);
                    }
                });
        server.setExecutor(workers);
        server.start();
        servers.add(server);
        AddressPort at =
                new AddressPort(
                        IpAddress.of(server.getAddress().getAddress()),
                        server.getAddress().getPort());
        backendNames.put(at, name);
        return at;
    }

    Path manifests() {
        return folder.resolve("manifests");
    }

    Path runDir() {
        return folder.resolve("run");
    }

    List<Service> services() {
        return services;
    }

    Map<AddressPort, String> backendNames() {
        return backendNames;
    }

    /// Stops the backends and removes the folder.
    @Override
    public void close() throws IOException {
        servers.forEach(s -> s.stop(0));
        workers.shutdownNow();
        List<Path> contents;
        try (Stream<Path> paths = Files.walk(folder)) {
            contents = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : contents) {
            Files.deleteIfExists(path);
        }
    }
}
