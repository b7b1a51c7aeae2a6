package io.fairlead.bench.report;

import java.util.List;

/// The middle and the ends of a few figures of the same thing.
///
/// The rule of differences: two spreads differ only where they do not overlap. With five figures
/// each, chance alone separates them once in 126 times (2 of the 252 ways to deal ten figures to
/// two hands); with three, once in ten.
public record Spread(double median, double least, double most, int count) {

    /// What one spread is to another.
    public enum Difference {
        MORE,
        LESS,
        NOT_SHOWN
    }

    /// The spread of some figures.
    ///
    /// @throws IllegalArgumentException for none
    public static Spread of(List<Double> figures) {
        if (figures.isEmpty()) {
            throw new IllegalArgumentException("no figures");
        }
        double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    public Difference against(Spread other) {
        if (least > other.most) {
            return Difference.MORE;
        }
        return most < other.least ? Difference.LESS : Difference.NOT_SHOWN;
    }

    /// Median to median.
    public double ratio(Spread other) {
        return median / other.median;
    }
}
