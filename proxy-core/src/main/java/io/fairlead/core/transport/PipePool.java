package io.fairlead.core.transport;

import io.fairlead.core.kernel.Pipe;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Pipes for one event loop, which move bulk from socket to socket. Single-threaded but for
/// [#inUseLately].
///
/// A pipe leaves the pool empty and comes back empty: none has ever bytes of two flows in it. Pipes
/// that nobody needed for a while are closed.
public final class PipePool {

    /// What a pipe should hold: four reads.
    public static final int PIPE_BYTES = 256 * 1024;

    /// A smaller pipe is slower than copying.
    static final int LEAST_BYTES = 64 * 1024;

    /// Pipes of a loop, those in use among them: as many directions may be stalled with a pipe; one
    /// more is copied. All of 256 KiB are 16 MiB; together with the sockets' buffers they are
    /// little.
    static final int MOST = 64;

    /// After the kernel refused one.
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final VarHandle IN_USE;

    static {
        try {
            IN_USE = MethodHandles.lookup().findVarHandle(PipePool.class, "inUse", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final PipeBudget budget;
    private final LongSupplier clock;
    private final ArrayDeque<Pipe> spare = new ArrayDeque<>();
    private boolean pausing;
    private long pausesUntilNs;

    /// The most that were in use since the last [#trim].
    private int peak;

    // Written by the loop, read from anywhere.
    private int inUse;

    public PipePool(PipeBudget budget, LongSupplier clock) {
        this.budget = budget;
        this.clock = clock;
    }

    /// An empty pipe; null when there is none to be had now.
    public @Nullable Pipe take() {
        Pipe pipe = spare.pollLast();
        if (pipe == null) {
            pipe = open();
            if (pipe == null) {
                return null;
            }
        }
        IN_USE.setOpaque(this, inUse + 1);
        peak = Math.max(peak, inUse);
        return pipe;
    }

    private @Nullable Pipe open() {
        if (inUse >= MOST || !mayOpen() || !budget.take()) {
            return null;
        }
        Pipe pipe = Pipe.open(PIPE_BYTES, LEAST_BYTES);
        if (pipe == null) {
            budget.giveBack();
            pausing = true;
            pausesUntilNs = clock.getAsLong() + PAUSE_NS;
        }
        return pipe;
    }

    private boolean mayOpen() {
        pausing = pausing && clock.getAsLong() - pausesUntilNs < 0;
        return !pausing;
    }

    /// Takes back a pipe; it must not be used afterwards. One that still holds bytes is closed.
    public void giveBack(Pipe pipe) {
        IN_USE.setOpaque(this, inUse - 1);
        if (pipe.held() == 0) {
            spare.addLast(pipe);
        } else {
            close(pipe);
        }
    }

    private void close(Pipe pipe) {
        pipe.close();
        budget.giveBack();
    }

    /// Closes the pipes that were not needed since the last call, and all that are spare when there
    /// are too many.
    public void trim() {
        while (!spare.isEmpty() && (inUse + spare.size() > peak || budget.isOver())) {
            close(spare.removeFirst());
        }
        peak = inUse;
    }

    /// Pipes that were taken and not given back.
    public int inUse() {
        return inUse;
    }

    /// The same, a moment old. Any thread.
    public int inUseLately() {
        return (int) IN_USE.getOpaque(this);
    }

    /// Closes the spare ones, once nobody uses the pool any more.
    public void close() {
        peak = 0;
        while (!spare.isEmpty()) {
            close(spare.removeFirst());
        }
    }
}
