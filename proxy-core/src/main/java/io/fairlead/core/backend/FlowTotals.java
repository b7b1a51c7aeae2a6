package io.fairlead.core.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The flows of one service port as counted since its start, all event loops together. Immutable.
@SuppressWarnings("EnumOrdinal") // of an array that nobody keeps
public final class FlowTotals {

    static final int OPENED = 0;
    static final int RECEIVED = 1;
    static final int RETURNED = 2;
    static final int DATAGRAMS_RECEIVED = 3;
    static final int DATAGRAMS_RETURNED = 4;
    static final int CONNECT_NS = 5;
    static final int FIRST_BYTE_NS = 6;
    static final int CLOSED = 7;
    static final int REFUSED = CLOSED + FlowEnd.count();
    static final int FAILURES = REFUSED + FlowRefusal.count();
    static final int RETRIES = FAILURES + ConnectFailure.count();

    /// Upper bound of the first bucket: within a node a handshake takes less.
    private static final long FIRST_BOUND_NS = 250_000;

    /// Each four times the one before, up to four seconds: finer ones would make the metrics of ten
    /// thousand Services twice as long.
    private static final int BOUNDS = 8;

    static final int CONNECTS = RETRIES + ConnectFailure.count();
    static final int FIRST_BYTES = CONNECTS + BOUNDS + 1;
    static final int SLOTS = FIRST_BYTES + BOUNDS + 1;

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
        long bounds = Math.max(0, ns - 1) / FIRST_BOUND_NS;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(bounds);
        return Math.min(BOUNDS, (bits + 1) / 2);
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

    /// Datagrams from clients.
    public long receivedDatagrams() {
        return sums[DATAGRAMS_RECEIVED];
    }

    /// Datagrams from backends.
    public long returnedDatagrams() {
        return sums[DATAGRAMS_RETURNED];
    }

    /// Connections that were reset before they had a backend.
    public long refused(FlowRefusal reason) {
        return sums[REFUSED + reason.ordinal()];
    }

    public long connectFailures(ConnectFailure reason) {
        return sums[FAILURES + reason.ordinal()];
    }

    /// Times a flow went on to another backend after such a failure.
    public long connectRetries(ConnectFailure reason) {
        return sums[RETRIES + reason.ordinal()];
    }

    /// Connections to backends that failed, whatever the reason.
    public long connectFailures() {
        return Arrays.stream(sums, FAILURES, RETRIES).sum();
    }

    /// Upper bounds of the buckets of [#connects] and [#firstBytes] but the last, which has none.
    public static double[] boundsSeconds() {
        double[] bounds = new double[BOUNDS];
        Arrays.setAll(bounds, i -> (FIRST_BOUND_NS << (2 * i)) / 1e9);
        return bounds;
    }

    /// Handshakes with backends by how long they took.
    public long[] connects() {
        return Arrays.copyOfRange(sums, CONNECTS, FIRST_BYTES);
    }

    /// How long all of them took together.
    public double connectSeconds() {
        return sums[CONNECT_NS] / 1e9;
    }

    /// Connections by how long their backends took to say anything.
    public long[] firstBytes() {
        return Arrays.copyOfRange(sums, FIRST_BYTES, SLOTS);
    }

    /// How long all of them took together.
    public double firstByteSeconds() {
        return sums[FIRST_BYTE_NS] / 1e9;
    }
}
