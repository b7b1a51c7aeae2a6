package io.fairlead.bench.report;

import java.util.ArrayList;
import java.util.List;

/// Values to places on a drawing, along one direction, linear or logarithmic.
///
/// @param least the value at `from`
/// @param most the value at `to`
record Axis(double least, double most, double from, double to, boolean logarithmic) {

    private static final double[] STEPS = {1, 2, 5};

    static Axis linear(double most, double from, double to) {
        return new Axis(0, most <= 0 ? 1 : most, from, to, false);
    }

    static Axis logarithmic(double least, double most, double from, double to) {
        return new Axis(least, Math.max(most, least * 2), from, to, true);
    }

    double at(double value) {
        double share =
                logarithmic
                        ? Math.log(Math.max(value, least) / least) / Math.log(most / least)
                        : (value - least) / (most - least);
        return from + share * (to - from);
    }

    /// Round values on it: 1, 2 and 5 times powers of ten.
    ///
    /// @param about how many, where it is linear
    List<Double> ticks(int about) {
        return logarithmic ? logarithmicTicks() : linearTicks(about);
    }

    private List<Double> logarithmicTicks() {
        List<Double> ticks = new ArrayList<>();
        for (double power = Math.pow(10, Math.floor(Math.log10(least)));
                power <= most;
                power *= 10) {
            for (double step : STEPS) {
                if (power * step >= least * 0.999 && power * step <= most * 1.001) {
                    ticks.add(power * step);
                }
            }
        }
        return ticks;
    }

    private List<Double> linearTicks(int about) {
        double rough = (most - least) / about;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * 10;
        for (double each : STEPS) {
            if (power * each >= rough) {
                step = power * each;
                break;
            }
        }
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i * step <= most * 1.001; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }
}
