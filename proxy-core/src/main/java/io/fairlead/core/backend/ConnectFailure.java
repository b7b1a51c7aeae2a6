package io.fairlead.core.backend;

import java.util.Locale;

/// Why a backend could not be connected to.
public enum ConnectFailure {
    /// It answered with RST.
    REFUSED,
    /// It did not answer.
    TIMEOUT,
    /// A router, or this node, knows no way to it.
    UNREACHABLE,
    /// Its address must not be dialled.
    FORBIDDEN,
    /// Descriptors, ports or memory ran out here.
    LOCAL,
    /// Anything else.
    OTHER;

    // asm-generic/errno.h
    private static final int ENETUNREACH = 101;
    private static final int ETIMEDOUT = 110;
    private static final int ECONNREFUSED = 111;
    private static final int EHOSTUNREACH = 113;

    private final String word = name().toLowerCase(Locale.ROOT);

    /// As metrics and logs call it.
    public String word() {
        return word;
    }

    /// What the kernel's error of a handshake stands for.
    public static ConnectFailure of(int errno) {
        return switch (errno) {
            case ECONNREFUSED -> REFUSED;
            case ETIMEDOUT -> TIMEOUT;
            case ENETUNREACH, EHOSTUNREACH -> UNREACHABLE;
            default -> OTHER;
        };
    }
}
