package io.fairlead.k8s.cluster;

import io.fairlead.core.service.IpFamily;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An EndpointSlice that belongs to a Service and holds addresses of one IP family.
///
/// @param service the Service that label `kubernetes.io/service-name` names
public record EndpointSliceSpec(
        ObjectName name,
        ObjectName service,
        IpFamily family,
        SliceTraits traits,
        List<SlicePort> ports,
        List<Endpoint> endpoints)
        implements ClusterObject {

    public EndpointSliceSpec {
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    @Override
    public ObjectKey key() {
        return new ObjectKey(ObjectKey.Kind.ENDPOINT_SLICE, name);
    }

    /// What a slice's metadata says.
    ///
    /// @param headless has the label `service.kubernetes.io/headless`
    /// @param weight of each endpoint of the slice, by annotation `fairlead.io/weight`
    /// @param lastChangeTrigger when that happened of which the last change of the slice came, by
    ///   annotation `endpoints.kubernetes.io/last-change-trigger-time`; null where it does not say.
    ///   It has no part in equality: a slice that came by the same endpoints later is no change
    public record SliceTraits(boolean headless, int weight, @Nullable Instant lastChangeTrigger) {

        public SliceTraits(boolean headless, int weight) {
            this(headless, weight, null);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof SliceTraits traits
                    && headless == traits.headless
                    && weight == traits.weight;
        }

        @Override
        public int hashCode() {
            return Objects.hash(headless, weight);
        }
    }
}
