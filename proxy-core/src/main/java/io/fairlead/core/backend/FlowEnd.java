package io.fairlead.core.backend;

import java.util.Locale;

/// Why a flow ended. Each flow has one: those that say so are of datagrams alone, [#IDLE] and
/// [#FAILED] of both protocols, the others of TCP.
public enum FlowEnd {
    /// Both directions came to their end.
    FINISHED,
    /// The client reset it, or its connection broke.
    CLIENT_RESET,
    /// The backend did.
    BACKEND_RESET,
    /// No backend could be connected to.
    NOT_CONNECTED,
    /// Its backend was gone or terminating for longer than the Service's drain time.
    DRAINED,
    /// It was older than the Service allows.
    TOO_OLD,
    /// The agent stopped.
    STOPPED,
    /// It carried nothing for longer than it may.
    IDLE,
    /// There was no memory for it, its socket failed, or a defect of ours.
    FAILED,
    /// Of datagrams: all its questions had their answers.
    ANSWERED,
    /// Of datagrams: its backend serves no longer.
    BACKEND_GONE,
    /// Of datagrams: its frontend is none any more.
    FRONTEND_GONE,
    /// Of datagrams: another agent goes on with it.
    HANDED_OVER,
    /// Of datagrams: it made room, because there were too many in all.
    EVICTED_LIMIT,
    /// Of datagrams: it made room for another of its client, which had too many.
    EVICTED_CLIENT_LIMIT,
    /// Of datagrams: it made room, because there was no socket to be had.
    EVICTED_NO_SOCKET;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    private static final FlowEnd[] ALL = values();

    /// How many there are, for counts by ordinal.
    public static int count() {
        return ALL.length;
    }

    /// Such as `client-reset`.
    public String word() {
        return word;
    }
}
