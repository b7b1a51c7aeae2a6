package io.fairlead.core.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What one event loop counts of the flows of one service port.
///
/// Written by its loop alone, with opaque stores; read from anywhere, a moment old, and added up
/// with those of other loops in [FlowTotals]. Counting allocates nothing and shares nothing.
@SuppressWarnings("EnumOrdinal") // of an array that nobody keeps
public final class FlowCounters {

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[FlowTotals.SLOTS];

    private void add(int slot, long more) {
        COUNT.setOpaque(counts, slot, counts[slot] + more);
    }

    public void onOpened() {
        add(FlowTotals.OPENED, 1);
    }

    public void onClosed(FlowEnd reason) {
        add(FlowTotals.CLOSED + reason.ordinal(), 1);
    }

    /// Bytes came from a client.
    public void onReceived(long bytes) {
        add(FlowTotals.RECEIVED, bytes);
    }

    /// Bytes came from a backend.
    public void onReturned(long bytes) {
        add(FlowTotals.RETURNED, bytes);
    }

    /// A datagram came from a client.
    public void onReceivedDatagram(long bytes) {
        add(FlowTotals.DATAGRAMS_RECEIVED, 1);
        add(FlowTotals.RECEIVED, bytes);
    }

    /// A datagram came from a backend.
    public void onReturnedDatagram(long bytes) {
        add(FlowTotals.DATAGRAMS_RETURNED, 1);
        add(FlowTotals.RETURNED, bytes);
    }

    /// A connection was accepted, and reset before it had a backend.
    public void onRefused(FlowRefusal reason) {
        add(FlowTotals.REFUSED + reason.ordinal(), 1);
    }

    public void onConnectFailure(ConnectFailure reason) {
        add(FlowTotals.FAILURES + reason.ordinal(), 1);
    }

    /// After such a failure a flow went on to another backend.
    public void onConnectRetry(ConnectFailure reason) {
        add(FlowTotals.RETRIES + reason.ordinal(), 1);
    }

    /// A backend took a connection.
    ///
    /// @param ns since the client's was accepted, attempts with other backends included
    public void onConnected(long ns) {
        add(FlowTotals.CONNECT_NS, Math.max(0, ns));
        add(FlowTotals.CONNECTS + FlowTotals.bucket(ns), 1);
    }

    /// A backend said something for the first time.
    ///
    /// @param ns since the client's connection was accepted
    public void onFirstByte(long ns) {
        add(FlowTotals.FIRST_BYTE_NS, Math.max(0, ns));
        add(FlowTotals.FIRST_BYTES + FlowTotals.bucket(ns), 1);
    }

    void addTo(long[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (long) COUNT.getOpaque(counts, i);
        }
    }
}
