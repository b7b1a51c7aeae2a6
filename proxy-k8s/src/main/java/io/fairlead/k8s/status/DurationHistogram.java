package io.fairlead.k8s.status;

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
import java.util.function.Supplier;

/// [Durations] as a histogram, the same for each family; several are added up.
final class DurationHistogram implements Collector {

    private static final double[] BOUNDS = bounds(Durations.boundsSeconds());

    private final MetricMetadata metadata;
    private final List<String> families;
    private final Supplier<List<Durations>> durations;

    DurationHistogram(
            String name, String help, List<String> families, Supplier<List<Durations>> durations) {
        this.metadata = new MetricMetadata(name, help);
        this.families = families;
        this.durations = durations;
    }

    private static double[] bounds(double[] finite) {
        double[] all = Arrays.copyOf(finite, finite.length + 1);
        all[finite.length] = Double.POSITIVE_INFINITY;
        return all;
    }

    @Override
    public HistogramSnapshot collect() {
        long[] counts = new long[BOUNDS.length];
        double sum = 0;
        for (Durations each : durations.get()) {
            long[] more = each.counts();
            Arrays.setAll(counts, i -> counts[i] + more[i]);
            sum += each.sumSeconds();
        }
        double total = sum;
        ClassicHistogramBuckets buckets = ClassicHistogramBuckets.of(BOUNDS, counts);
        return new HistogramSnapshot(
                metadata,
                families.stream()
                        .map(family ->
                                new HistogramDataPointSnapshot(
                                        buckets,
                                        total,
                                        Labels.of("ip_family", family),
                                        Exemplars.EMPTY,
                                        0))
                        .toList());
    }
}
