package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.SourceRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The policies of a Service.
final class PolicyMapper {

    /// What the API gives ClientIP affinity that names no timeout: three hours.
    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

    private static final int MAX_AFFINITY_SECONDS = 86_400;

    private PolicyMapper() {}

    static ServicePolicy map(ServiceSpec spec, FieldReader reader) {
        return new ServicePolicy(
                reader.choice(
                        "spec.internalTrafficPolicy",
                        spec.getInternalTrafficPolicy(),
                        "Local",
                        "Cluster"),
                reader.choice(
                        "spec.externalTrafficPolicy",
                        spec.getExternalTrafficPolicy(),
                        "Local",
                        "Cluster"),
                affinity(spec, reader),
                reader.port("spec.healthCheckNodePort", spec.getHealthCheckNodePort()),
                sourceRanges(spec, reader));
    }

    private static OptionalInt affinity(ServiceSpec spec, FieldReader reader) {
        if (!reader.choice("spec.sessionAffinity", spec.getSessionAffinity(), "ClientIP", "None")) {
            return OptionalInt.empty();
        }
        Integer seconds = timeout(spec.getSessionAffinityConfig());
        if (seconds == null) {
            return OptionalInt.of(DEFAULT_AFFINITY_SECONDS);
        }
        if (seconds < 1 || seconds > MAX_AFFINITY_SECONDS) {
            reader.problem(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                    "%d is not within 1 and %d; %d is used instead"
                            .formatted(seconds, MAX_AFFINITY_SECONDS, DEFAULT_AFFINITY_SECONDS));
            return OptionalInt.of(DEFAULT_AFFINITY_SECONDS);
        }
        return OptionalInt.of(seconds);
    }

    private static @Nullable Integer timeout(@Nullable SessionAffinityConfig config) {
        return config == null || config.getClientIP() == null
                ? null
                : config.getClientIP().getTimeoutSeconds();
    }

    private static SourceRanges sourceRanges(ServiceSpec spec, FieldReader reader) {
        List<Cidr> ranges = new ArrayList<>();
        boolean[] unreadable = {false};
        reader.each(
                "spec.loadBalancerSourceRanges",
                spec.getLoadBalancerSourceRanges(),
                (field, value) -> {
                    Cidr range = reader.range(field, value);
                    if (range == null) {
                        unreadable[0] = true;
                    } else {
                        ranges.add(range);
                    }
                });
        return new SourceRanges(ranges, unreadable[0]);
    }
}
