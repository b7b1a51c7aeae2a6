package io.fairlead.core.table;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes each generation of the table out of the one before. Control thread only.
///
/// The work is in proportion to what changes, but for copying the arrays. Where service ports claim
/// the same frontend, or the table outgrows its arrays, it is built anew.
public final class TableBuilder {

    private PersistentMap<ServicePortName, ServiceEntry> entries = PersistentMap.empty();
    private Set<IpAddress> nodeAddresses = Set.of();
    private VipTable table = VipTable.EMPTY;

    /// The next generation.
    ///
    /// @param put entries that are new or take the place of those with their names
    /// @param gone names of entries to remove
    /// @param nodeAddresses where NodePorts stand
    public TableUpdate update(
            Collection<ServiceEntry> put,
            Collection<ServicePortName> gone,
            Set<IpAddress> nodeAddresses) {
        List<VipTable.Row> before = new ArrayList<>();
        List<VipTable.Row> after = new ArrayList<>();
        for (ServiceEntry entry : put) {
            addRows(before, put(entry.port().name(), entry));
            after.addAll(entry.rows(nodeAddresses));
        }
        for (ServicePortName name : gone) {
            addRows(before, put(name, null));
        }
        boolean moved = !this.nodeAddresses.equals(nodeAddresses);
        this.nodeAddresses = nodeAddresses;
        VipTable next = moved ? null : table.with(before, after);
        TableUpdate update = next == null ? rebuilt() : edited(next, before, after);
        table = update.table();
        return update;
    }

    /// @return what it takes the place of
    private @Nullable ServiceEntry put(ServicePortName name, @Nullable ServiceEntry entry) {
        ServiceEntry before = entries.get(name);
        entries = entries.with(name, entry);
        return before;
    }

    private void addRows(List<VipTable.Row> rows, @Nullable ServiceEntry entry) {
        if (entry != null) {
            rows.addAll(entry.rows(nodeAddresses));
        }
    }

    private TableUpdate rebuilt() {
        VipTable next = VipTable.of(entries.values().toList(), nodeAddresses);
        return update(next, table.frontends(), next.frontends());
    }

    private static TableUpdate edited(
            VipTable next, List<VipTable.Row> before, List<VipTable.Row> after) {
        return update(next, frontends(before), frontends(after));
    }

    private static Set<Frontend> frontends(List<VipTable.Row> rows) {
        Set<Frontend> frontends = HashSet.newHashSet(rows.size());
        rows.forEach(row -> frontends.add(row.frontend()));
        return frontends;
    }

    private static TableUpdate update(VipTable next, Set<Frontend> before, Set<Frontend> after) {
        List<Frontend> added = after.stream().filter(f -> !before.contains(f)).sorted().toList();
        List<Frontend> removed = before.stream().filter(f -> !after.contains(f)).sorted().toList();
        return new TableUpdate(next, added, removed);
    }

    public @Nullable ServiceEntry entry(ServicePortName name) {
        return entries.get(name);
    }

    /// All entries.
    public PersistentMap<ServicePortName, ServiceEntry> entries() {
        return entries;
    }
}
