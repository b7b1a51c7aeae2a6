package io.fairlead.k8s.cluster;

import java.util.List;

/// The addresses at which a Service wants to be reached.
///
/// @param ingress load-balancer addresses from `status.loadBalancer.ingress`
public record ServiceAddresses(
        ClusterIps clusterIps, List<AddressField> externalIps, List<LoadBalancerIngress> ingress) {

    public ServiceAddresses {
        externalIps = List.copyOf(externalIps);
        ingress = List.copyOf(ingress);
    }

    /// A load-balancer address.
    ///
    /// @param vip true when nodes are to serve the address themselves (`ipMode` absent or `VIP`);
    ///   false when traffic must travel to the load balancer (`Proxy`)
    public record LoadBalancerIngress(AddressField at, boolean vip) {}
}
