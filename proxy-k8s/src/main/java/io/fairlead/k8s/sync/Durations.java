package io.fairlead.k8s.sync;

import java.time.Duration;
import java.util.Arrays;

/// How long something took, each time since the start: counts in buckets, and the sum.
///
/// Safe for threads; one writes, whoever reads takes a [#copy].
public final class Durations {

    private static final double FIRST_BOUND_SECONDS = 0.001;
    private static final int BOUNDS = 15;

    private final long[] counts;
    private double sumSeconds;

    Durations() {
        this(new long[BOUNDS + 1], 0);
    }

    private Durations(long[] counts, double sumSeconds) {
        this.counts = counts;
        this.sumSeconds = sumSeconds;
    }

    /// Upper bounds of the buckets but the last, which has none: each twice the one before, from a
    /// millisecond, as dashboards of kube-proxy have them (SEMANTICS A13).
    public static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS];
        for (int i = 0; i < BOUNDS; i++) {
            bounds[i] = FIRST_BOUND_SECONDS * (1 << i);
        }
        return bounds;
    }

    synchronized void add(Duration duration) {
        double seconds = duration.toNanos() / 1e9;
        int bucket = Arrays.binarySearch(boundsSeconds(), seconds);
        counts[bucket < 0 ? -bucket - 1 : bucket]++;
        sumSeconds += seconds;
    }

    /// The counts and the sum of one moment.
    public synchronized Durations copy() {
        return new Durations(counts.clone(), sumSeconds);
    }

    /// One for each bound and one for what is above all.
    public synchronized long[] counts() {
        return counts.clone();
    }

    public synchronized double sumSeconds() {
        return sumSeconds;
    }
}
