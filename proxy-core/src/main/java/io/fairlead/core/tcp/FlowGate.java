package io.fairlead.core.tcp;

import io.fairlead.core.transport.PipeBudget;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// How many more flows there may be: whoever accepts asks first, and leaves clients in the kernel's
/// queue when there is no room. Shared by all event loops.
///
/// Each loop takes its part of the room at a time, so that together they take no more than there
/// is.
final class FlowGate {

    /// Of the descriptors that flows leave, pipes get one in so many.
    private static final int PIPE_SHARE = 8;

    private final int maxFlows;
    private final PipeBudget pipes;
    private final LongSupplier live;
    private final int loops;

    // Accepted and on their way to the loop that opens a flow for them.
    private final AtomicInteger pending = new AtomicInteger();

    // Written by the thread that counts descriptors.
    private volatile long byDescriptors = Long.MAX_VALUE;

    // Somebody was turned away since the last look.
    private volatile boolean wasShut;

    /// @param maxFlows whatever descriptors allow
    /// @param pipes which take descriptors as well
    /// @param counters of all event loops
    FlowGate(int maxFlows, PipeBudget pipes, List<TcpCounters> counters) {
        this.maxFlows = maxFlows;
        this.pipes = pipes;
        this.loops = counters.size();
        this.live =
                () -> {
                    long sum = 0;
                    for (TcpCounters counter : counters) {
                        sum += counter.live();
                    }
                    return sum;
                };
    }

    /// How many connections the calling loop may accept now.
    int room() {
        long room = Math.min(maxFlows, byDescriptors - pipes.open()) - flows();
        if (room <= 0) {
            wasShut = true;
            return 0;
        }
        return Math.clamp(room / loops, 1, Integer.MAX_VALUE);
    }

    /// One has been accepted; answered by one [#opened].
    void accepted() {
        pending.getAndIncrement();
    }

    /// It counts among its loop's flows now, or is closed.
    void opened() {
        pending.getAndDecrement();
    }

    /// Flows, and what is about to become one.
    long flows() {
        return live.getAsLong() + pending.get();
    }

    /// As many as descriptors are enough for; a pipe takes as many as a flow.
    void allow(long flows) {
        byDescriptors = flows;
        long left = flows - flows();
        pipes.allow(Math.clamp(left / PIPE_SHARE, 0, Integer.MAX_VALUE));
    }

    PipeBudget pipes() {
        return pipes;
    }

    /// Whether there was no room since the last call.
    boolean takeWasShut() {
        boolean was = wasShut;
        wasShut = false;
        return was;
    }
}
