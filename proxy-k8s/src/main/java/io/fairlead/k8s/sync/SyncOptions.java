package io.fairlead.k8s.sync;

import java.time.Duration;

/// The times that the control thread keeps (SEMANTICS A14.1).
///
/// @param minInterval from the end of one change to the start of the next
/// @param fullPeriod how often everything is gone through anew, whether it changed or not
/// @param retry when a state that could not be applied is tried again, if none comes before
public record SyncOptions(Duration minInterval, Duration fullPeriod, Duration retry) {

    /// Longer ones would overflow a clock of nanoseconds.
    private static final Duration MAX = Duration.ofDays(365);

    /// Ten milliseconds bound the cost of a flapping cluster and are less than anybody notices. The
    /// others are kube-proxy's.
    public static final SyncOptions DEFAULT =
            new SyncOptions(Duration.ofMillis(10), Duration.ofHours(1), Duration.ofSeconds(30));

    public SyncOptions {
        check("minInterval", minInterval, Duration.ZERO);
        check("fullPeriod", fullPeriod, Duration.ofNanos(1));
        check("retry", retry, Duration.ofNanos(1));
        if (retry.compareTo(minInterval) < 0) {
            throw new IllegalArgumentException(
                    "retry: " + retry + " is less than minInterval, " + minInterval);
        }
    }

    private static void check(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + value + " is not within " + least + " and " + MAX);
        }
    }
}
