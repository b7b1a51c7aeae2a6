package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/// How late an event loop comes to what is due: what a new event would wait for those before it.
///
/// Looked at once a second by a task of the loop. Written by the loop, with opaque stores; read
/// from anywhere, a moment old.
public final class LoopDelay {

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SUM_NS;

    static {
        try {
            SUM_NS = MethodHandles.lookup().findVarHandle(LoopDelay.class, "sumNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /// Of the first bucket: timers of a loop are no finer.
    private static final long FIRST_BOUND_NS = 1_000_000;

    private static final int BOUNDS = 12;

    private final IoEventLoop loop;
    private final long[] counts = new long[BOUNDS + 1];
    private long sumNs;
    private long dueNs;

    LoopDelay(IoEventLoop loop) {
        this.loop = loop;
        schedule();
    }

    private void schedule() {
        dueNs = System.nanoTime() + INTERVAL_NS;
        var _ = loop.schedule(this::look, INTERVAL_NS, TimeUnit.NANOSECONDS);
    }

    private void look() {
        long lateNs = Math.max(0, System.nanoTime() - dueNs);
        long halves = Math.max(0, lateNs - 1) / FIRST_BOUND_NS;
        int bucket = Math.min(BOUNDS, Long.SIZE - Long.numberOfLeadingZeros(halves));
        COUNT.setOpaque(counts, bucket, counts[bucket] + 1);
        SUM_NS.setOpaque(this, sumNs + lateNs);
        if (!loop.isShuttingDown()) {
            schedule();
        }
    }

    /// Upper bounds of the buckets but the last, which has none.
    public static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS];
        for (int i = 0; i < BOUNDS; i++) {
            bounds[i] = (FIRST_BOUND_NS << i) / 1e9;
        }
        return bounds;
    }

    /// One for each bound, and one for what is above all.
    public long[] counts() {
        long[] copy = new long[counts.length];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = (long) COUNT.getOpaque(counts, i);
        }
        return copy;
    }

    public double sumSeconds() {
        return (long) SUM_NS.getOpaque(this) / 1e9;
    }
}
