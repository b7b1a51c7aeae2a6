package io.fairlead.core.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The flows of one service port as counted since its start, all event loops together. Immutable.
@SuppressWarnings("EnumOrdinal") // of an array that nobody keeps
public final class FlowTotals {

    static final int OPENED = 0;
    static final int RECEIVED = 1;
    static final int RETURNED = 2;
    static final int CONNECT_NS = 3;
    static final int CLOSED = 4;
    static final int FAILURES = CLOSED + FlowEnd.values().length;
    static final int CONNECTS = FAILURES + ConnectFailure.values().length;

    /// Upper bound of the first bucket: within a node a handshake takes less.
    private static final long FIRST_BOUND_NS = 500_000;

    /// Up to two seconds; a handshake that needs more has lost packets.
    private static final int BOUNDS = 13;

    static final int SLOTS = CONNECTS + BOUNDS + 1;

    private final long[] sums;

    private FlowTotals(long[] sums) {
        this.sums = sums;
    }

    static FlowTotals of(@Nullable FlowCounters[] all) {
        long[] sums = new long[SLOTS];
        for (FlowCounters counters : all) {
            if (counters != null) {
                counters.addTo(sums);
            }
        }
        return new FlowTotals(sums);
    }

    static int bucket(long ns) {
        long halves = Math.max(0, ns - 1) / FIRST_BOUND_NS;
        return Math.min(BOUNDS, Long.SIZE - Long.numberOfLeadingZeros(halves));
    }

    public long opened() {
        return sums[OPENED];
    }

    public long closed(FlowEnd reason) {
        return sums[CLOSED + reason.ordinal()];
    }

    /// Bytes from clients.
    public long receivedBytes() {
        return sums[RECEIVED];
    }

    /// Bytes from backends.
    public long returnedBytes() {
        return sums[RETURNED];
    }

    public long connectFailures(ConnectFailure cause) {
        return sums[FAILURES + cause.ordinal()];
    }

    /// Connections to backends that failed, whatever the cause.
    public long connectFailures() {
        return Arrays.stream(sums, FAILURES, CONNECTS).sum();
    }

    /// Upper bounds of the buckets of [#connects] but the last, which has none.
    public static double[] connectBoundsSeconds() {
        double[] bounds = new double[BOUNDS];
        Arrays.setAll(bounds, i -> (FIRST_BOUND_NS << i) / 1e9);
        return bounds;
    }

    /// Handshakes with backends by how long they took.
    public long[] connects() {
        return Arrays.copyOfRange(sums, CONNECTS, SLOTS);
    }

    /// How long all of them took together.
    public double connectSeconds() {
        return sums[CONNECT_NS] / 1e9;
    }
}
