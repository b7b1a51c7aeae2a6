package io.fairlead.k8s.status;

import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.watch.ApiStatus;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/// Metrics of how it stands with the API server.
final class ApiMetrics {

    private static final List<ObjectKey.Kind> GUARDED =
            List.of(ObjectKey.Kind.SERVICE, ObjectKey.Kind.ENDPOINT_SLICE);

    private ApiMetrics() {}

    static void register(PrometheusRegistry registry, Supplier<ApiStatus> status) {
        gauge(
                registry,
                "fairlead_api_last_contact_age_seconds",
                "Time since anything came from the API server, or since the start.",
                () -> seconds(status.get().contactAge()));
        gauge(
                registry,
                "fairlead_api_watching",
                "Whether Services, EndpointSlices and the own Node are being watched.",
                () -> status.get().watching() ? 1 : 0);
        gauge(
                registry,
                "fairlead_state_stale",
                "Whether what is served comes from a checkpoint that the API server has not"
                        + " confirmed yet.",
                () -> status.get().stale() ? 1 : 0);
        CounterWithCallback.builder()
                .name("fairlead_api_watch_restarts")
                .help(
                        "Watches started again: each that was silent for too long or ended by"
                                + " itself, and all of them at once over a new connection.")
                .labelNames("reason")
                .callback(
                        out -> status.get().restarts().forEach((reason, n) -> out.call(n, reason)))
                .register(registry);
        GaugeWithCallback.builder()
                .name("fairlead_empty_list_held_seconds")
                .help(
                        "How long objects have been served that an empty list of the API server"
                                + " left out; 0 when there are none.")
                .labelNames("kind")
                .callback(out -> {
                    ApiStatus now = status.get();
                    GUARDED.forEach(kind ->
                            out.call(
                                    seconds(now.held().getOrDefault(kind, Duration.ZERO)),
                                    kind.word()));
                })
                .register(registry);
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    private static void gauge(
            PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }
}
