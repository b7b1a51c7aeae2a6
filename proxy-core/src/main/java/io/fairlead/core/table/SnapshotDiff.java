package io.fairlead.core.table;

import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The service ports in which two snapshots differ.
public final class SnapshotDiff {

    private SnapshotDiff() {}

    /// What turns `before` into `after`, in no order. Ports that are the same object cost one
    /// comparison.
    public static List<ServiceChange> between(ServiceSnapshot before, ServiceSnapshot after) {
        List<ServiceChange> changes = new ArrayList<>();
        for (ServicePort port : after.ports()) {
            ServicePort old = before.port(port.name());
            if (old == null) {
                changes.add(new ServiceChange.Added(port));
            } else if (!Objects.equals(old, port)) {
                changes.add(new ServiceChange.Updated(old, port));
            }
        }
        for (ServicePort port : before.ports()) {
            if (after.port(port.name()) == null) {
                changes.add(new ServiceChange.Removed(port));
            }
        }
        return changes;
    }
}
