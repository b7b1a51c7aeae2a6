package io.fairlead.k8s;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Holds the latest state of a source until there is somebody to take it: what is started may
/// depend on it. Any thread.
final class FirstState implements Consumer<ClusterUpdate> {

    private @Nullable ClusterUpdate latest;
    private @Nullable Consumer<ClusterUpdate> taker;

    @Override
    public void accept(ClusterUpdate update) {
        Consumer<ClusterUpdate> to;
        synchronized (this) {
            to = taker;
            latest = to == null ? update : null;
            notifyAll();
        }
        if (to != null) {
            to.accept(update);
        }
    }

    /// Gives the state that waits, if one does, and all that come to `consumer`.
    synchronized void handOver(Consumer<ClusterUpdate> consumer) {
        // In the lock: a later state must not be overtaken by this one.
        if (latest != null) {
            consumer.accept(latest);
        }
        latest = null;
        taker = consumer;
    }

    /// Whether the first state, for which this waits, has Services, and all their ClusterIPs are
    /// loopback addresses.
    synchronized boolean isOnLoopback() throws InterruptedException {
        while (latest == null) {
            wait();
        }
        return !latest.state().services().isEmpty()
                && latest.state().services().values().allMatch(FirstState::isOnLoopback);
    }

    private static boolean isOnLoopback(ServiceSpec service) {
        var primary = service.addresses().clusterIps().primary();
        return primary == null || primary.address().isLoopback();
    }
}
