package io.fairlead.k8s.cluster;

import java.util.OptionalInt;

/// Who may use a Service and which endpoints they get.
///
/// @param internalLocal `internalTrafficPolicy: Local`
/// @param externalLocal `externalTrafficPolicy: Local` as written; whether it counts depends on the
///   Service's type
/// @param affinitySeconds timeout of ClientIP session affinity; empty without affinity
/// @param healthCheckNodePort 0 without one
public record ServicePolicy(
        boolean internalLocal,
        boolean externalLocal,
        OptionalInt affinitySeconds,
        int healthCheckNodePort,
        SourceRanges sourceRanges) {

    /// What a Service gets that sets nothing.
    public static final ServicePolicy DEFAULT =
            new ServicePolicy(false, false, OptionalInt.empty(), 0, SourceRanges.ALL);
}
