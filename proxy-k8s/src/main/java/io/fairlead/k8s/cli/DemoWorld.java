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

    private static final List<Service> SERVICES =
            List.of(
                    service("web", "127.96.0.10", Balancing.Policy.LEAST_CONNECTIONS),
                    service("cache", "127.96.0.20", Balancing.Policy.MAGLEV),
                    service("queue", "127.96.0.30", Balancing.Policy.ROUND_ROBIN));

    private final Path folder;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final List<HttpServer> servers = new ArrayList<>();
    private final Map<AddressPort, String> backendNames = new HashMap<>();

    private DemoWorld(Path folder) {
        this.folder = folder;
    }

    private static Service service(String name, String vip, Balancing.Policy policy) {
        return new Service(name, new AddressPort(IpAddress.parse(vip), 8080), policy);
    }

    /// Starts the backends and writes the manifests for a node of that name.
    static DemoWorld create(String node) throws IOException {
        DemoWorld world = new DemoWorld(Files.createTempDirectory("fairlead-demo-"));
        Files.createDirectories(world.manifests());
        for (Service service : SERVICES) {
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
        return SERVICES;
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
