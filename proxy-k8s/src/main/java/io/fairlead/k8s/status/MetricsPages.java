package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fairlead.core.DataPlane;
import io.fairlead.k8s.sync.SyncLoop;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/// Pages of the metrics server (SEMANTICS A12c).
final class MetricsPages {

    private static final PrometheusTextFormatWriter FORMAT = PrometheusTextFormatWriter.create();

    private final PrometheusRegistry registry;
    private final Supplier<? extends Map<String, ?>> configuration;
    private final DebugPages debug;

    private MetricsPages(
            PrometheusRegistry registry,
            Supplier<? extends Map<String, ?>> configuration,
            DebugPages debug) {
        this.registry = registry;
        this.configuration = configuration;
        this.debug = debug;
    }

    /// Pages with all metrics there are, besides those `registry` has already.
    static MetricsPages of(
            PrometheusRegistry registry,
            SyncLoop sync,
            DataPlane plane,
            Supplier<? extends Map<String, ?>> configuration,
            BooleanSupplier healthy) {
        SyncMetrics.register(registry, sync.progress());
        FairleadMetrics.register(registry, sync, plane);
        ProcessMetrics.register(registry);
        return new MetricsPages(
                registry, configuration, new DebugPages(configuration, healthy, Clock.systemUTC()));
    }

    HttpReply answer(String path) {
        return switch (path) {
            case "/metrics" -> metrics(registry);
            case "/metrics/slis" -> metrics(debug.levels());
            case "/flagz" -> debug.flagz();
            case "/statusz" -> debug.statusz();
            case "/healthz" -> HttpReply.text("ok");
            case "/proxyMode" -> HttpReply.text("fairlead");
            case "/configz" -> HttpReply.json(HttpReply.OK, configz());
            default -> HttpReply.notFound();
        };
    }

    private String configz() {
        return JsonMapper.shared().writeValueAsString(Map.of("fairlead.io", configuration.get()));
    }

    private static HttpReply metrics(PrometheusRegistry registry) {
        return new HttpReply(
                HttpReply.OK, PrometheusTextFormatWriter.CONTENT_TYPE, text(registry), Map.of());
    }

    private static String text(PrometheusRegistry registry) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            FORMAT.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(UTF_8);
    }
}
