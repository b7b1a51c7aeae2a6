package io.fairlead.core.nemesis;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A Service with backends of which the first is always good: it may be stalled or slow, and its
/// connections may be reset, but it answers new ones.
final class FrameService {

    private static final long SLACK_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final String name;
    private final Balancing.Policy policy;
    private final FlowRules rules;
    private final AddressPort vip = Loopback.vip();
    private final List<FrameBackend> backends;
    private final List<FrameBackend> removed = new ArrayList<>(); // of the nemesis' thread

    FrameService(
            String name, Balancing.Policy policy, FlowRules rules, List<FrameBackend> backends) {
        this.name = name;
        this.policy = policy;
        this.rules = rules;
        this.backends = backends;
    }

    AddressPort vip() {
        return vip;
    }

    List<FrameBackend> backends() {
        return backends;
    }

    /// What a snapshot says of it now.
    ServicePort port() {
        return Services.clusterIp(
                        name,
                        vip,
                        policy,
                        backends.stream()
                                .filter(b -> !removed.contains(b))
                                .map(FrameBackend::at)
                                .toList())
                .withFlows(rules);
    }

    /// Takes a backend out, or puts it back.
    void flap(FrameBackend backend) {
        if (!removed.remove(backend)) {
            backend.onRemoved();
            removed.add(backend);
        }
    }

    /// What the rules of the Service may have cut a flow for; null for nothing.
    @Nullable String causeByRules(@Nullable FrameBackend backend, long openedNs, long nowNs) {
        if (rules.maxAgeSeconds() != FlowRules.OFF
                && nowNs - openedNs
                        > TimeUnit.SECONDS.toNanos(rules.maxAgeSeconds()) * 9 / 10 - SLACK_NS) {
            return "too old";
        }
        Long removedNs = backend == null ? null : backend.removedNs();
        if (rules.drainSeconds() != FlowRules.OFF
                && removedNs != null
                && removedNs - openedNs > 0
                && nowNs - removedNs > TimeUnit.SECONDS.toNanos(rules.drainSeconds()) - SLACK_NS) {
            return "drained";
        }
        return null;
    }

    @Override
    public String toString() {
        return name;
    }
}
