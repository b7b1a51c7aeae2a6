package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Balancing;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a Service's metadata says: age, who is to serve it, how to balance.
///
/// @param created `metadata.creationTimestamp`; null where a manifest has none
/// @param proxyName label `service.kubernetes.io/service-proxy-name`, which hands the Service to
///   another proxy; null without it
/// @param balance annotation `fairlead.io/balance`; null without it
/// @param hashBalanceFactorPercent annotation `fairlead.io/hash-balance-factor`, or
///   [Balancing#UNBOUNDED]
/// @param accessLog annotation `fairlead.io/access-log`; null without it
public record ServiceTraits(
        @Nullable Instant created,
        @Nullable String proxyName,
        Balancing.@Nullable Policy balance,
        int hashBalanceFactorPercent,
        @Nullable Boolean accessLog) {

    /// Metadata that says nothing.
    public static final ServiceTraits NONE =
            new ServiceTraits(null, null, null, Balancing.UNBOUNDED);

    /// Metadata that says nothing of the access log.
    public ServiceTraits(
            @Nullable Instant created,
            @Nullable String proxyName,
            Balancing.@Nullable Policy balance,
            int hashBalanceFactorPercent) {
        this(created, proxyName, balance, hashBalanceFactorPercent, null);
    }
}
