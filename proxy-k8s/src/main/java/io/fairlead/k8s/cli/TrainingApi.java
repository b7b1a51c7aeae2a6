package io.fairlead.k8s.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/// As much of an API server as the training of a start-up cache needs: one list of each resource,
/// and a watch of EndpointSlices that says what it is told to.
final class TrainingApi implements AutoCloseable {

    private static final String SLICES = "endpointslices";

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final LinkedBlockingQueue<String> changes = new LinkedBlockingQueue<>();
    private final List<String> services = new ArrayList<>();
    private final List<String> slices = new ArrayList<>();

    TrainingApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(workers);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void start() {
        server.start();
    }

    /// A Service that the list will have.
    void service(String name, String clusterIp, int port) {
        services.add(
                """
                {"metadata":{"name":"%s","namespace":"default","uid":"%s","resourceVersion":"1"},\
                "spec":{"type":"ClusterIP","clusterIP":"%s","clusterIPs":["%s"],\
                "ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","sessionAffinity":"None",\
                "internalTrafficPolicy":"Cluster","selector":{"app":"%s"},\
                "ports":[{"name":"http","port":%d,"targetPort":8080,"protocol":"TCP"}]}}\
                """
                        .formatted(name, name, clusterIp, clusterIp, name, port));
    }

    /// An EndpointSlice that the list will have.
    void slice(String service, List<String> addresses, int port) {
        slices.add(sliceOf(service, addresses, port, 1));
    }

    /// Tells those who watch.
    void change(String service, List<String> addresses, int port, int version) {
        changes.add(
                "{\"type\":\"MODIFIED\",\"object\":"
                        + typed(SLICES, sliceOf(service, addresses, port, version))
                        + "}\n");
    }

    private static String sliceOf(String service, List<String> addresses, int port, int version) {
        StringBuilder endpoints = new StringBuilder();
        for (String address : addresses) {
            endpoints
                    .append(endpoints.isEmpty() ? "" : ",")
                    .append(
                            """
                            {"addresses":["%s"],"nodeName":"n1","zone":"a",\
                            "conditions":{"ready":true,"serving":true,"terminating":false},\
                            "targetRef":{"kind":"Pod","namespace":"default","name":"p"}}\
                            """
                                    .formatted(address));
        }
        return """
        {"metadata":{"name":"%s-1","namespace":"default","resourceVersion":"%d",\
        "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-02T03:04:05Z"},\
        "labels":{"kubernetes.io/service-name":"%s"}},"addressType":"IPv4",\
        "ports":[{"name":"http","port":%d,"protocol":"TCP"}],"endpoints":[%s]}\
        """
                .formatted(service, version, service, port, endpoints);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String resource = path.substring(path.lastIndexOf('/') + 1);
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!query.contains("watch=true")) {
                out.write(list(resource).getBytes(StandardCharsets.UTF_8));
            } else if (resource.equals(SLICES)) {
                say(out);
            }
        }
    }

    private void say(OutputStream out) throws IOException {
        try {
            while (true) {
                out.write(changes.take().getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private String list(String resource) {
        List<String> items =
                switch (resource) {
                    case "services" -> services;
                    case SLICES -> slices;
                    case "nodes" ->
                            List.of("{\"metadata\":{\"name\":\"n1\",\"resourceVersion\":\"1\"}}");
                    default -> List.of();
                };
        return """
        {"kind":"%sList","apiVersion":"%s","metadata":{"resourceVersion":"1"},"items":[%s]}\
        """
                .formatted(kind(resource), version(resource), String.join(",", items));
    }

    private static String typed(String resource, String object) {
        return "{\"kind\":\"%s\",\"apiVersion\":\"%s\",%s"
                .formatted(kind(resource), version(resource), object.substring(1));
    }

    private static String kind(String resource) {
        return switch (resource) {
            case "services" -> "Service";
            case SLICES -> "EndpointSlice";
            case "nodes" -> "Node";
            default -> "ServiceCIDR";
        };
    }

    private static String version(String resource) {
        return switch (resource) {
            case "services", "nodes" -> "v1";
            case SLICES -> "discovery.k8s.io/v1";
            default -> "networking.k8s.io/v1";
        };
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
