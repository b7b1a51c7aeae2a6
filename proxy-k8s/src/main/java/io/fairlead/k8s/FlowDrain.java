package io.fairlead.k8s;

import io.fairlead.core.DataPlane;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The time between the refusal of new clients and the end, on the thread that ends the agent.
final class FlowDrain {

    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /// As often as the control thread does it.
    private static final long MAINTAIN_NS = TimeUnit.SECONDS.toNanos(2);

    private FlowDrain() {}

    /// A second, for what takes no longer than that; less when interrupted.
    static void pause() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(STEP_NS);
        }
    }

    /// Returns when no flow is open, the time is over, or `hurried` says so. Meanwhile the data
    /// plane is maintained: flows need their routes.
    static void await(DataPlane plane, Duration most, BooleanSupplier hurried) {
        long start = System.nanoTime();
        long maintained = start;
        while (plane.liveFlows() > 0
                && !hurried.getAsBoolean()
                && System.nanoTime() - start < most.toNanos()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(STEP_NS);
            if (System.nanoTime() - maintained > MAINTAIN_NS) {
                maintained = System.nanoTime();
                var _ = plane.maintain();
            }
        }
    }
}
