package io.fairlead.core.backend;

import io.fairlead.core.kernel.Errno;
import java.util.Locale;

/// Why a flow's backend was not connected to.
public enum ConnectFailure {
    REFUSED,
    TIMEOUT,
    UNREACHABLE,
    /// No local address and port was free towards the backend.
    NO_PORT,
    /// Its address must not be dialled.
    FORBIDDEN,
    /// No descriptor or memory for an upstream socket.
    NO_RESOURCES,
    OTHER;

    private static final ConnectFailure[] ALL = values();

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /// Its name in metrics, such as `no-port`.
    public String word() {
        return word;
    }

    /// How many there are, for counts by ordinal.
    public static int count() {
        return ALL.length;
    }

    /// What the kernel's error of a handshake stands for.
    public static ConnectFailure of(int errno) {
        return switch (errno) {
            case Errno.ECONNREFUSED -> REFUSED;
            case Errno.ETIMEDOUT -> TIMEOUT;
            case Errno.EHOSTUNREACH, Errno.ENETUNREACH -> UNREACHABLE;
            case Errno.EADDRNOTAVAIL, Errno.EADDRINUSE -> NO_PORT;
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> NO_RESOURCES;
            default -> OTHER;
        };
    }

    /// Whether it speaks against the backend.
    public boolean isOfBackend() {
        return switch (this) {
            case REFUSED, TIMEOUT, UNREACHABLE -> true;
            // What else goes wrong does so on this node.
            case NO_PORT, FORBIDDEN, NO_RESOURCES, OTHER -> false;
        };
    }
}
