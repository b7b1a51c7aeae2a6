package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Manifests as text, for tests.
final class Manifests {
    private Manifests() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String service(String name, String clusterIp) {
        return """
        apiVersion: v1
        kind: Service
        metadata:
          name: %s
        spec:
          clusterIP: %s
          ports:
            - {name: http, port: 80}
        """
                .formatted(name, clusterIp);
    }

    static String slice(String name, String service, String address) {
        return """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %s
          labels: {kubernetes.io/service-name: %s}
        addressType: IPv4
        ports:
          - {name: http, port: 8080, protocol: TCP}
        endpoints:
          - addresses: ["%s"]
        """
                .formatted(name, service, address);
    }

    static ClusterState stateOf(ParsedFile file) {
        ClusterState state = ClusterState.EMPTY;
        for (var object : file.objects()) {
            state = state.with(object);
        }
        return state;
    }

    /// The cluster IP of a Service in namespace `default`, or null without it.
    static @Nullable String clusterIp(ClusterState state, String service) {
        var spec = state.services().get(new ObjectName("default", service));
        if (spec == null || spec.addresses().clusterIps().primary() == null) {
            return null;
        }
        return spec.addresses().clusterIps().primary().address().toString();
    }

    /// Object and field of each problem.
    static List<String> places(List<Problem> problems) {
        return problems.stream().map(p -> p.object() + " | " + p.field()).toList();
    }
}
