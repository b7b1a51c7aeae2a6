package io.fairlead.core.udp;

import io.fairlead.core.backend.FlowEnd;
import org.jspecify.annotations.Nullable;

/// What is counted of datagrams.
public enum UdpCount {
    /// Flows that began.
    OPENED,

    /// Flows that nobody sent anything on for long.
    ENDED_IDLE(FlowEnd.IDLE),

    /// Flows of questions that all had their answer.
    ENDED_ANSWERED(FlowEnd.ANSWERED),

    /// Flows whose backend serves no longer.
    ENDED_BACKEND_GONE(FlowEnd.BACKEND_GONE),

    /// Flows of a frontend that is none any more.
    ENDED_FRONTEND_GONE(FlowEnd.FRONTEND_GONE),

    /// Flows whose socket failed.
    ENDED_FAILED(FlowEnd.FAILED),

    /// Flows that another agent goes on with.
    HANDED_OVER(FlowEnd.HANDED_OVER),

    /// Flows that made room, because there were too many in all.
    EVICTED_FOR_ALL(FlowEnd.EVICTED_LIMIT),

    /// Flows that made room for another of the same client, because it had too many.
    EVICTED_FOR_CLIENT(FlowEnd.EVICTED_CLIENT_LIMIT),

    /// Flows that made room, because there was no socket to be had.
    EVICTED_FOR_SOCKET(FlowEnd.EVICTED_NO_SOCKET),

    /// Flows that were given a socket of an earlier one.
    REUSED,

    /// Sockets that wait for a flow now.
    POOLED,

    /// Answers to questions of an earlier flow on the same socket, which nobody was given.
    LATE,

    /// Datagrams to backends, and their bytes.
    TO_BACKENDS,
    BYTES_TO_BACKENDS,

    /// Datagrams to clients, and their bytes.
    TO_CLIENTS,
    BYTES_TO_CLIENTS,

    /// Datagrams that nobody serves.
    REFUSED,

    /// Times a backend had nothing at its port.
    REFUSED_BY_BACKEND,

    /// Datagrams that could not be passed on.
    FAILED;

    private final @Nullable FlowEnd end;

    UdpCount() {
        this(null);
    }

    UdpCount(@Nullable FlowEnd end) {
        this.end = end;
    }

    /// What it is for the flow; null for what does not end one.
    @Nullable FlowEnd end() {
        return end;
    }
}
