package io.fairlead.core.table;

import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes each generation of the table out of the one before. Control thread only.
///
/// The work is in proportion to what changes, but for copying the arrays. Where service ports claim
/// the same frontend, or the table outgrows its arrays, it is built anew.
public final class TableBuilder {

    private final boolean loopbackBackends;
    private final VipAddresses vips = new VipAddresses();
    private PersistentMap<ServicePortName, ServiceEntry> entries = PersistentMap.empty();
    private NodeNetwork node = NodeNetwork.EMPTY;
    private VipTable table = VipTable.EMPTY;

    /// Starts with the empty table.
    ///
    /// @param loopbackBackends whether backends may be on loopback for any client
    public TableBuilder(boolean loopbackBackends) {
        this.loopbackBackends = loopbackBackends;
    }

    /// The next generation.
    ///
    /// @param put entries that are new or take the place of those with their names
    /// @param gone names of entries to remove
    /// @param nextNode the network they are served on
    public TableUpdate update(
            Collection<ServiceEntry> put, Collection<ServicePortName> gone, NodeNetwork nextNode) {
        List<VipTable.Row> before = new ArrayList<>();
        List<VipTable.Row> after = new ArrayList<>();
        for (ServiceEntry entry : put) {
            addRows(before, put(entry.port().name(), entry));
            after.addAll(entry.rows(nextNode));
        }
        for (ServicePortName name : gone) {
            addRows(before, put(name, null));
        }
        boolean moved = !node.equals(nextNode);
        node = nextNode;
        DialRules dialRules = new DialRules(node, vips.current(), loopbackBackends);
        VipTable next = moved ? null : table.with(before, after, dialRules);
        TableUpdate update = next == null ? rebuilt(dialRules) : update(next, before, after);
        table = update.table();
        return update;
    }

    /// @return what it takes the place of
    private @Nullable ServiceEntry put(ServicePortName name, @Nullable ServiceEntry entry) {
        ServiceEntry before = entries.get(name);
        entries = entries.with(name, entry);
        vips.change(before == null ? null : before.port(), entry == null ? null : entry.port());
        return before;
    }

    private void addRows(List<VipTable.Row> rows, @Nullable ServiceEntry entry) {
        if (entry != null) {
            rows.addAll(entry.rows(node));
        }
    }

    private TableUpdate rebuilt(DialRules dialRules) {
        VipTable next = VipTable.of(entries.values().toList(), node, dialRules);
        return update(next, table.rows(), next.rows());
    }

    private TableUpdate update(VipTable next, List<VipTable.Row> before, List<VipTable.Row> after) {
        return TableUpdate.of(table, next, before, after, vips.takeAdded(), vips.takeRemoved());
    }

    /// Where clients of an entry arrive.
    public List<Frontend> frontends(ServiceEntry entry) {
        return entry.rows(node).stream().map(VipTable.Row::frontend).toList();
    }

    public @Nullable ServiceEntry entry(ServicePortName name) {
        return entries.get(name);
    }

    /// All entries.
    public PersistentMap<ServicePortName, ServiceEntry> entries() {
        return entries;
    }
}
