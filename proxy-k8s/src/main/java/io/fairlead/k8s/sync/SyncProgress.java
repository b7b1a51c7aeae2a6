package io.fairlead.k8s.sync;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.measure.Durations;
import java.time.Duration;
import java.time.Instant;
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
    private final Durations full = new Durations(Durations.doubling(0.001, 15));
    private final Durations partial = new Durations(Durations.doubling(0.001, 15));
    private final TriggerTimes triggers;

    private @Nullable ClusterUpdate pending;
    private @Nullable ClusterUpdate taken;
    private ClusterState latest = ClusterState.EMPTY;
    private Applied applied = Applied.NOTHING;

    // Since when there is something to apply: in the queue, and in the hands of the control thread.
    private @Nullable Moment waitsSince;
    private @Nullable Moment inHandSince;
    private @Nullable Moment takenAt;
    private @Nullable Moment lastQueued;
    private @Nullable Moment lastApplied;
    private Duration lastDuration = Duration.ZERO;
    private Times lastTimes = new Times(Instant.EPOCH, Duration.ZERO, Duration.ZERO, null);
    private long serviceChanges;
    private long sliceChanges;

    /// When something was applied, and how long that took.
    ///
    /// @param waited from the first offer of it; zero when nothing new was offered
    /// @param applying the part of that in the hands of the control thread
    /// @param triggered as [RecentChanges.Change] has it
    record Times(Instant at, Duration waited, Duration applying, @Nullable Duration triggered) {}

    public SyncProgress(Supplier<Moment> clock) {
        this.clock = clock;
        this.triggers = new TriggerTimes(clock.get().wall());
    }

    /// Puts an update in the place of the one that waits; whether none did.
    public synchronized boolean offer(ClusterUpdate update) {
        boolean first = pending == null;
        Moment now = clock.get();
        pending = update;
        triggers.onOffered(latest, update.state());
        latest = update.state();
        lastQueued = now;
        if (waitsSince == null) {
            waitsSince = now;
        }
        return first;
    }

    /// The update to apply now: the one that waits, else the one that was taken last; null before
    /// the first.
    public synchronized @Nullable ClusterUpdate take() {
        takenAt = clock.get();
        if (pending != null) {
            if (inHandSince == null) {
                inHandSince = waitsSince;
            }
            waitsSince = null;
            taken = pending;
            pending = null;
            triggers.onTaken();
        }
        return taken;
    }

    /// What was taken is served. What was taken and is not still counts as waiting.
    ///
    /// @param everything whether all of it was gone through, not only what changed
    public synchronized void onApplied(
            ClusterState state, LocalView view, Set<IpAddress> addresses, boolean everything) {
        Moment now = clock.get();
        lastDuration = takenAt == null ? Duration.ZERO : now.since(takenAt);
        (everything ? full : partial).add(lastDuration);
        serviceChanges += changes(applied.state().services(), state.services());
        sliceChanges += changes(applied.state().slices(), state.slices());
        applied = new Applied(applied.generation() + 1, state, view, addresses);
        Duration triggered = triggers.onApplied(now.wall());
        lastTimes =
                new Times(
                        now.wall(),
                        inHandSince == null ? Duration.ZERO : now.since(inHandSince),
                        lastDuration,
                        triggered);
        inHandSince = null;
        lastApplied = now;
        notifyAll();
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

    /// How long it took to apply what was applied last.
    public synchronized Duration lastDuration() {
        return lastDuration;
    }

    /// The same in all its parts.
    synchronized Times lastTimes() {
        return lastTimes;
    }

    /// Services that differed from one applied state to the next, summed up.
    public synchronized long serviceChanges() {
        return serviceChanges;
    }

    /// As [#serviceChanges], of slices.
    public synchronized long sliceChanges() {
        return sliceChanges;
    }

    /// How long it took to go through everything: the first time and once an hour.
    public Durations full() {
        return full.copy();
    }

    /// How long it took to apply what changed.
    public Durations partial() {
        return partial.copy();
    }

    /// How long it took from what changed a slice of a family to its being served.
    public synchronized Durations programmingLatency(IpFamily family) {
        return triggers.durations(family).copy();
    }
}
