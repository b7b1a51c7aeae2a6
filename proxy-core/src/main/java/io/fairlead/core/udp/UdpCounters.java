package io.fairlead.core.udp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What one event loop counts of its datagrams.
///
/// Written by its loop alone, with opaque stores; read from anywhere, a moment old.
// Counts last as long as the process, so the order of the enum is nobody else's affair.
@SuppressWarnings("EnumOrdinal")
final class UdpCounters {

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private static final UdpCount[] EVICTED = {
        UdpCount.EVICTED_FOR_ALL, UdpCount.EVICTED_FOR_CLIENT, UdpCount.EVICTED_FOR_SOCKET
    };
    private static final UdpCount[] ENDED = {
        UdpCount.ENDED_IDLE,
        UdpCount.ENDED_ANSWERED,
        UdpCount.ENDED_BACKEND_GONE,
        UdpCount.ENDED_FRONTEND_GONE,
        UdpCount.ENDED_FAILED,
        UdpCount.HANDED_OVER
    };

    private final long[] counts = new long[UdpCount.values().length];

    void add(UdpCount count, long more) {
        int at = count.ordinal();
        COUNT.setOpaque(counts, at, counts[at] + more);
    }

    long get(UdpCount count) {
        return (long) COUNT.getOpaque(counts, count.ordinal());
    }

    /// Flows that made room for others.
    long evicted() {
        return sum(EVICTED);
    }

    /// Flows now.
    long live() {
        return Math.max(0, get(UdpCount.OPENED) - sum(ENDED) - sum(EVICTED));
    }

    private long sum(UdpCount[] some) {
        long sum = 0;
        for (UdpCount count : some) {
            sum += get(count);
        }
        return sum;
    }
}
