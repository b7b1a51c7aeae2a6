package io.fairlead.core.table;

import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The service ports in which two snapshots differ.
public final class SnapshotDiff {

    private SnapshotDiff() {}

    /// What turns `before` into `after`, in no order. What the two share costs nothing.
    public static List<ServiceChange> between(ServiceSnapshot before, ServiceSnapshot after) {
        List<ServiceChange> changes = new ArrayList<>();
        after.forEachChange(
                before,
                (ServicePortName name) -> add(changes, before.port(name), after.port(name)));
        return changes;
    }

    private static void add(
            List<ServiceChange> changes,
            @Nullable ServicePort before,
            @Nullable ServicePort after) {
        if (before == null && after != null) {
            changes.add(new ServiceChange.Added(after));
        } else if (before != null && after == null) {
            changes.add(new ServiceChange.Removed(before));
        } else if (before != null && after != null && !before.equals(after)) {
            changes.add(new ServiceChange.Updated(before, after));
        }
    }
}
