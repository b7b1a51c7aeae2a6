package io.fairlead.k8s.sync;

import io.fairlead.core.DataPlane;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.watch.EventQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control thread: takes the latest state of the cluster to the data plane.
///
/// States that come faster than they can be applied are skipped but for the last: never a queue of
/// snapshots. [SyncSchedule] says when.
public final class SyncLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncLoop.class);

    /// How often a VIP that could not be captured is tried again, and the like.
    private static final Duration MAINTAIN_INTERVAL = Duration.ofSeconds(2);

    /// A change under way takes milliseconds, or a second or two with ten thousand Services.
    private static final int END_SECONDS = 5;

    private final LocalViews views;
    private final DataPlane plane;
    private final Placement placement;
    private final EventQueue events;
    private final CaptureEvents captureEvents = new CaptureEvents();
    private final DialProblems dialProblems = new DialProblems();
    private final ChangeLog changes = new ChangeLog();
    private final ProblemLog problems = new ProblemLog();
    private final CompletableFuture<List<CaptureFailure>> first = new CompletableFuture<>();
    private final SyncProgress progress = new SyncProgress(Moment::now);
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-control").daemon().factory());

    // Of the control thread.
    private final SyncSchedule schedule;
    private List<Problem> lastRead = List.of();
    private List<Problem> lastLocal = List.of();
    private List<CaptureFailure> failures = List.of();
    private List<String> hostProblems = List.of();

    /// @param placement what the way of capturing adds to a snapshot
    /// @param events where Services hear of what is wrong with them
    public SyncLoop(
            SyncOptions options,
            Localiser localiser,
            DataPlane plane,
            Placement placement,
            EventQueue events) {
        this.schedule = new SyncSchedule(options);
        this.views = new LocalViews(localiser);
        this.plane = plane;
        this.placement = placement;
        this.events = events;
        var _ =
                thread.scheduleWithFixedDelay(
                        this::maintain,
                        MAINTAIN_INTERVAL.toMillis(),
                        MAINTAIN_INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
        placement.follow(this::onMoved);
    }

    private void onMoved() {
        try {
            thread.execute(this::followMachine);
        } catch (RejectedExecutionException _) {
            // Closed.
        }
    }

    private void followMachine() {
        try {
            if (placement.hasMoved()) {
                schedule();
            }
        } catch (RuntimeException e) {
            LOG.error("this node's addresses could not be followed", e);
        }
    }

    /// Applies an update soon, unless a later one comes first. Any thread; returns at once.
    public void offer(ClusterUpdate update) {
        if (progress.offer(update) && !thread.isShutdown()) {
            thread.execute(this::schedule);
        }
    }

    /// Keeps other times from now on, and applies the latest state again by other options. Any
    /// thread; returns at once.
    public void reconfigure(LocalOptions options, SyncOptions times) {
        if (!thread.isShutdown()) {
            thread.execute(() -> {
                schedule.reconfigure(times);
                if (views.reconfigure(options)) {
                    schedule();
                }
            });
        }
    }

    private void schedule() {
        schedule.onOffered();
        long wait = schedule.waitNanos(System.nanoTime());
        var _ = thread.schedule(this::applyWhatIsDue, wait, TimeUnit.NANOSECONDS);
    }

    private void applyWhatIsDue() {
        SyncSchedule.Task task = schedule.due(System.nanoTime());
        ClusterUpdate input = task == SyncSchedule.Task.NOTHING ? null : progress.take();
        if (input == null) {
            return;
        }
        schedule.onStart();
        boolean applied = false;
        try {
            apply(input, task == SyncSchedule.Task.EVERYTHING);
            applied = true;
        } catch (RuntimeException e) {
            // What is served stays as it was; the next state gets its chance, or this one later.
            LOG.error("a change could not be applied", e);
            first.completeExceptionally(e);
        } finally {
            schedule.onEnd(task, applied, System.nanoTime());
        }
    }

    private void apply(ClusterUpdate input, boolean everything) {
        LocalView view = everything ? views.renewed(input.state()) : views.next(input.state());
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
        ClusterState before = progress.applied().state();
        progress.onApplied(input.state(), view, placed.node().nodePortAddresses(), everything);
        changes.onApplied(before, progress.applied(), progress.lastTimes());
        first.complete(failures);
    }

    private void maintain() {
        try {
            List<CaptureFailure> before = failures;
            if (placement.hasMoved()) {
                schedule();
            }
            failures = plane.maintain();
            boolean dials = dialProblems.onRefused(plane.takeRefusedDials(), System.nanoTime());
            if (dials || !failures.equals(before) || !plane.hostProblems().equals(hostProblems)) {
                report();
            }
            applyWhatIsDue();
            changes.tell(System.nanoTime());
        } catch (RuntimeException e) {
            LOG.error("the data plane could not be maintained", e);
        }
    }

    private void report() {
        List<Problem> all = new ArrayList<>(lastRead);
        all.addAll(lastLocal);
        failures.forEach(f -> all.add(problem(f)));
        hostProblems = plane.hostProblems();
        hostProblems.forEach(text -> all.add(new Problem("Node", "host", text)));
        all.addAll(dialProblems.current());
        problems.report("sync", all);
        captureEvents.news(failures, plane::servedAt).forEach(events::offer);
    }

    private Problem problem(CaptureFailure failure) {
        ServicePortName name = plane.servedAt(failure.frontend());
        String object = name == null ? "VIP" : "Service " + name.qualifiedService();
        return new Problem(object, failure.frontend().toString(), failure.message());
    }

    /// Runs a task on the control thread, where no change is under way, and waits for it.
    ///
    /// @throws RejectedExecutionException when this is closed
    public <T> T call(Callable<T> task) throws ExecutionException, InterruptedException {
        return thread.submit(task).get();
    }

    /// Completes when the first state has been applied, with what could not be captured.
    public CompletableFuture<List<CaptureFailure>> first() {
        return first;
    }

    /// What waits and what is applied.
    public SyncProgress progress() {
        return progress;
    }

    /// The last changes of what is served.
    public RecentChanges recentChanges() {
        return changes.recent();
    }

    /// What is on its way to those who run the cluster.
    public EventQueue events() {
        return events;
    }

    /// The problems there are.
    public ProblemLog problems() {
        return problems;
    }

    /// Applies nothing more; when it returns, the data plane is its caller's. A second call does
    /// nothing.
    @Override
    public void close() {
        placement.close();
        thread.shutdownNow();
        try {
            boolean ended = thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
            LOG.debug("the control thread has ended: {}", ended);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
