package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A program at work, by its descriptor: it ends with the last descriptor, so with the process.
public final class BpfLink implements AutoCloseable {

    // linux/bpf.h: enum bpf_cmd, union bpf_attr
    private static final int LINK_UPDATE = 29;
    private static final int UPDATE_BYTES = 16;

    private final int descriptor;

    BpfLink(int descriptor) {
        this.descriptor = descriptor;
    }

    public int descriptor() {
        return descriptor;
    }

    /// Goes on with a link that another process made and has sent.
    public static BpfLink adopt(int descriptor) {
        return new BpfLink(descriptor);
    }

    /// Puts another program to work in place of the one that is, at once for all that arrives
    /// (Linux 5.8).
    public void lead(BpfProgram program) throws BpfException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(UPDATE_BYTES, Long.BYTES);
            attributes.set(ValueLayout.JAVA_INT, 0, descriptor);
            attributes.set(ValueLayout.JAVA_INT, 4, program.descriptor());
            long result = Syscall.bpf(LINK_UPDATE, attributes);
            if (result < 0) {
                throw new BpfException("BPF link to another program", (int) -result);
            }
        }
    }

    @Override
    public void close() {
        Syscall.close(descriptor);
    }
}
