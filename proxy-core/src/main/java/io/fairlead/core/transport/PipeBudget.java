package io.fairlead.core.transport;

import java.util.concurrent.atomic.AtomicInteger;

/// How many pipes there are over all event loops, and how many there may be: they need descriptors,
/// which connections come first for. Any thread.
public final class PipeBudget {

    /// Descriptors of a pipe.
    public static final int PER_PIPE = 2;

    private final AtomicInteger open = new AtomicInteger();

    // Written by the thread that counts descriptors.
    private volatile int most;

    /// Counts a pipe that is about to be opened.
    ///
    /// @return false when there may be no further one
    boolean take() {
        if (open.getAndIncrement() < most) {
            return true;
        }
        giveBack();
        return false;
    }

    /// A pipe is closed.
    void giveBack() {
        open.getAndDecrement();
    }

    /// Pipes that are open.
    public int open() {
        return open.get();
    }

    /// Whether there are more than there may be.
    boolean isOver() {
        return open.get() > most;
    }

    /// Allows so many.
    public void allow(int pipes) {
        most = pipes;
    }
}
