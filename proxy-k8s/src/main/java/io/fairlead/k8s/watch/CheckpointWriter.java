package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterState;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a checkpoint near the state that is handed on, at a bounded cost.
///
/// A thread of its own writes; states that come faster than it may write are skipped but for the
/// last. A normal end leaves the last one.
final class CheckpointWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

    /// The first state, and what comes right after it.
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// What a crash may lose: little beside the age that a checkpoint has when it is needed.
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// However large the cluster, writing takes no more than a hundredth of a processor.
    private static final long PAUSE_FACTOR = 100;

    private final Checkpoint checkpoint;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("fairlead-checkpoint").daemon().factory());

    /// Written by whoever offers.
    private volatile @Nullable ClusterState latest;

    /// Written by the thread.
    private volatile long pauseNanos = FIRST_NANOS;

    // Of the thread, and of whoever closes once it has ended.
    private @Nullable ClusterState written;
    private boolean failing;

    CheckpointWriter(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /// Writes the state soon, unless a later one comes first. One thread; returns at once.
    void offer(ClusterState state) {
        latest = state;
        if (scheduled.compareAndSet(false, true) && !thread.isShutdown()) {
            var _ = thread.schedule(this::run, pauseNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void run() {
        scheduled.set(false);
        long start = System.nanoTime();
        write();
        pauseNanos = Math.max(PAUSE_NANOS, PAUSE_FACTOR * (System.nanoTime() - start));
    }

    /// States that are equal are the same.
    @SuppressWarnings("ReferenceEquality")
    private void write() {
        ClusterState state = latest;
        if (state == null || state == written) {
            return;
        }
        try {
            checkpoint.write(state, Instant.now());
            written = state;
            failing = false;
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.warn(
                        "the checkpoint {} cannot be written ({}); a start while the API server is"
                                + " away would serve nothing",
                        checkpoint,
                        String.valueOf(e.getMessage()));
            }
            failing = true;
        }
    }

    /// Writes what is not written yet, and nothing more.
    @Override
    public void close() {
        // A write under way ends: interrupted, it would be a failed one.
        thread.shutdown();
        try {
            if (thread.awaitTermination(10, TimeUnit.SECONDS)) {
                write();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
