package io.fairlead.k8s.sync;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalView;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What waits to be applied and what has been: the state between a source, the control thread and
/// those who watch them.
///
/// Whoever has states offers them; the control thread alone takes and applies them. Safe for
/// threads; nothing is done under its lock that takes time.
public final class SyncProgress {

    private final Supplier<Moment> clock;
    private final Durations full = new Durations();
    private final Durations partial = new Durations();

    private @Nullable ClusterUpdate pending;
    private @Nullable ClusterUpdate failed;
    private ClusterState latest = ClusterState.EMPTY;
    private Applied applied = Applied.NOTHING;

    // Since when there is something to apply: in the queue, and in the hands of the control thread.
    private @Nullable Moment waitsSince;
    private @Nullable Moment inHandSince;
    private @Nullable Moment takenAt;
    private @Nullable Moment failedAt;
    private @Nullable Moment lastQueued;
    private @Nullable Moment lastApplied;
    private long serviceChanges;
    private long sliceChanges;

    public SyncProgress(Supplier<Moment> clock) {
        this.clock = clock;
    }

    /// Puts an update in the place of the one that waits; whether none did.
    public synchronized boolean offer(ClusterUpdate update) {
        boolean first = pending == null;
        Moment now = clock.get();
        pending = update;
        latest = update.state();
        lastQueued = now;
        if (waitsSince == null) {
            waitsSince = now;
        }
        return first;
    }

    /// Queues a state that was applied before, where nothing later waits; whether it did.
    public synchronized boolean offerAgain(ClusterUpdate applied) {
        return pending == null && offer(applied);
    }

    /// The update to apply now, or null when none waits.
    public synchronized @Nullable ClusterUpdate take() {
        ClusterUpdate update = pending;
        if (update != null) {
            takenAt = clock.get();
            if (inHandSince == null) {
                inHandSince = waitsSince;
            }
            waitsSince = null;
            pending = null;
            failed = null;
        }
        return update;
    }

    /// What was taken is served.
    public synchronized void onApplied(
            ClusterState state, LocalView view, Set<IpAddress> addresses) {
        Moment now = clock.get();
        if (takenAt != null) {
            (applied.generation() == 0 ? full : partial).add(now.since(takenAt));
        }
        serviceChanges += changes(applied.state().services(), state.services());
        sliceChanges += changes(applied.state().slices(), state.slices());
        applied = new Applied(applied.generation() + 1, state, view, addresses);
        inHandSince = null;
        lastApplied = now;
        notifyAll();
    }

    /// What was taken could not be applied; it still counts as waiting.
    public synchronized void onFailed(ClusterUpdate update) {
        failed = update;
        failedAt = clock.get();
    }

    /// Queues again what failed so long ago, where nothing later waits; whether it did.
    public synchronized boolean requeueFailed(Duration after) {
        if (failed == null
                || failedAt == null
                || pending != null
                || clock.get().since(failedAt).compareTo(after) < 0) {
            return false;
        }
        pending = failed;
        failed = null;
        return true;
    }

    private static <K, V> long changes(PersistentMap<K, V> before, PersistentMap<K, V> after) {
        AtomicLong count = new AtomicLong();
        after.forEachChange(before, _ -> count.incrementAndGet());
        return count.get();
    }

    /// Waits until something later than `generation` is applied, or the time is over.
    public synchronized Applied awaitApplied(long generation, Duration atMost)
            throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long rest = atMost.toNanos();
                applied.generation() == generation && rest > 0;
                rest = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(rest, 1_000_000));
        }
        return applied;
    }

    /// What is served now.
    public synchronized Applied applied() {
        return applied;
    }

    /// The latest state that was offered, applied or not.
    public synchronized ClusterState latest() {
        return latest;
    }

    /// Since when there is something that is not yet applied.
    public synchronized Optional<Moment> unappliedSince() {
        return Optional.ofNullable(inHandSince == null ? waitsSince : inHandSince);
    }

    public synchronized Optional<Moment> lastQueued() {
        return Optional.ofNullable(lastQueued);
    }

    public synchronized Optional<Moment> lastApplied() {
        return Optional.ofNullable(lastApplied);
    }

    /// Services that differ between what is served and what was offered last.
    public synchronized long pendingServiceChanges() {
        return changes(applied.state().services(), latest.services());
    }

    /// As [#pendingServiceChanges], of slices.
    public synchronized long pendingSliceChanges() {
        return changes(applied.state().slices(), latest.slices());
    }

    /// Services that differed from one applied state to the next, summed up.
    public synchronized long serviceChanges() {
        return serviceChanges;
    }

    /// As [#serviceChanges], of slices.
    public synchronized long sliceChanges() {
        return sliceChanges;
    }

    /// How long it took to apply everything: the first state.
    public Durations full() {
        return full.copy();
    }

    /// How long it took to apply what changed.
    public Durations partial() {
        return partial.copy();
    }
}
