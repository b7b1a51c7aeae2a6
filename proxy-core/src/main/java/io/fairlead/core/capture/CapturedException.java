package io.fairlead.core.capture;

import java.io.IOException;

/// Another agent captures in this network namespace.
public final class CapturedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param pid of that agent; 0 when it cannot be seen from here
    CapturedException(long pid) {
        super(
                "another fairlead agent"
                        + (pid == 0 ? "" : ", pid " + pid + ",")
                        + " captures the VIPs of this network namespace; stop that one first");
    }
}
