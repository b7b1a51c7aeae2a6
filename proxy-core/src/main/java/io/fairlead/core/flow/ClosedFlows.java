package io.fairlead.core.flow;

import io.fairlead.core.service.ServicePortName;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Flows that have ended, on their way from the event loops to whoever writes them down.
///
/// Bounded, without lock: what finds no room is dropped and counted, and a loop never waits. Costs
/// one read for each flow while nobody wants any.
public final class ClosedFlows {

    /// About 4 MiB when full.
    private static final int CAPACITY = 16_384;

    /// Which flows are wanted.
    ///
    /// @param oneIn of every so many, one of Services that are in neither set; 0 for none
    /// @param always Services, as `namespace/name`, of which all are
    /// @param never Services of which none is
    public record Wanted(int oneIn, Set<String> always, Set<String> never) {
        public Wanted {
            always = Set.copyOf(always);
            never = Set.copyOf(never);
        }
    }

    private final ConcurrentLinkedQueue<ClosedFlow> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();

    // Written by the one who takes them, read by event loops.
    private volatile @Nullable Wanted wanted;

    /// From now on these are wanted; null for none.
    public void want(@Nullable Wanted these) {
        wanted = these;
    }

    /// Whether a flow is to be offered.
    public boolean wants(ServicePortName name) {
        Wanted now = wanted;
        if (now == null) {
            return false;
        }
        if (!now.always.isEmpty() || !now.never.isEmpty()) {
            String service = name.qualifiedService();
            if (now.always.contains(service)) {
                return true;
            }
            if (now.never.contains(service)) {
                return false;
            }
        }
        return now.oneIn == 1
                || (now.oneIn > 1 && ThreadLocalRandom.current().nextInt(now.oneIn) == 0);
    }

    /// Adds a flow, or drops it where there is no room. Any thread; never waits.
    public void offer(ClosedFlow flow) {
        if (size.incrementAndGet() > CAPACITY) {
            size.decrementAndGet();
            dropped.increment();
            return;
        }
        queue.add(flow);
    }

    /// The next one; null when there is none.
    public @Nullable ClosedFlow poll() {
        ClosedFlow flow = queue.poll();
        if (flow != null) {
            size.decrementAndGet();
        }
        return flow;
    }

    /// How many were dropped for want of room.
    public long dropped() {
        return dropped.sum();
    }
}
