package io.fairlead.k8s.local;

import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceType;
import java.util.List;
import java.util.Objects;

/// Which objects concern a service proxy at all (SEMANTICS A1.1 to A1.3, A2.1).
///
/// An API server filters some of them out before they arrive; manifests and a live label change do
/// not, so this is the one place that decides.
final class Selection {
    private Selection() {}

    static boolean serves(ServiceSpec service, LocalOptions options) {
        return Objects.equals(service.traits().proxyName(), options.serviceProxyName())
                && service.type() != ServiceType.EXTERNAL_NAME
                && service.addresses().clusterIps().primary() != null;
    }

    static List<EndpointSliceSpec> usable(List<EndpointSliceSpec> slices) {
        return slices.stream().filter(s -> !s.traits().headless()).toList();
    }
}
