package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Ejections and their ends, over all backends: counted by event loops, told by the control thread.
/// Bounded; any thread.
public final class EjectionLog {

    private static final int MOST = 1_000;

    /// One change.
    ///
    /// @param forNs how long flows are led round the backend; 0 when it is in use again
    /// @param cause of the last failure, for an ejection
    public record Change(ServicePortName service, AddressPort backend, long forNs, String cause) {}

    private final ConcurrentLinkedQueue<Change> changes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder ejections = new LongAdder();

    void onEjected(Backend backend, long forNs, String cause) {
        ejections.increment();
        add(new Change(backend.group().name(), backend.at(), forNs, cause));
    }

    void onReadmitted(Backend backend) {
        add(new Change(backend.group().name(), backend.at(), 0, ""));
    }

    private void add(Change change) {
        if (waiting.getAndIncrement() < MOST) {
            changes.add(change);
        } else {
            waiting.getAndDecrement();
        }
    }

    /// Ejections since the start.
    public long ejections() {
        return ejections.sum();
    }

    /// The changes since the last call, in their order.
    public List<Change> take() {
        List<Change> taken = new ArrayList<>();
        for (Change change = changes.poll(); change != null; change = changes.poll()) {
            waiting.getAndDecrement();
            taken.add(change);
        }
        return taken;
    }
}
