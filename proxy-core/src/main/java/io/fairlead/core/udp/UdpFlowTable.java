package io.fairlead.core.udp;

import org.jspecify.annotations.Nullable;

/// The flows of one listener by their clients. Open addressing with linear probing, at most half
/// full; a lookup allocates nothing. Owned by one event loop.
final class UdpFlowTable {

    private static final int MIN_SLOTS = 16;

    private @Nullable UdpFlow[] flows = new @Nullable UdpFlow[MIN_SLOTS];
    private int size;

    @Nullable UdpFlow get(long high, long low, int port) {
        return flows[find(flows, high, low, port)];
    }

    void put(UdpFlow flow) {
        if (2 * (size + 1) > flows.length) {
            resize(2 * flows.length);
        }
        flows[find(flows, flow.clientHigh, flow.clientLow, flow.clientPort)] = flow;
        size++;
    }

    void remove(UdpFlow flow) {
        int mask = flows.length - 1;
        int hole = find(flows, flow.clientHigh, flow.clientLow, flow.clientPort);
        if (flows[hole] != flow) {
            return;
        }
        size--;
        // Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R.
        for (int slot = hole + 1 & mask; flows[slot] != null; slot = slot + 1 & mask) {
            UdpFlow moved = flows[slot];
            int home = hash(moved.clientHigh, moved.clientLow, moved.clientPort) & mask;
            if ((slot - home & mask) >= (slot - hole & mask)) {
                flows[hole] = moved;
                hole = slot;
            }
        }
        flows[hole] = null;
        if (flows.length > MIN_SLOTS && 8 * size < flows.length) {
            resize(flows.length / 2);
        }
    }

    private void resize(int slots) {
        @Nullable UdpFlow[] next = new @Nullable UdpFlow[slots];
        for (UdpFlow flow : flows) {
            if (flow != null) {
                next[find(next, flow.clientHigh, flow.clientLow, flow.clientPort)] = flow;
            }
        }
        flows = next;
    }

    private static int find(@Nullable UdpFlow[] flows, long high, long low, int port) {
        int mask = flows.length - 1;
        int slot = hash(high, low, port) & mask;
        while (true) {
            UdpFlow flow = flows[slot];
            if (flow == null || flow.isOf(high, low, port)) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
    }

    private static int hash(long high, long low, int port) {
        long h = (low ^ high * 0xc2b2_ae3d_27d4_eb4fL ^ (long) port << 40) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (h >>> 32);
    }

    int size() {
        return size;
    }

    /// All of them; a list made for the caller, so that they may be removed.
    java.util.List<UdpFlow> all() {
        java.util.List<UdpFlow> all = new java.util.ArrayList<>(size);
        for (UdpFlow flow : flows) {
            if (flow != null) {
                all.add(flow);
            }
        }
        return all;
    }
}
