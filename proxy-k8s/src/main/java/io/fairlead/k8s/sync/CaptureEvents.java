package io.fairlead.k8s.sync;

import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.Frontend;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which Services have come to stand somewhere that clients cannot reach (SEMANTICS A7.6): an event
/// for each, when it comes and not while it lasts.
///
/// Of the control thread.
final class CaptureEvents {

    private Set<Frontend> known = Set.of();

    /// @param servedAt the service port of a frontend; null where none is
    List<ClusterEvent> news(
            List<CaptureFailure> failures, Function<Frontend, @Nullable ServicePortName> servedAt) {
        Map<ObjectName, List<CaptureFailure>> fresh = new TreeMap<>();
        Set<Frontend> now = new HashSet<>();
        for (CaptureFailure failure : failures) {
            now.add(failure.frontend());
            ServicePortName name =
                    known.contains(failure.frontend()) ? null : servedAt.apply(failure.frontend());
            if (name != null) {
                ObjectName service = new ObjectName(name.namespace(), name.service());
                fresh.computeIfAbsent(service, _ -> new ArrayList<>()).add(failure);
            }
        }
        known = now;
        List<ClusterEvent> events = new ArrayList<>();
        fresh.forEach((service, those) -> events.add(event(service, those)));
        return events;
    }

    private static ClusterEvent event(ObjectName service, List<CaptureFailure> failures) {
        CaptureFailure one = failures.getFirst();
        String others = failures.size() == 1 ? "" : " (and " + (failures.size() - 1) + " more)";
        return ClusterEvent.warning(
                new ObjectKey(ObjectKey.Kind.SERVICE, service),
                "FailedToCapture",
                "Listen",
                one.frontend() + ": " + one.message() + others);
    }
}
