package io.fairlead.k8s;

import io.fairlead.core.service.IpFamily;
import io.fairlead.lab.Host;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Service of the lab in both families, at every kind of destination there is, and its slices.
///
/// @param number tells its addresses and its NodePort from those of other Services: 1 to 254
/// @param spec lines of its spec beyond the usual
/// @param endpoints where its endpoints are
record LabService(String name, int number, List<String> spec, List<LabEndpoint> endpoints) {

    static final int PORT = 80;

    /// Where the endpoints of most Services listen.
    static final int BACKEND_PORT = 8080;

    private static final Set<String> PODS_OF_NODE_2 = Set.of("b3", "b4", "n2");

    /// One endpoint, of one family.
    ///
    /// @param node the name of its node
    record LabEndpoint(InetAddress address, String node) {}

    /// Where clients come to a Service.
    enum Destination {
        CLUSTER_IP("10.96.0.", "fd00:10:96::"),
        NODE_PORT("", ""),
        LOAD_BALANCER("203.0.113.", "2001:db8:113::"),
        EXTERNAL_IP("198.51.100.", "2001:db8:100::");

        private final String ipv4;
        private final String ipv6;

        Destination(String ipv4, String ipv6) {
            this.ipv4 = ipv4;
            this.ipv6 = ipv6;
        }

        private String address(IpFamily family, int number) {
            return (family == IpFamily.IPV4 ? ipv4 : ipv6) + number;
        }
    }

    static LabService of(String name, int number) {
        return new LabService(name, number, List.of(), List.of());
    }

    /// With one more line of its spec.
    LabService with(String line) {
        return new LabService(
                name, number, Stream.concat(spec.stream(), Stream.of(line)).toList(), endpoints);
    }

    /// With an endpoint on each of these, in both families.
    LabService on(Host... hosts) {
        List<LabEndpoint> more =
                Stream.of(hosts)
                        .flatMap(h ->
                                Stream.of(h.ipv4(), h.ipv6())
                                        .map(a -> new LabEndpoint(a, nodeOf(h))))
                        .toList();
        return new LabService(
                name, number, spec, Stream.concat(endpoints.stream(), more.stream()).toList());
    }

    /// With an endpoint on n1 at an address of choice.
    LabService at(String address) {
        LabEndpoint one = new LabEndpoint(InetAddress.ofLiteral(address), "n1");
        return new LabService(
                name, number, spec, Stream.concat(endpoints.stream(), Stream.of(one)).toList());
    }

    private static String nodeOf(Host host) {
        return PODS_OF_NODE_2.contains(host.name()) ? "n2" : "n1";
    }

    int nodePort() {
        return 30_000 + number;
    }

    /// Where a client is to connect to.
    InetSocketAddress at(Destination destination, IpFamily family, Host node) {
        return destination == Destination.NODE_PORT
                ? new InetSocketAddress(
                        family == IpFamily.IPV4 ? node.ipv4() : node.ipv6(), nodePort())
                : new InetSocketAddress(
                        InetAddress.ofLiteral(destination.address(family, number)), PORT);
    }

    InetSocketAddress clusterIp(IpFamily family) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(Destination.CLUSTER_IP.address(family, number)), PORT);
    }

    /// Both addresses at a destination, for a manifest.
    private String both(Destination destination, String before, String after) {
        return Stream.of(IpFamily.values())
                .map(f -> before + '"' + destination.address(f, number) + '"' + after)
                .collect(Collectors.joining(", "));
    }

    /// The manifest with endpoints at the usual port.
    String yaml() {
        return yaml(BACKEND_PORT);
    }

    /// The manifest.
    ///
    /// @param backendPort where all its endpoints listen
    String yaml(int backendPort) {
        StringBuilder text =
                new StringBuilder(
                        """
                        ---
                        apiVersion: v1
                        kind: Service
                        metadata: {name: %s, namespace: default}
                        spec:
                          type: LoadBalancer
                          clusterIP: %s
                          clusterIPs: [%s]
                          ipFamilies: [IPv4, IPv6]
                          externalIPs: [%s]
                          ports:
                          - {name: http, port: %d, nodePort: %d, protocol: TCP}
                        """
                                .formatted(
                                        name,
                                        Destination.CLUSTER_IP.address(IpFamily.IPV4, number),
                                        both(Destination.CLUSTER_IP, "", ""),
                                        both(Destination.EXTERNAL_IP, "", ""),
                                        PORT,
                                        nodePort()));
        spec.forEach(line -> text.append("  ").append(line).append('\n'));
        text.append("status: {loadBalancer: {ingress: [")
                .append(both(Destination.LOAD_BALANCER, "{ip: ", "}"))
                .append("]}}\n");
        slice(text, IpFamily.IPV4, backendPort);
        slice(text, IpFamily.IPV6, backendPort);
        return text.toString();
    }

    private void slice(StringBuilder text, IpFamily family, int port) {
        List<LabEndpoint> some =
                endpoints.stream()
                        .filter(e ->
                                (e.address() instanceof Inet4Address) == (family == IpFamily.IPV4))
                        .toList();
        text.append(
                """
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %1$s-%2$s
                  namespace: default
                  labels: {kubernetes.io/service-name: %1$s}
                addressType: %3$s
                ports:
                - {name: http, port: %4$d, protocol: TCP}
                endpoints:
                """
                        .formatted(
                                name,
                                family == IpFamily.IPV4 ? "v4" : "v6",
                                family == IpFamily.IPV4 ? "IPv4" : "IPv6",
                                port));
        text.append(some.isEmpty() ? "  []\n" : "");
        some.forEach(e ->
                text.append(
                        "- {addresses: [\"%s\"], nodeName: %s, conditions: {ready: true}}\n"
                                .formatted(e.address().getHostAddress(), e.node())));
    }
}
