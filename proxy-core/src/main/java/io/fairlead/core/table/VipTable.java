package io.fairlead.core.table;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.Vip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where clients arrive -> which service port serves them: one generation, immutable.
///
/// An open-addressing hash table with linear probing over flat arrays, at most half full: a lookup
/// touches one or two cache lines and allocates nothing. Safe to read from every event loop.
public final class VipTable {

    /// Serves nothing.
    public static final VipTable EMPTY = of(List.of(), SourceSet.EMPTY);

    /// One row: clients that arrive at `frontend` are served by `entry` as by a VIP of `kind`.
    public record Row(Frontend frontend, Vip.Kind kind, ServiceEntry entry) {}

    private static final List<Cidr> LOOPBACK =
            List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128"));
    private static final int LONGS_PER_SLOT = 3;
    private static final int MIN_SLOTS = 8;

    // Slot i: high, low and tag at 3i, 3i + 1, 3i + 2. A tag of 0 marks a free slot.
    private final long[] keys;
    private final @Nullable Row[] rows;
    private final int mask;
    private final int size;
    private final SourceSet podsAndNode;

    private VipTable(long[] keys, @Nullable Row[] rows, int size, SourceSet podsAndNode) {
        this.keys = keys;
        this.rows = rows;
        this.mask = rows.length - 1;
        this.size = size;
        this.podsAndNode = podsAndNode;
    }

    /// The table of all rows of the given entries. Where two service ports claim one frontend, the
    /// one whose name sorts first has it, whatever the order of `entries`.
    public static VipTable of(Collection<ServiceEntry> entries, Set<IpAddress> nodeAddresses) {
        List<Cidr> local = new ArrayList<>(LOOPBACK);
        nodeAddresses.forEach(a -> local.add(new Cidr(a, a.family().bits())));
        return of(
                entries.stream().flatMap(e -> e.rows(nodeAddresses).stream()).toList(),
                SourceSet.of(local));
    }

    private static VipTable of(List<Row> all, SourceSet podsAndNode) {
        int slots = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, all.size())) * 4);
        long[] keys = new long[slots * LONGS_PER_SLOT];
        @Nullable Row[] rows = new Row[slots];
        int size = 0;
        for (Row row : all) {
            IpAddress address = row.frontend().at().address();
            long tag = tag(row.frontend().protocol(), row.frontend().at());
            int slot = find(keys, slots - 1, address.high(), address.low(), tag);
            Row held = rows[slot];
            if (held == null) {
                size++;
            } else if (held.entry().port().name().compareTo(row.entry().port().name()) <= 0) {
                continue;
            }
            keys[slot * LONGS_PER_SLOT] = address.high();
            keys[slot * LONGS_PER_SLOT + 1] = address.low();
            keys[slot * LONGS_PER_SLOT + 2] = tag;
            rows[slot] = row;
        }
        return new VipTable(keys, rows, size, podsAndNode);
    }

    /// The row of an arriving client; null where nothing is served.
    ///
    /// @param tag from [#tag]; the family of the address is part of it
    public @Nullable Row lookup(long high, long low, long tag) {
        return rows[find(keys, mask, high, low, tag)];
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

    private static int find(long[] keys, int mask, long high, long low, long tag) {
        int slot = (int) hash(high, low, tag) & mask;
        while (true) {
            int at = slot * LONGS_PER_SLOT;
            long found = keys[at + 2];
            if (found == 0 || (found == tag && keys[at + 1] == low && keys[at] == high)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Multiply and fold, with odd constants from the golden ratio and its relatives: VIPs are
    /// consecutive numbers, which is what this spreads.
    private static long hash(long high, long low, long tag) {
        long h = (low ^ high * 0xc2b2_ae3d_27d4_eb4fL ^ tag << 32) * 0x9e37_79b9_7f4a_7c15L;
        return h ^ h >>> 32;
    }

    /// The sources that count as pods or this node (SEMANTICS A5).
    public SourceSet podsAndNode() {
        return podsAndNode;
    }

    /// Every place where clients arrive.
    public Set<Frontend> frontends() {
        Set<Frontend> frontends = HashSet.newHashSet(size);
        for (Row row : rows) {
            if (row != null) {
                frontends.add(row.frontend());
            }
        }
        return frontends;
    }

    /// Number of rows.
    public int size() {
        return size;
    }
}
