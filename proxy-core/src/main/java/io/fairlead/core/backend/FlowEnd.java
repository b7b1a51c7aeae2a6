package io.fairlead.core.backend;

import java.util.Locale;

/// Why a TCP flow ended. Each flow has one.
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
    /// It carried nothing for longer than the Service allows.
    IDLE,
    /// The agent stopped.
    STOPPED,
    /// There was no memory for it, or a defect of ours.
    FAILED;

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
