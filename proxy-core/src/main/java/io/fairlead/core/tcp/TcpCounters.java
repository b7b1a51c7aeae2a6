package io.fairlead.core.tcp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// What one event loop counts of its flows.
///
/// Written by its loop alone, with opaque stores; read from anywhere, a moment old.
final class TcpCounters {

    private static final VarHandle OPENED = handle("opened");
    private static final VarHandle CLOSED = handle("closed");
    private static final VarHandle REFUSED = handle("refused");
    private static final VarHandle RETRIES = handle("retries");
    private static final VarHandle GIVEN_UP = handle("givenUp");
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ACCEPT_PAUSES = handle("acceptPauses");

    private long opened;
    private long closed;
    private long refused;
    private final long[] connectFailures = new long[ConnectFailure.count()];
    private long retries;
    private long givenUp;
    private long acceptPauses;

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

    void onClosed() {
        CLOSED.setOpaque(this, closed + 1);
    }

    /// Accepted, but nothing serves it any more.
    void onRefused() {
        REFUSED.setOpaque(this, refused + 1);
    }

    void onConnectFailure(ConnectFailure cause) {
        int at = cause.ordinal();
        ELEMENT.setOpaque(connectFailures, at, connectFailures[at] + 1);
    }

    /// A flow went on to another backend.
    void onRetry() {
        RETRIES.setOpaque(this, retries + 1);
    }

    /// A flow was reset because none of its backends could be connected to.
    void onGivenUp() {
        GIVEN_UP.setOpaque(this, givenUp + 1);
    }

    /// A listener found no descriptor or memory for a client.
    void onAcceptPause() {
        ACCEPT_PAUSES.setOpaque(this, acceptPauses + 1);
    }

    long live() {
        // In this order the difference is never negative.
        long ended = (long) CLOSED.getOpaque(this);
        return (long) OPENED.getOpaque(this) - ended;
    }

    long refused() {
        return (long) REFUSED.getOpaque(this);
    }

    long connectFailures(ConnectFailure cause) {
        return (long) ELEMENT.getOpaque(connectFailures, cause.ordinal());
    }

    long retries() {
        return (long) RETRIES.getOpaque(this);
    }

    long givenUp() {
        return (long) GIVEN_UP.getOpaque(this);
    }

    long acceptPauses() {
        return (long) ACCEPT_PAUSES.getOpaque(this);
    }
}
