package io.fairlead.k8s.sync;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.local.Localiser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control thread: takes the latest state of the cluster to the data plane.
///
/// States that come faster than they can be applied are skipped but for the last: never a queue of
/// snapshots. The first change after a quiet time is applied at once.
public final class SyncLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncLoop.class);

    /// Between the end of one change and the start of the next: bounds the cost of a flapping
    /// cluster, and is less than anybody notices.
    private static final Duration MIN_INTERVAL = Duration.ofMillis(10);

    /// How often a VIP that could not be captured is tried again, and the like.
    private static final Duration MAINTAIN_INTERVAL = Duration.ofSeconds(2);

    /// When a state that could not be applied is tried again (SEMANTICS A14.1).
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(30);

    private final Localiser localiser;
    private final DataPlane plane;
    private final Placement placement;
    private final ProblemLog problems = new ProblemLog();
    private final CompletableFuture<List<CaptureFailure>> first = new CompletableFuture<>();
    private final SyncProgress progress = new SyncProgress(Moment::now);
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-control").daemon().factory());

    // Of the control thread.
    private long lastEndNanos = System.nanoTime() - MIN_INTERVAL.toNanos();
    private @Nullable ClusterUpdate lastInput;
    private List<Problem> lastRead = List.of();
    private List<Problem> lastLocal = List.of();
    private List<CaptureFailure> failures = List.of();

    /// @param placement what the way of capturing adds to a snapshot
    public SyncLoop(Localiser localiser, DataPlane plane, Placement placement) {
        this.localiser = localiser;
        this.plane = plane;
        this.placement = placement;
        var _ =
                thread.scheduleWithFixedDelay(
                        this::maintain,
                        MAINTAIN_INTERVAL.toMillis(),
                        MAINTAIN_INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /// Applies an update soon, unless a later one comes first. Any thread; returns at once.
    public void offer(ClusterUpdate update) {
        if (progress.offer(update) && !thread.isShutdown()) {
            thread.execute(this::schedule);
        }
    }

    /// Applies the latest state again, by other options. Any thread; returns at once.
    public void reconfigure(LocalOptions options) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                localiser.reconfigure(options);
                ClusterUpdate latest = lastInput;
                if (latest != null && progress.offerAgain(latest)) {
                    schedule();
                }
            });
        }
    }

    private void schedule() {
        long wait = lastEndNanos + MIN_INTERVAL.toNanos() - System.nanoTime();
        var _ = thread.schedule(this::applyLatest, wait, TimeUnit.NANOSECONDS);
    }

    private void applyLatest() {
        ClusterUpdate input = progress.take();
        if (input == null) {
            return;
        }
        lastInput = input;
        try {
            LocalView view = localiser.localise(input.state());
            ServiceSnapshot placed = placement.place(view.snapshot());
            failures = plane.apply(placed);
            lastRead = input.problems();
            lastLocal = view.problems();
            if (!first.isDone() && failures.stream().anyMatch(CaptureFailure::isByAnotherAgent)) {
                // Whoever starts this agent is about to end it: that is the one thing to say.
                first.complete(failures);
                return;
            }
            report();
            progress.onApplied(input.state(), view, placed.node().nodePortAddresses());
            first.complete(failures);
        } catch (RuntimeException e) {
            // What is served stays as it was; the next state gets its chance, or this one later.
            LOG.error("a change could not be applied", e);
            progress.onFailed(input);
            first.completeExceptionally(e);
        } finally {
            lastEndNanos = System.nanoTime();
        }
    }

    private void maintain() {
        try {
            List<CaptureFailure> before = failures;
            if (placement.hasMoved() && lastInput != null && progress.offerAgain(lastInput)) {
                schedule();
            }
            failures = plane.maintain();
            if (!failures.equals(before)) {
                report();
            }
            if (progress.requeueFailed(RETRY_INTERVAL)) {
                applyLatest();
            }
        } catch (RuntimeException e) {
            LOG.error("the data plane could not be maintained", e);
        }
    }

    private void report() {
        List<Problem> all = new ArrayList<>(lastRead);
        all.addAll(lastLocal);
        failures.forEach(f -> all.add(problem(f)));
        problems.report("sync", all);
    }

    private Problem problem(CaptureFailure failure) {
        ServicePortName name = plane.servedAt(failure.frontend());
        String object = name == null ? "VIP" : "Service " + name.qualifiedService();
        return new Problem(object, failure.frontend().toString(), failure.message());
    }

    /// Completes when the first state has been applied, with what could not be captured.
    public CompletableFuture<List<CaptureFailure>> first() {
        return first;
    }

    /// What waits and what is applied.
    public SyncProgress progress() {
        return progress;
    }

    /// The problems there are.
    public ProblemLog problems() {
        return problems;
    }

    /// Applies nothing more.
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
