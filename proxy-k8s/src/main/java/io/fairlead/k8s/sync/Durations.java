package io.fairlead.k8s.sync;

import java.time.Duration;
import java.util.Arrays;

/// How long something took, each time since the start: counts in buckets, and the sum.
///
/// Safe for threads; one writes, whoever reads takes a [#copy].
public final class Durations {

    private final double[] bounds;
    private final long[] counts;
    private double sumSeconds;

    /// @param boundsSeconds ascending upper bounds of the buckets but the last, which has none
    public Durations(double[] boundsSeconds) {
        this(boundsSeconds.clone(), new long[boundsSeconds.length + 1], 0);
    }

    private Durations(double[] bounds, long[] counts, double sumSeconds) {
        this.bounds = bounds;
        this.counts = counts;
        this.sumSeconds = sumSeconds;
    }

    /// Bounds that double, as dashboards of kube-proxy have many (SEMANTICS A13).
    static double[] doubling(double firstSeconds, int count) {
        double[] bounds = new double[count];
        for (int i = 0; i < count; i++) {
            bounds[i] = firstSeconds * (1L << i);
        }
        return bounds;
    }

    /// Upper bounds of the buckets but the last, which has none.
    public double[] boundsSeconds() {
        return bounds.clone();
    }

    /// Counts one more.
    public synchronized void add(Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        int bucket = Arrays.binarySearch(bounds, seconds);
        counts[bucket < 0 ? -bucket - 1 : bucket]++;
        sumSeconds += seconds;
    }

    /// The counts and the sum of one moment.
    public synchronized Durations copy() {
        return new Durations(bounds, counts.clone(), sumSeconds);
    }

    /// One for each bound and one for what is above all.
    public synchronized long[] counts() {
        return counts.clone();
    }

    public synchronized double sumSeconds() {
        return sumSeconds;
    }
}
