package io.fairlead.bench.report;

import java.util.Locale;

/// Figures as people read them: three digits that count.
public final class Numbers {

    private static final double THOUSAND = 1_000;

    private Numbers() {}

    /// `0.42`, `9.31`, `42.0`, `418`, `12,340`.
    public static String plain(double figure) {
        double size = Math.abs(figure);
        if (figure == 0) {
            return "0";
        }
        String format = size < 0.1 ? "%.3f" : size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%,.0f";
        return String.format(Locale.ROOT, format, figure);
    }

    /// `0.42`, `418`, `12.3 k`, `1.20 M`.
    public static String brief(double figure) {
        double size = Math.abs(figure);
        if (size < 10 * THOUSAND) {
            return plain(figure);
        }
        return size < THOUSAND * THOUSAND
                ? plain(figure / THOUSAND) + " k"
                : plain(figure / (THOUSAND * THOUSAND)) + " M";
    }

    /// `0.97 x`.
    public static String times(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.2f x" : "%.0f x", ratio);
    }
}
