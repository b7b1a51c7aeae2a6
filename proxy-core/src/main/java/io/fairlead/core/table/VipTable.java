package io.fairlead.core.table;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.Vip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where clients arrive -> which service port serves them: one generation, immutable.
///
/// An open-addressing hash table with linear probing over flat arrays, at most half full: a lookup
/// touches one or two cache lines and allocates nothing. Safe to read from every event loop.
public final class VipTable {

    /// Serves nothing.
    public static final VipTable EMPTY = of(Set.of(), NodeNetwork.EMPTY);

    /// One row: clients that arrive at `frontend` are served by `entry` as by a VIP of `kind`.
    public record Row(Frontend frontend, Vip.Kind kind, ServiceEntry entry) {

        /// Who is served here.
        public Admission admission() {
            return entry.admission(kind);
        }
    }

    // As VipTableDraft lays them out.
    private final long[] keys;
    private final @Nullable Row[] rows;
    private final int mask;
    private final int size;
    private final ClientClasses clients;
    private final DialRules dialRules;

    // Whether some frontend was claimed by more than one service port.
    private final boolean contended;

    private VipTable(VipTableDraft draft, ClientClasses clients, DialRules dialRules) {
        this.keys = draft.keys;
        this.rows = draft.rows;
        this.mask = rows.length - 1;
        this.size = draft.size;
        this.contended = draft.contended;
        this.clients = clients;
        this.dialRules = dialRules;
    }

    /// The table of all rows of the given entries. Where two service ports claim one frontend, the
    /// one whose name sorts first has it, whatever the order of `entries`.
    public static VipTable of(Collection<ServiceEntry> entries, NodeNetwork node) {
        VipAddresses vips = new VipAddresses();
        entries.forEach(e -> vips.change(null, e.port()));
        return of(entries, node, new DialRules(node, vips.current(), true));
    }

    static VipTable of(Collection<ServiceEntry> entries, NodeNetwork node, DialRules dialRules) {
        List<Row> all = entries.stream().flatMap(e -> e.rows(node).stream()).toList();
        VipTableDraft draft = VipTableDraft.forRows(all.size());
        all.forEach(draft::put);
        return new VipTable(draft, ClientClasses.of(node), dialRules);
    }

    /// This table without some rows that it holds, then with others; null where only a table built
    /// from all entries is right.
    @Nullable VipTable with(List<Row> without, List<Row> with, DialRules rules) {
        if (contended) {
            return null; // who takes the place of a claimant that goes is not known here
        }
        VipTableDraft draft = new VipTableDraft(keys.clone(), rows.clone(), size);
        without.forEach(draft::remove);
        for (Row row : with) {
            if (!draft.put(row)) {
                return null;
            }
        }
        return new VipTable(draft, clients, rules);
    }

    /// The row of an arriving client; null where nothing is served.
    ///
    /// @param tag from [#tag]; the family of the address is part of it
    public @Nullable Row lookup(long high, long low, long tag) {
        return rows[VipTableDraft.find(keys, mask, high, low, tag)];
    }

    public @Nullable Row lookup(Frontend frontend) {
        IpAddress address = frontend.at().address();
        return lookup(address.high(), address.low(), tag(frontend.protocol(), frontend.at()));
    }

    /// The part of a key that is not the address: family, protocol and port.
    public static long tag(Protocol protocol, AddressPort at) {
        return tag(protocol, at.address().family(), at.port());
    }

    public static long tag(Protocol protocol, IpFamily family, int port) {
        return (family == IpFamily.IPV6 ? 1L << 25 : 1L << 24) | protocol.number() << 16 | port;
    }

    /// What a client is to this node.
    public ClientClasses clients() {
        return clients;
    }

    /// What an address is that must not be dialled as a backend, to follow "is"; null when it may.
    ///
    /// @param toLoopback whether the client asked for a loopback address
    public @Nullable String dialRefusal(Protocol protocol, AddressPort to, boolean toLoopback) {
        return dialRules.refusal(this, protocol, to, toLoopback);
    }

    /// Every row, in no order.
    public List<Row> rows() {
        List<Row> all = new ArrayList<>(size);
        for (Row row : rows) {
            if (row != null) {
                all.add(row);
            }
        }
        return all;
    }

    /// Every place where clients arrive.
    public Set<Frontend> frontends() {
        return rows().stream().map(Row::frontend).collect(Collectors.toSet());
    }

    /// Number of rows.
    public int size() {
        return size;
    }
}
