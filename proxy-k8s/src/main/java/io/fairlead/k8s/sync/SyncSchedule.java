package io.fairlead.k8s.sync;

/// When the control thread is to apply what (SEMANTICS A14.1): arithmetic on the times it is told.
///
/// The first change after a quiet time is due at once, later ones when the interval since the end
/// of the one before is over. All times are of one monotonic clock, in nanoseconds. Not safe for
/// threads: the control thread owns it.
final class SyncSchedule {

    /// What is due.
    enum Task {
        NOTHING,
        /// What changed since the last time.
        CHANGES,
        /// All there is, as if nothing had been applied before.
        EVERYTHING
    }

    private long minIntervalNanos;
    private long fullPeriodNanos;
    private long retryNanos;

    private boolean waiting; // a state that was not applied yet
    private boolean failed; // the last attempt
    private boolean whole; // everything was applied once
    private boolean any; // there was an attempt
    private long lastEndNanos;
    private long lastFullNanos;

    SyncSchedule(SyncOptions options) {
        reconfigure(options);
    }

    /// Other times, which hold for what is not over yet too.
    void reconfigure(SyncOptions options) {
        this.minIntervalNanos = options.minInterval().toNanos();
        this.fullPeriodNanos = options.fullPeriod().toNanos();
        this.retryNanos = options.retry().toNanos();
    }

    /// A state waits to be applied.
    void onOffered() {
        waiting = true;
    }

    /// How long until a waiting state is due.
    long waitNanos(long nowNanos) {
        return any ? Math.max(0, lastEndNanos + minIntervalNanos - nowNanos) : 0;
    }

    Task due(long nowNanos) {
        if (waitNanos(nowNanos) > 0) {
            return Task.NOTHING;
        }
        if (isFullDue(nowNanos)) {
            return Task.EVERYTHING;
        }
        return waiting ? Task.CHANGES : Task.NOTHING;
    }

    private boolean isFullDue(long nowNanos) {
        if (failed) {
            return nowNanos - lastEndNanos >= retryNanos;
        }
        // The first is whole by nature.
        return whole ? nowNanos - lastFullNanos >= fullPeriodNanos : waiting;
    }

    /// A task begins, with the latest state there is.
    void onStart() {
        waiting = false;
    }

    /// The task that was due is over.
    void onEnd(Task task, boolean applied, long nowNanos) {
        any = true;
        failed = !applied;
        lastEndNanos = nowNanos;
        if (applied && task == Task.EVERYTHING) {
            whole = true;
            lastFullNanos = nowNanos;
        }
    }
}
