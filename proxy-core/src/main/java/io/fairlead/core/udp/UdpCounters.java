package io.fairlead.core.udp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What one event loop counts of its flows of datagrams.
///
/// Written by its loop alone, with opaque stores; read from anywhere, a moment old.
final class UdpCounters {

    private static final VarHandle OPENED = handle("opened");
    private static final VarHandle CLOSED = handle("closed");
    private static final VarHandle EVICTED = handle("evicted");
    private static final VarHandle REFUSED = handle("refused");
    private static final VarHandle FAILED = handle("failed");

    private long opened;
    private long closed;
    private long evicted;
    private long refused;
    private long failed;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(UdpCounters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    void onOpened() {
        OPENED.setOpaque(this, opened + 1);
    }

    void onClosed() {
        CLOSED.setOpaque(this, closed + 1);
    }

    /// A flow made room for another.
    void onEvicted() {
        EVICTED.setOpaque(this, evicted + 1);
    }

    /// A datagram came for which nobody is served.
    void onRefused() {
        REFUSED.setOpaque(this, refused + 1);
    }

    /// A datagram could not be passed on.
    void onFailed() {
        FAILED.setOpaque(this, failed + 1);
    }

    long live() {
        return (long) OPENED.getOpaque(this) - (long) CLOSED.getOpaque(this);
    }

    long opened() {
        return (long) OPENED.getOpaque(this);
    }

    long evicted() {
        return (long) EVICTED.getOpaque(this);
    }

    long refused() {
        return (long) REFUSED.getOpaque(this);
    }

    long failed() {
        return (long) FAILED.getOpaque(this);
    }
}
