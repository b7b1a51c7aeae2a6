package io.fairlead.k8s.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Pages for people and for service levels.
class DebugPagesTest {

    private boolean healthy = true;
    private final DebugPages pages =
            new DebugPages(
                    () -> Map.of("threads", 2, "status", Map.of("bindHardFail", true)),
                    () -> healthy,
                    Clock.fixed(Instant.parse("2026-11-22T10:00:00.5Z"), ZoneOffset.UTC));

    private double gauge() {
        return pages.levels().scrape().stream()
                .filter(GaugeSnapshot.class::isInstance)
                .mapToDouble(s -> ((GaugeSnapshot) s).getDataPoints().getFirst().getValue())
                .sum();
    }

    private static double count(MetricSnapshots all, String status) {
        return all.stream()
                .filter(CounterSnapshot.class::isInstance)
                .flatMap(s -> ((CounterSnapshot) s).getDataPoints().stream())
                .filter(p -> status.equals(p.getLabels().get("status")))
                .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                .sum();
    }

    @Test
    void a12c_serviceLevelsTellTheHealthAndCountTheChecks() {
        assertThat(gauge()).isEqualTo(1);
        healthy = false;
        assertThat(gauge()).isZero();
        MetricSnapshots all = pages.levels().scrape();
        assertThat(count(all, "success")).isEqualTo(1);
        assertThat(count(all, "error")).isEqualTo(2);
    }

    @Test
    void a12c_flagzShowsEachOptionOnALine() {
        assertThat(pages.flagz().body())
                .isEqualTo("fairlead flagz\n\nstatus.bindHardFail=true\nthreads=2\n");
    }

    @Test
    void a12c_statuszTellsTheStartAndThePaths() {
        assertThat(pages.statusz().body())
                .startsWith("fairlead statusz\n\nStarted: 2026-11-22T10:00:00Z\nUp: PT0S\n")
                .contains("Java version: " + Runtime.version())
                .contains("/metrics/slis");
    }
}
