package io.fairlead.k8s.status;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Pages for people and for service levels, beside the metrics (SEMANTICS A12c).
final class DebugPages {

    private static final String TYPE = "healthz";
    private static final String CHECK = "sync";

    private final Supplier<? extends Map<String, ?>> options;
    private final BooleanSupplier healthy;
    private final Clock clock;
    private final Instant started;
    private final PrometheusRegistry levels = new PrometheusRegistry();
    private final Counter checks =
            Counter.builder()
                    .name("kubernetes_healthchecks")
                    .help("Health checks by their result; one with each scrape.")
                    .labelNames("name", "status", "type")
                    .withoutExemplars()
                    .register(levels);

    DebugPages(Supplier<? extends Map<String, ?>> options, BooleanSupplier healthy, Clock clock) {
        this.options = options;
        this.healthy = healthy;
        this.clock = clock;
        this.started = clock.instant();
        GaugeWithCallback.builder()
                .name("kubernetes_healthcheck")
                .help("Whether what is served follows the cluster.")
                .labelNames("name", "type")
                .callback(out -> out.call(healthy.getAsBoolean() ? 1 : 0, CHECK, TYPE))
                .register(levels);
    }

    /// The metrics of service levels, with one more check.
    PrometheusRegistry levels() {
        String status = healthy.getAsBoolean() ? "success" : "error";
        checks.labelValues(CHECK, status, TYPE).inc();
        return levels;
    }

    /// What the agent runs with, each by its key in the configuration.
    HttpReply flagz() {
        StringBuilder text = new StringBuilder("fairlead flagz\n\n");
        flatten("", options.get())
                .forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        return HttpReply.text(text.toString());
    }

    /// Keys of sections with the section's name before them, sorted.
    private static SortedMap<String, Object> flatten(String section, Map<?, ?> options) {
        SortedMap<String, Object> all = new TreeMap<>();
        options.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                all.putAll(flatten(section + name + ".", inner));
            } else {
                all.put(section + name, value == null ? "" : value);
            }
        });
        return all;
    }

    /// What runs, since when, and what else can be asked.
    HttpReply statusz() {
        BuildInfo build = BuildInfo.read();
        return HttpReply.text(
                """
                fairlead statusz

                Started: %s
                Up: %s
                Java version: %s
                Binary version: %s (%s)
                Paths: /configz /flagz /healthz /metrics /metrics/slis /proxyMode /statusz
                """
                        .formatted(
                                started.truncatedTo(ChronoUnit.SECONDS),
                                Duration.between(started, clock.instant())
                                        .truncatedTo(ChronoUnit.SECONDS),
                                Runtime.version(),
                                build.version(),
                                build.commit()));
    }
}
