package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A service port that still has to learn which of its claimed VIPs it gets.
record PortDraft(ServicePortName name, List<Claim> claims, Sets sets, Choice choice) {

    /// The backends by who asks, as in [ServicePort].
    ///
    /// @param serving as in [ServicePort]; empty for TCP
    /// @param hintsIgnored why topology hints are not followed, or null
    record Sets(
            BackendSet internal,
            BackendSet external,
            BackendSet externalFromPodOrNode,
            Set<AddressPort> serving,
            @Nullable String hintsIgnored) {}

    /// How one of the backends is chosen, and for whom.
    ///
    /// @param externalLocal whether `externalTrafficPolicy: Local` is in effect
    record Choice(
            Balancing balancing,
            OptionalInt affinitySeconds,
            boolean externalLocal,
            List<Cidr> sourceRanges,
            FlowRules flows) {}

    /// The service port with the VIPs it was granted, or null when it got none.
    @Nullable ServicePort with(List<Vip> granted) {
        if (granted.isEmpty()) {
            return null;
        }
        boolean internal = granted.stream().anyMatch(Vip::isInternal);
        boolean external = !granted.stream().allMatch(Vip::isInternal);
        return new ServicePort(
                name,
                granted,
                choice.balancing,
                choice.affinitySeconds,
                internal ? sets.internal : null,
                external ? sets.external : null,
                external ? sets.externalFromPodOrNode : null,
                external && choice.externalLocal,
                sets.serving,
                granted.stream().anyMatch(v -> v.kind() == Vip.Kind.LOAD_BALANCER)
                        ? choice.sourceRanges
                        : List.of(),
                choice.flows);
    }
}
