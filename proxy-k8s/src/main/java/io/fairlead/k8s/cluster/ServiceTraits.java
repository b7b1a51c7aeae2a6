package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a Service's metadata says: age, who is to serve it, how to balance.
///
/// @param created `metadata.creationTimestamp`; null where a manifest has none
/// @param proxyName label `service.kubernetes.io/service-proxy-name`, which hands the Service to
///   another proxy; null without it
/// @param balance annotation `fairlead.io/balance`; null without it
/// @param hashBalanceFactorPercent annotation `fairlead.io/hash-balance-factor`, or
///   [Balancing#UNBOUNDED]
/// @param flows what its annotations say of its flows; [io.fairlead.core.service.FlowRules#OFF] for
///   what they switch off
public record ServiceTraits(
        @Nullable Instant created,
        @Nullable String proxyName,
        @Nullable Policy balance,
        int hashBalanceFactorPercent,
        Map<FlowSetting, Integer> flows) {

    /// Metadata that says nothing.
    public static final ServiceTraits NONE =
            new ServiceTraits(null, null, null, Balancing.UNBOUNDED);

    public ServiceTraits {
        flows = Map.copyOf(flows);
    }

    /// Metadata that says nothing of flows.
    public ServiceTraits(
            @Nullable Instant created,
            @Nullable String proxyName,
            @Nullable Policy balance,
            int hashBalanceFactorPercent) {
        this(created, proxyName, balance, hashBalanceFactorPercent, Map.of());
    }
}
