package io.fairlead.k8s.status;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Which servers there are besides those of Services.
///
/// @param healthz for load balancers and kubelet; null for none
/// @param metrics for Prometheus and people; null for none
public record StatusOptions(@Nullable BindAddress healthz, @Nullable BindAddress metrics) {

    /// As kube-proxy has them: load balancers and scrapers look there.
    public static final String DEFAULT_HEALTHZ = "0.0.0.0:10256";

    public static final String DEFAULT_METRICS = "127.0.0.1:10249";

    public static final StatusOptions DEFAULT = parse(DEFAULT_HEALTHZ, DEFAULT_METRICS);

    public static final StatusOptions OFF = new StatusOptions(null, null);

    /// Reads both by the rules of [BindAddress#parse].
    public static StatusOptions parse(String healthz, String metrics) {
        return new StatusOptions(BindAddress.parse(healthz), BindAddress.parse(metrics));
    }

    /// `off` or the address.
    public static String text(@Nullable BindAddress address) {
        return address == null ? "off" : Objects.toString(address);
    }
}
