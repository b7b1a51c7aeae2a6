package io.fairlead.k8s.sync;

import io.fairlead.core.flow.RefusedDials.Refused;
import io.fairlead.k8s.cluster.Problem;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The endpoints that clients were not led to because their addresses must not be dialled, as
/// problems of their Services.
///
/// Of the control thread.
final class DialProblems {

    /// How long one stays after the last client that it was chosen for.
    static final Duration KEPT = Duration.ofMinutes(1);

    private final Map<Problem, Long> lastSeenNs = new TreeMap<>();

    /// Takes what was refused of late, and lets go of what was not.
    ///
    /// @param nowNs of a clock that never goes backwards
    /// @return whether the problems are others now
    boolean onRefused(Collection<Refused> refused, long nowNs) {
        Set<Problem> before = Set.copyOf(lastSeenNs.keySet());
        refused.forEach(r -> lastSeenNs.put(problem(r), nowNs));
        lastSeenNs.values().removeIf(seenNs -> nowNs - seenNs >= KEPT.toNanos());
        return !before.equals(lastSeenNs.keySet());
    }

    private static Problem problem(Refused refused) {
        return new Problem(
                "Service " + refused.service().qualifiedService(),
                "endpoint " + refused.at(),
                "it is " + refused.what() + ", and not connected to; give the Service another");
    }

    /// The problems there are, sorted.
    List<Problem> current() {
        return List.copyOf(lastSeenNs.keySet());
    }
}
