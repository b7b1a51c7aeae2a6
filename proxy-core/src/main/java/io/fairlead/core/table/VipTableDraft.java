package io.fairlead.core.table;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.table.VipTable.Row;
import org.jspecify.annotations.Nullable;

/// The arrays of a [VipTable] while they are filled, and the one place that knows their layout.
///
/// Open addressing with linear probing; at most half full, so that a probe is short.
final class VipTableDraft {

    private static final int LONGS_PER_SLOT = 3;
    private static final int MIN_SLOTS = 8;

    // Slot i: high, low and tag at 3i, 3i + 1, 3i + 2. A tag of 0 marks a free slot.
    final long[] keys;
    final @Nullable Row[] rows;
    int size;
    boolean contended;

    /// A draft that starts from arrays of a table, which it owns from here on.
    VipTableDraft(long[] keys, @Nullable Row[] rows, int size) {
        this.keys = keys;
        this.rows = rows;
        this.size = size;
    }

    static VipTableDraft forRows(int count) {
        int slots = Math.max(MIN_SLOTS, Integer.highestOneBit(Math.max(1, count)) * 4);
        return new VipTableDraft(new long[slots * LONGS_PER_SLOT], new @Nullable Row[slots], 0);
    }

    /// Adds a row. Of two that claim one frontend, the one whose service port's name sorts first
    /// stays.
    ///
    /// @return whether the draft is still right: not contended, not too full
    boolean put(Row row) {
        IpAddress address = row.frontend().at().address();
        long tag = VipTable.tag(row.frontend().protocol(), row.frontend().at());
        int slot = find(keys, rows.length - 1, address.high(), address.low(), tag);
        Row held = rows[slot];
        if (held == null) {
            size++;
        } else {
            contended = true;
            if (held.entry().port().name().compareTo(row.entry().port().name()) <= 0) {
                return false;
            }
        }
        keys[slot * LONGS_PER_SLOT] = address.high();
        keys[slot * LONGS_PER_SLOT + 1] = address.low();
        keys[slot * LONGS_PER_SLOT + 2] = tag;
        rows[slot] = row;
        return !contended && size <= rows.length / 2;
    }

    /// Removes the row of a frontend; rows that probed past it move up, so that no mark is left.
    void remove(Row row) {
        IpAddress address = row.frontend().at().address();
        long tag = VipTable.tag(row.frontend().protocol(), row.frontend().at());
        int mask = rows.length - 1;
        int hole = find(keys, mask, address.high(), address.low(), tag);
        if (rows[hole] == null) {
            return;
        }
        size--;
        // Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R.
        for (int slot = hole + 1 & mask; rows[slot] != null; slot = slot + 1 & mask) {
            int at = slot * LONGS_PER_SLOT;
            int home = (int) hash(keys[at], keys[at + 1], keys[at + 2]) & mask;
            if ((slot - home & mask) >= (slot - hole & mask)) {
                System.arraycopy(keys, at, keys, hole * LONGS_PER_SLOT, LONGS_PER_SLOT);
                rows[hole] = rows[slot];
                hole = slot;
            }
        }
        keys[hole * LONGS_PER_SLOT + 2] = 0;
        rows[hole] = null;
    }

    /// The slot of a key, or the free one where it belongs.
    static int find(long[] keys, int mask, long high, long low, long tag) {
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
}
