package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Errno;
import java.io.IOException;

/// The kernel refused a BPF operation.
public final class BpfException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    BpfException(String operation, int errno) {
        super(operation + ": " + Errno.text(errno));
        this.errno = errno;
    }

    /// One of [Errno]'s.
    public int errno() {
        return errno;
    }
}
