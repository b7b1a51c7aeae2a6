package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterEvent;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Events on their way to the API server: bounded, never waited for, and dropped rather than kept.
///
/// Any thread offers; one takes.
public final class EventQueue {

    /// An agent starts with a few; more than this at once tells nobody more.
    private static final int CAPACITY = 100;

    private final boolean wanted;
    private final BlockingQueue<ClusterEvent> events = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong dropped = new AtomicLong();

    /// @param wanted whether there is anybody to send them to
    public EventQueue(boolean wanted) {
        this.wanted = wanted;
    }

    /// Sends an event soon, if that can be. Returns at once.
    public void offer(ClusterEvent event) {
        if (wanted && !events.offer(event)) {
            onDropped();
        }
    }

    void onDropped() {
        dropped.incrementAndGet();
    }

    ClusterEvent take() throws InterruptedException {
        return events.take();
    }

    /// Events that never reached the API server.
    public long dropped() {
        return dropped.get();
    }
}
