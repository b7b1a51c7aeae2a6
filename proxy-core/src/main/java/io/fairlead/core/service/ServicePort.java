package io.fairlead.core.service;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One port of a Service in one IP family, localised: node, zone and traffic policies are already
/// resolved into its backend sets.
///
/// @param affinitySeconds how long a client address sticks to its backend after its last new flow;
///   empty without session affinity
/// @param internal serves the ClusterIP; null without one
/// @param external serves NodePort, load-balancer and external IPs for clients outside the cluster;
///   null without such a VIP
/// @param externalFromPodOrNode serves the same VIPs for pods and this node; null as `external`
/// @param externalLocal whether `externalTrafficPolicy: Local` is in effect: clients of VIPs other
///   than the ClusterIP then keep their addresses towards the backends (SEMANTICS A5)
/// @param serving UDP only: backends that answer, whether they may be chosen or not; flows with
///   them go on (SEMANTICS A11.2)
/// @param sourceRanges clients that may use load-balancer VIPs; empty means all
/// @param flows TCP only: how its flows live, and how many there may be
public record ServicePort(
        ServicePortName name,
        List<Vip> vips,
        Balancing balancing,
        OptionalInt affinitySeconds,
        @Nullable BackendSet internal,
        @Nullable BackendSet external,
        @Nullable BackendSet externalFromPodOrNode,
        boolean externalLocal,
        Set<AddressPort> serving,
        List<Cidr> sourceRanges,
        FlowRules flows) {

    public ServicePort {
        serving = Set.copyOf(serving);
        vips = vips.stream().sorted().distinct().toList();
        sourceRanges = sourceRanges.stream().sorted().distinct().toList();
        for (Vip vip : vips) {
            if (vip.address().family() != name.family()) {
                throw new IllegalArgumentException(name + " has a VIP of another family: " + vip);
            }
            if ((vip.isInternal() ? internal : external) == null) {
                throw new IllegalArgumentException(name + " has no backend set for " + vip);
            }
        }
        if ((external == null) != (externalFromPodOrNode == null)) {
            throw new IllegalArgumentException(name + " has one external set without the other");
        }
    }

    public ServicePort withFlows(FlowRules rules) {
        return new ServicePort(
                name,
                vips,
                balancing,
                affinitySeconds,
                internal,
                external,
                externalFromPodOrNode,
                externalLocal,
                serving,
                sourceRanges,
                rules);
    }
}
