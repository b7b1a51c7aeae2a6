package io.fairlead.k8s.sync;

import java.time.Duration;
import java.time.Instant;

/// A point in time: on the wall clock for people, on the monotonic clock for durations.
public record Moment(Instant wall, long nanos) {

    public static Moment now() {
        return new Moment(Instant.now(), System.nanoTime());
    }

    /// How long after `earlier` this is; no step of the wall clock counts.
    public Duration since(Moment earlier) {
        return Duration.ofNanos(nanos - earlier.nanos);
    }
}
