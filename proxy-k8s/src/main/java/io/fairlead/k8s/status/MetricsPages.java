package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.k8s.sync.SyncLoop;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/// Pages of the metrics server (SEMANTICS A12c).
final class MetricsPages {

    private static final PrometheusTextFormatWriter FORMAT = PrometheusTextFormatWriter.create();

    /// Scrapes at a time: those who read slowly hold what these hold, and no more. Others wait.
    private static final int SCRAPES = 8;

    private final Semaphore room = new Semaphore(SCRAPES, true);
    private final PrometheusRegistry registry;
    private final ServiceMetrics services;
    private final Supplier<? extends Map<String, ?>> configuration;
    private final DebugPages debug;

    private MetricsPages(
            PrometheusRegistry registry,
            ServiceMetrics services,
            Supplier<? extends Map<String, ?>> configuration,
            DebugPages debug) {
        this.registry = registry;
        this.services = services;
        this.configuration = configuration;
        this.debug = debug;
    }

    /// Pages with all metrics there are, besides those `registry` has already.
    static MetricsPages of(
            PrometheusRegistry registry,
            ServiceMetrics services,
            SyncLoop sync,
            DataPlane plane,
            Supplier<? extends Map<String, ?>> configuration,
            BooleanSupplier healthy) {
        SyncMetrics.register(registry, sync.progress());
        FairleadMetrics.register(registry, sync, plane);
        ProcessMetrics.register(registry);
        return new MetricsPages(
                registry,
                services,
                configuration,
                new DebugPages(configuration, healthy, Clock.systemUTC()));
    }

    HttpAnswer answer(String path) {
        return switch (path) {
            case "/metrics" -> metrics(this::writeAll);
            case "/metrics/slis" -> metrics(out -> FORMAT.write(out, debug.levels().scrape()));
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

    private static HttpAnswer metrics(HttpAnswer.Source source) {
        return new HttpAnswer.Stream(PrometheusTextFormatWriter.CONTENT_TYPE, source);
    }

    private void writeAll(OutputStream out) throws IOException {
        room.acquireUninterruptibly();
        try {
            FORMAT.write(out, registry.scrape());
            services.writeTo(out);
        } finally {
            room.release();
        }
    }
}
