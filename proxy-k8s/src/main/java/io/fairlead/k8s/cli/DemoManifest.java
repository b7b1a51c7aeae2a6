package io.fairlead.k8s.cli;

import io.fairlead.core.service.AddressPort;
import java.util.List;

/// The text of a demo Service's manifest, as `kubectl get -o yaml` would print its like.
final class DemoManifest {

    private DemoManifest() {}

    static String of(DemoWorld.Service service, List<AddressPort> backends, String node) {
        StringBuilder text = new StringBuilder(service(service));
        for (int i = 0; i < backends.size(); i++) {
            text.append(slice(service.name(), i + 1, backends.get(i), node));
        }
        return text.toString();
    }

    private static String service(DemoWorld.Service service) {
        return """
        apiVersion: v1
        kind: Service
        metadata:
          name: %1$s
          namespace: default
          annotations:
            fairlead.io/balance: %2$s
        spec:
          type: ClusterIP
          clusterIP: %3$s
          clusterIPs: [%3$s]
          ipFamilies: [IPv4]
          ports:
            - name: http
              port: %4$d
              protocol: TCP
        """
                .formatted(
                        service.name(),
                        service.policy().word(),
                        service.vip().address(),
                        service.vip().port());
    }

    /// A slice has one port number for all its endpoints, so backends that share an address have a
    /// slice each.
    private static String slice(String service, int number, AddressPort at, String node) {
        return """
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %1$s-%2$d
          namespace: default
          labels:
            kubernetes.io/service-name: %1$s
        addressType: IPv4
        ports:
          - name: http
            port: %4$d
            protocol: TCP
        endpoints:
          - addresses: [%3$s]
            nodeName: %5$s
            conditions:
              ready: true
        """
                .formatted(service, number, at.address(), at.port(), node);
    }
}
