package io.fairlead.k8s.status;

import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/// Whether what is served follows the cluster (SEMANTICS A12b).
///
/// Unhealthy is who has had something to apply for too long without applying anything: with nothing
/// to apply, and while starting, it is healthy. Both families are applied at once, so they are
/// healthy together. Safe for threads.
final class SyncHealth {

    private static final Duration SYNC_PERIOD = Duration.ofSeconds(30);

    /// As long as kube-proxy waits before it calls itself unhealthy.
    static final Duration TIMEOUT = SYNC_PERIOD.multipliedBy(2);

    private final SyncProgress progress;
    private final Supplier<Moment> clock;

    SyncHealth(SyncProgress progress, Supplier<Moment> clock) {
        this.progress = progress;
        this.clock = clock;
    }

    /// The health of one moment.
    ///
    /// @param lastUpdated when something was last applied; while healthy, `now`
    record Verdict(boolean healthy, Instant lastUpdated, Instant now) {}

    Verdict verdict() {
        Moment now = clock.get();
        boolean healthy =
                progress.unappliedSince()
                        .map(since -> now.since(since).compareTo(TIMEOUT) < 0)
                        .orElse(true);
        Instant last =
                healthy ? now.wall() : progress.lastApplied().map(Moment::wall).orElse(GoTime.ZERO);
        return new Verdict(healthy, last, now.wall());
    }

    boolean isHealthy() {
        return verdict().healthy();
    }
}
