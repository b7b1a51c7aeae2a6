package io.fairlead.core.backend;

import java.util.Locale;

/// Why a flow ended.
public enum CloseReason {
    /// Both ends of stream have been passed on.
    FIN,
    /// The client's connection was reset or broke.
    CLIENT_RST,
    /// The backend's connection was reset or broke.
    BACKEND_RST,
    /// No backend could be connected to.
    CONNECT_FAILED,
    /// Nothing was said for too long.
    IDLE,
    /// It reached the age at which its Service ends connections.
    AGE,
    /// Its backend drained for too long.
    DRAIN,
    /// It made room for another.
    LIMIT,
    /// Its backend serves no longer; flows of datagrams only.
    UNSERVED,
    /// The agent stops.
    STOP,
    /// Something here failed.
    ERROR;

    private final String word = name().toLowerCase(Locale.ROOT);

    /// As metrics and logs call it, such as `client_rst`.
    public String word() {
        return word;
    }
}
