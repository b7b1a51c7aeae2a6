package io.fairlead.k8s.local;

import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one node is to do with the state of the cluster: immutable, equal for equal inputs.
///
/// @param zone of the node; null where it has none or is not known
/// @param healthChecks sorted; one for each family of a Service
/// @param hintNotes why hints are not followed, sorted
/// @param problems found by the Service rules, sorted; what could not be read is not among them
public record LocalView(
        ServiceSnapshot snapshot,
        @Nullable String zone,
        List<HealthCheckNodePort> healthChecks,
        List<HintNote> hintNotes,
        List<Problem> problems) {

    public LocalView {
        healthChecks = List.copyOf(healthChecks);
        hintNotes = List.copyOf(hintNotes);
        problems = List.copyOf(problems);
    }

    /// Service ports whose internal policy leaves them no endpoint here although one exists
    /// (SEMANTICS A6.7).
    public int withoutLocalEndpointsInternal(IpFamily family) {
        return (int)
                snapshot.ports().stream()
                        .filter(p -> p.name().family() == family && drops(p.internal()))
                        .count();
    }

    /// As [#withoutLocalEndpointsInternal], by the external policy.
    public int withoutLocalEndpointsExternal(IpFamily family) {
        return (int)
                snapshot.ports().stream()
                        .filter(p -> p.name().family() == family && drops(p.external()))
                        .count();
    }

    private static boolean drops(@Nullable BackendSet set) {
        return set != null && set.verdict() == BackendSet.Verdict.DROP;
    }

    /// The service ports in the order of their names.
    public List<ServicePort> sortedPorts() {
        return snapshot.ports().stream().sorted((a, b) -> a.name().compareTo(b.name())).toList();
    }
}
