package io.fairlead.k8s.status;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.sync.Durations;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.SyncProgress;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Metrics of kube-proxy that have a meaning here, under its names (SEMANTICS A13), so that
/// dashboards and alerts made for it work.
///
/// Both families are applied at once: what has a label for the family says the same for both.
final class SyncMetrics {

    private static final String PREFIX = "kubeproxy_sync_";
    private static final List<String> FAMILIES = List.of("IPv4", "IPv6");

    private SyncMetrics() {}

    static void register(PrometheusRegistry registry, SyncProgress progress) {
        durations(registry, progress);
        latency(registry, progress);
        timestamp(
                registry,
                "last_timestamp",
                "When a state was last applied, in seconds since 1970.",
                progress::lastApplied);
        timestamp(
                registry,
                "last_queued_timestamp",
                "When a state was last queued to be applied, in seconds since 1970.",
                progress::lastQueued);
        changes(
                registry,
                "service",
                "Services",
                progress::pendingServiceChanges,
                progress::serviceChanges);
        changes(
                registry,
                "endpoint",
                "EndpointSlices",
                progress::pendingSliceChanges,
                progress::sliceChanges);
        registry.register(new NoLocalEndpoints(progress));
    }

    private static void durations(PrometheusRegistry registry, SyncProgress progress) {
        histogram(
                registry,
                "proxy_rules_duration_seconds",
                "Time it took to apply a state.",
                () -> List.of(progress.full(), progress.partial()));
        histogram(
                registry,
                "full_proxy_rules_duration_seconds",
                "Time it took to go through a whole state: the first time and once an hour.",
                () -> List.of(progress.full()));
        histogram(
                registry,
                "partial_proxy_rules_duration_seconds",
                "Time it took to apply what a later state changed.",
                () -> List.of(progress.partial()));
    }

    private static void latency(PrometheusRegistry registry, SyncProgress progress) {
        registry.register(
                new DurationHistogram(
                        "kubeproxy_network_programming_duration_seconds",
                        "Time from what changed an EndpointSlice, by its annotation, to its being"
                                + " served.",
                        family -> List.of(progress.programmingLatency(family))));
    }

    private static void histogram(
            PrometheusRegistry registry,
            String name,
            String help,
            Supplier<List<Durations>> durations) {
        registry.register(new DurationHistogram(PREFIX + name, help, _ -> durations.get()));
    }

    private static void timestamp(
            PrometheusRegistry registry,
            String name,
            String help,
            Supplier<Optional<Moment>> moment) {
        GaugeWithCallback.builder()
                .name(PREFIX + "proxy_rules_" + name + "_seconds")
                .help(help)
                .labelNames("ip_family")
                .callback(out -> {
                    double seconds = moment.get().map(m -> seconds(m.wall())).orElse(0.0);
                    FAMILIES.forEach(family -> out.call(seconds, family));
                })
                .register(registry);
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    private static void changes(
            PrometheusRegistry registry,
            String name,
            String objects,
            LongSupplier pending,
            LongSupplier total) {
        String base = PREFIX + "proxy_rules_" + name + "_changes";
        GaugeWithCallback.builder()
                .name(base + "_pending")
                .help(objects + " that are not yet applied as they are now.")
                .callback(out -> out.call((double) pending.getAsLong()))
                .register(registry);
        CounterWithCallback.builder()
                .name(base)
                .help(
                        objects
                                + " that an applied state changed; changes that came together are one.")
                .callback(out -> out.call((double) total.getAsLong()))
                .register(registry);
    }

    /// The word of a family in labels.
    static String label(IpFamily family) {
        return switch (family) {
            case IPV4 -> "IPv4";
            case IPV6 -> "IPv6";
        };
    }
}
