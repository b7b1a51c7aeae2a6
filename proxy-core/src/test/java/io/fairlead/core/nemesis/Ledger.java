package io.fairlead.core.nemesis;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What was done to flows, and what became of them. Any thread.
final class Ledger {

    private final Map<Long, String> cuts = new ConcurrentHashMap<>();
    private final Map<Long, FrameBackend> reached = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

    /// A flow is about to be cut; the first cause stays.
    void cut(long flow, String cause) {
        String _ = cuts.putIfAbsent(flow, cause);
    }

    @Nullable String cutOf(long flow) {
        return cuts.get(flow);
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

    void count(String what) {
        counts.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
    }

    int counted(String what) {
        AtomicInteger count = counts.get(what);
        return count == null ? 0 : count.get();
    }

    void violation(String what) {
        violations.add(what);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    /// All that was counted, sorted.
    @Override
    public String toString() {
        return new TreeMap<>(counts).toString();
    }
}
