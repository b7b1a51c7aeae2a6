package io.fairlead.core.table;

import io.fairlead.core.service.IpAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A new generation of the table, and how it differs from the one before for those who capture.
///
/// @param added rows where nobody arrived before
/// @param changed rows that let other clients in than before
/// @param removed where nobody arrives any more
/// @param vipsAdded addresses of VIPs, captured or not, that were none before; those of NodePorts
///   are not among them
/// @param vipsRemoved addresses that are VIPs no longer
public record TableUpdate(
        VipTable table,
        List<VipTable.Row> added,
        List<VipTable.Row> changed,
        List<Frontend> removed,
        Set<IpAddress> vipsAdded,
        Set<IpAddress> vipsRemoved) {

    private static final Comparator<VipTable.Row> BY_FRONTEND =
            Comparator.comparing(VipTable.Row::frontend);

    /// @param without the rows of `before` that may not be in `after`
    /// @param with the rows of `after` that may not be in `before`
    static TableUpdate of(
            VipTable before,
            VipTable after,
            List<VipTable.Row> without,
            List<VipTable.Row> with,
            Set<IpAddress> vipsAdded,
            Set<IpAddress> vipsRemoved) {
        return new TableUpdate(
                after,
                with.stream()
                        .filter(row -> before.lookup(row.frontend()) == null)
                        .sorted(BY_FRONTEND)
                        .toList(),
                with.stream()
                        .filter(row -> isChanged(before.lookup(row.frontend()), row))
                        .sorted(BY_FRONTEND)
                        .toList(),
                without.stream()
                        .map(VipTable.Row::frontend)
                        .filter(frontend -> after.lookup(frontend) == null)
                        .sorted()
                        .toList(),
                vipsAdded,
                vipsRemoved);
    }

    private static boolean isChanged(VipTable.@Nullable Row before, VipTable.Row after) {
        return before != null && !before.admission().equals(after.admission());
    }
}
