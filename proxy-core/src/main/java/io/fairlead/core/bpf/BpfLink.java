package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Syscall;

/// A program at work, by its descriptor: it ends with the last descriptor, so with the process.
public final class BpfLink implements AutoCloseable {

    private final int descriptor;

    BpfLink(int descriptor) {
        this.descriptor = descriptor;
    }

    public int descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        Syscall.close(descriptor);
    }
}
