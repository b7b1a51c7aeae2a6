package io.fairlead.lab.frames;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A Service with backends of which the first is always good: it may be stalled or slow, and its
/// connections may be reset, but it answers new ones.
///
/// @param maxAgeSeconds the age that its connections may have; [#OFF] for any
/// @param drainSeconds how long they outlive an endpoint; [#OFF] for ever
public record FrameService(
        String name,
        InetSocketAddress vip,
        int maxAgeSeconds,
        int drainSeconds,
        List<FrameBackend> backends) {

    /// In place of a time: there is no such rule.
    public static final int OFF = -1;

    private static final long SLACK_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /// Without rules.
    public FrameService(String name, InetSocketAddress vip, List<FrameBackend> backends) {
        this(name, vip, OFF, OFF, backends);
    }

    /// Those that it has now.
    public List<FrameBackend> listed() {
        List<FrameBackend> listed = new ArrayList<>(backends);
        listed.removeIf(FrameBackend::isRemoved);
        return listed;
    }

    /// What the rules of the Service may have cut a flow for; null for nothing.
    @Nullable String causeByRules(@Nullable FrameBackend backend, long openedNs, long nowNs) {
        if (maxAgeSeconds != OFF
                && nowNs - openedNs > TimeUnit.SECONDS.toNanos(maxAgeSeconds) * 9 / 10 - SLACK_NS) {
            return "too old";
        }
        if (drainSeconds != OFF) {
            // Led to one that had not looked at it yet when it left: nobody knows which.
            List<FrameBackend> maybe = backend == null ? backends : List.of(backend);
            long drainNs = TimeUnit.SECONDS.toNanos(drainSeconds) - SLACK_NS;
            if (maybe.stream().anyMatch(b -> b.drained(openedNs, drainNs))) {
                return "drained";
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return name;
    }
}
