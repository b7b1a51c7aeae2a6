package io.fairlead.k8s.status;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which servers there are besides those of Services.
///
/// @param healthz for load balancers and kubelet; null for none
/// @param metrics for Prometheus and people; null for none
/// @param admin for the admin page, on loopback; null for none
/// @param maxBackendSeries with more backends than this, they have no metrics of their own; 0 for
///   never
/// @param bindHardFail whether the agent does not start when one of them cannot listen
public record StatusOptions(
        @Nullable BindAddress healthz,
        @Nullable BindAddress metrics,
        @Nullable BindAddress admin,
        int maxBackendSeries,
        boolean bindHardFail) {

    /// As kube-proxy has them: load balancers and scrapers look there.
    public static final String DEFAULT_HEALTHZ = "0.0.0.0:10256";

    public static final String DEFAULT_METRICS = "127.0.0.1:10249";

    /// Two series each; a node of 110 pods has fewer backends of its own.
    public static final int DEFAULT_MAX_BACKEND_SERIES = 1_000;

    public static final StatusOptions DEFAULT = parse(DEFAULT_HEALTHZ, DEFAULT_METRICS);

    public static final StatusOptions OFF =
            new StatusOptions(null, null, null, DEFAULT_MAX_BACKEND_SERIES, false);

    /// Reads both by the rules of [BindAddress#parse].
    public static StatusOptions parse(String healthz, String metrics) {
        return new StatusOptions(
                BindAddress.parse(healthz),
                BindAddress.parse(metrics),
                null,
                DEFAULT_MAX_BACKEND_SERIES,
                false);
    }

    public StatusOptions withHealthz(@Nullable BindAddress at) {
        return new StatusOptions(at, metrics, admin, maxBackendSeries, bindHardFail);
    }

    public StatusOptions withMetrics(@Nullable BindAddress at) {
        return new StatusOptions(healthz, at, admin, maxBackendSeries, bindHardFail);
    }

    public StatusOptions withAdmin(@Nullable BindAddress at) {
        return new StatusOptions(healthz, metrics, at, maxBackendSeries, bindHardFail);
    }

    public StatusOptions withMaxBackendSeries(int most) {
        return new StatusOptions(healthz, metrics, admin, most, bindHardFail);
    }

    public StatusOptions withBindHardFail(boolean hard) {
        return new StatusOptions(healthz, metrics, admin, maxBackendSeries, hard);
    }

    /// The ports of those there are.
    public Set<Integer> ports() {
        Set<Integer> ports = new HashSet<>();
        for (BindAddress at : Arrays.asList(healthz, metrics, admin)) {
            if (at != null) {
                ports.add(at.port());
            }
        }
        return ports;
    }

    /// `off` or the address.
    public static String text(@Nullable BindAddress address) {
        return address == null ? "off" : Objects.toString(address);
    }
}
