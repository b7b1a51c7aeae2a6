package io.fairlead.lab.frames;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What was done to flows, and what became of them. Any thread.
public final class Ledger {

    private final Map<Long, String> cuts = new ConcurrentHashMap<>();
    private final Map<Long, FrameBackend> reached = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Outage> outages = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

    /// A flow is about to be cut; the first cause stays.
    void cut(long flow, String cause) {
        String _ = cuts.putIfAbsent(flow, cause);
    }

    @Nullable String cutOf(long flow) {
        return cuts.get(flow);
    }

    /// Whoever serves is about to go: connections that begin from now on may fail.
    ///
    /// @param cause beginning with "agent"
    /// @param cuts whether those go with it that are open
    public Outage outage(String cause, boolean cuts) {
        Outage outage = new Outage(cause, cuts);
        outages.add(outage);
        return outage;
    }

    /// Why a flow may have failed though nobody did anything to it; null for nothing.
    ///
    /// @param reached whether a frame of it had come to a backend
    @Nullable String outageOf(boolean reached, long startNs, long endNs) {
        for (Outage outage : outages) {
            if (outage.explains(reached, startNs, endNs)) {
                return outage.cause();
            }
        }
        return null;
    }

    /// The first frame of a flow has come to a backend.
    void reached(long flow, FrameBackend backend) {
        FrameBackend before = reached.putIfAbsent(flow, backend);
        if (before != null) {
            violation("flow " + flow + " came to two backends: " + before + " and " + backend);
        }
    }

    @Nullable FrameBackend backendOf(long flow) {
        return reached.get(flow);
    }

    public void count(String what) {
        counts.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
    }

    public int counted(String what) {
        AtomicInteger count = counts.get(what);
        return count == null ? 0 : count.get();
    }

    public void violation(String what) {
        violations.add(what);
    }

    public List<String> violations() {
        return List.copyOf(violations);
    }

    /// All that was counted, sorted.
    @Override
    public String toString() {
        return new TreeMap<>(counts).toString();
    }
}
