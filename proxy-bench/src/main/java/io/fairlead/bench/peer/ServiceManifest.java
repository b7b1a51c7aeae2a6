package io.fairlead.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The manifest of a [Layout]'s Services, in a folder that an agent follows.
///
/// @param backends addresses of all endpoints
public record ServiceManifest(Path folder, Layout layout, List<String> backends) {

    /// Puts the file in the place of the one before, at once.
    ///
    /// @param endpoints how many of the backends each Service has
    public void write(int endpoints) throws IOException {
        String yaml =
                IntStream.range(0, layout.services())
                        .mapToObj(service -> service(service, endpoints))
                        .collect(Collectors.joining());
        Path next = folder.resolve(".services.tmp");
        Files.writeString(next, yaml);
        Files.move(
                next,
                folder.resolve("services.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private String service(int number, int endpoints) {
        boolean first = number == 0;
        String brief = "{name: brief, port: " + Layout.BRIEF + ", protocol: TCP}";
        return """
        ---
        {apiVersion: v1, kind: Service, metadata: {name: s%1$d, namespace: bench}, spec: {clusterIP: %2$s, ports: [%3$s]}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s%1$d, namespace: bench, labels: {kubernetes.io/service-name: s%1$d}}, addressType: IPv4, ports: [%4$s], endpoints: [%5$s]}
        """
                .formatted(
                        number,
                        Layout.vip(number),
                        first ? ports(Layout.UDP_KNOWN, Layout.UDP_NEW) : brief,
                        first ? ports(Layout.UDP_SERVER, Layout.UDP_SERVER) : brief,
                        backends.stream()
                                .limit(endpoints)
                                .map(ServiceManifest::endpoint)
                                .collect(Collectors.joining(", ")));
    }

    private static String ports(int known, int questions) {
        return "{name: steady, port: %d, protocol: TCP}, {name: brief, port: %d, protocol: TCP}, "
                        .formatted(Layout.STEADY, Layout.BRIEF)
                + "{name: known, port: %d, protocol: UDP}, {name: new, port: %d, protocol: UDP}"
                        .formatted(known, questions);
    }

    private static String endpoint(String address) {
        String node = address.startsWith("10.244.1.") ? "n1" : "n2";
        return "{addresses: [" + address + "], nodeName: " + node + "}";
    }
}
