package io.fairlead.core.tcp;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What one event loop counts of its flows.
///
/// Written by its loop alone, with opaque stores; read from anywhere, a moment old.
@SuppressWarnings("EnumOrdinal") // arrays by ordinal live as long as the process: EnumMap allocates
final class TcpCounters {

    private static final VarHandle OPENED = handle("opened");
    private static final VarHandle CLOSED = handle("closed");
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle RETRIES = handle("retries");
    private static final VarHandle ACCEPT_PAUSES = handle("acceptPauses");
    private static final VarHandle SPLICED = handle("spliced");

    private long opened;
    private long closed;
    private final long[] connectFailures = new long[ConnectFailure.count()];
    private long retries;
    private long acceptPauses;
    private long spliced;
    private final long[] ends = new long[FlowEnd.count()];
    private final long[] refusals = new long[FlowRefusal.count()];

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(TcpCounters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    void onOpened() {
        OPENED.setOpaque(this, opened + 1);
    }

    void onClosed(FlowEnd why) {
        ENTRY.setOpaque(ends, why.ordinal(), ends[why.ordinal()] + 1);
        CLOSED.setOpaque(this, closed + 1);
    }

    /// Accepted, and reset at once.
    void onRefused(FlowRefusal why) {
        ENTRY.setOpaque(refusals, why.ordinal(), refusals[why.ordinal()] + 1);
    }

    void onConnectFailure(ConnectFailure cause) {
        int at = cause.ordinal();
        ENTRY.setOpaque(connectFailures, at, connectFailures[at] + 1);
    }

    /// A flow went on to another backend.
    void onRetry() {
        RETRIES.setOpaque(this, retries + 1);
    }

    /// A listener found no descriptor or memory for a client.
    void onAcceptPause() {
        ACCEPT_PAUSES.setOpaque(this, acceptPauses + 1);
    }

    /// Bytes went into a pipe.
    void onSpliced(int bytes) {
        SPLICED.setOpaque(this, spliced + bytes);
    }

    long spliced() {
        return (long) SPLICED.getOpaque(this);
    }

    long live() {
        // In this order the difference is never negative.
        long ended = (long) CLOSED.getOpaque(this);
        return (long) OPENED.getOpaque(this) - ended;
    }

    long ended(FlowEnd why) {
        return (long) ENTRY.getOpaque(ends, why.ordinal());
    }

    long refused(FlowRefusal why) {
        return (long) ENTRY.getOpaque(refusals, why.ordinal());
    }

    long connectFailures(ConnectFailure cause) {
        return (long) ENTRY.getOpaque(connectFailures, cause.ordinal());
    }

    long retries() {
        return (long) RETRIES.getOpaque(this);
    }

    long acceptPauses() {
        return (long) ACCEPT_PAUSES.getOpaque(this);
    }
}
