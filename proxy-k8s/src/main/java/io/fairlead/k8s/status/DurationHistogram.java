package io.fairlead.k8s.status;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.sync.Durations;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// [Durations] as a histogram for each family; several of one family are added up.
final class DurationHistogram implements Collector {

    private final MetricMetadata metadata;
    private final Function<IpFamily, List<Durations>> durations;

    DurationHistogram(String name, String help, Function<IpFamily, List<Durations>> durations) {
        this.metadata = new MetricMetadata(name, help);
        this.durations = durations;
    }

    private static double[] bounds(double[] finite) {
        double[] all = Arrays.copyOf(finite, finite.length + 1);
        all[finite.length] = Double.POSITIVE_INFINITY;
        return all;
    }

    @Override
    public HistogramSnapshot collect() {
        return new HistogramSnapshot(
                metadata, Arrays.stream(IpFamily.values()).map(this::point).toList());
    }

    private HistogramDataPointSnapshot point(IpFamily family) {
        return point(durations.apply(family), Labels.of("ip_family", SyncMetrics.label(family)));
    }

    /// All of them together; they have the same bounds.
    static HistogramDataPointSnapshot point(List<Durations> durations, Labels labels) {
        double[] bounds = bounds(durations.getFirst().boundsSeconds());
        long[] counts = new long[bounds.length];
        double sum = 0;
        for (Durations each : durations) {
            long[] more = each.counts();
            Arrays.setAll(counts, i -> counts[i] + more[i]);
            sum += each.sumSeconds();
        }
        return new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(bounds, counts), sum, labels, Exemplars.EMPTY, 0);
    }
}
