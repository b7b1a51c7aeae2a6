package io.fairlead.core.backend;

import java.time.Duration;

/// When a backend that cannot be connected to is ejected, so that flows are led round it, and for
/// how long.
///
/// @param failures connections in a row that failed; 0 for never
/// @param baseTime for how long the first time; each further time in a row it is so much longer
/// @param maxTime the longest
public record EjectionRule(int failures, Duration baseTime, Duration maxTime) {

    /// As Envoy's outlier detection has it (`consecutive_local_origin_failure`,
    /// `base_ejection_time`, `max_ejection_time`).
    public static final EjectionRule DEFAULT =
            new EjectionRule(5, Duration.ofSeconds(30), Duration.ofMinutes(5));

    public EjectionRule {
        if (failures < 0) {
            throw new IllegalArgumentException(failures + " failures are less than none");
        }
        if (!baseTime.isPositive()) {
            throw new IllegalArgumentException("ejection for " + baseTime + " is none");
        }
        if (maxTime.compareTo(baseTime) < 0) {
            throw new IllegalArgumentException(
                    "ejection for "
                            + maxTime.toMillis()
                            + " ms at most, and "
                            + baseTime.toMillis()
                            + " ms the first time, contradict each other");
        }
    }

    boolean applies(int failed) {
        return failures > 0 && failed >= failures;
    }

    /// How long an ejection is, the `times`-th in a row.
    long nanos(int times) {
        long base = baseTime.toNanos();
        long max = maxTime.toNanos();
        return times > max / base ? max : base * times;
    }
}
