package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A program that the verifier has accepted, by its descriptor.
public final class BpfProgram implements AutoCloseable {

    // linux/bpf.h: enum bpf_cmd, bpf_prog_type, bpf_attach_type
    private static final int PROG_LOAD = 5;
    private static final int LINK_CREATE = 28;
    private static final int TYPE_SK_LOOKUP = 30;
    private static final int ATTACH_SK_LOOKUP = 36;

    // union bpf_attr
    private static final int LOAD_BYTES = 72;
    private static final int NAME_AT = 48;
    private static final int NAME_BYTES = 16;
    private static final int LINK_BYTES = 16;

    private static final int LOG_BYTES = 256 << 10;

    private final int descriptor;

    private BpfProgram(int descriptor) {
        this.descriptor = descriptor;
    }

    /// Loads a program that chooses the socket for what arrives (Linux 5.9).
    ///
    /// @throws BpfException with the end of the verifier's log
    public static BpfProgram loadSkLookup(String name, long[] instructions) throws BpfException {
        long result = load(name, instructions, MemorySegment.NULL);
        if (result >= 0) {
            return new BpfProgram((int) result);
        }
        // Only now with a log: writing it costs more than the check.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG_BYTES);
            result = load(name, instructions, log);
            if (result >= 0) {
                return new BpfProgram((int) result);
            }
            String said = log.getString(0).strip();
            String end = said.substring(Math.max(0, said.length() - 400)).replace('\n', ' ');
            throw new BpfException(
                    "BPF program " + name + (end.isEmpty() ? "" : " (verifier: " + end + ")"),
                    (int) -result);
        }
    }

    private static long load(String name, long[] instructions, MemorySegment log) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_LONG, instructions);
            MemorySegment attributes = arena.allocate(LOAD_BYTES, Long.BYTES);
            attributes.set(ValueLayout.JAVA_INT, 0, TYPE_SK_LOOKUP);
            attributes.set(ValueLayout.JAVA_INT, 4, instructions.length);
            attributes.set(ValueLayout.JAVA_LONG, 8, code.address());
            // Helpers that hand out sockets ask for no licence, but a program must name one.
            attributes.set(ValueLayout.JAVA_LONG, 16, arena.allocateFrom("Apache-2.0").address());
            if (log.byteSize() > 0) {
                attributes.set(ValueLayout.JAVA_INT, 24, 1);
                attributes.set(ValueLayout.JAVA_INT, 28, (int) log.byteSize());
                attributes.set(ValueLayout.JAVA_LONG, 32, log.address());
            }
            BpfNames.put(attributes, NAME_AT, NAME_BYTES, name);
            attributes.set(ValueLayout.JAVA_INT, 68, ATTACH_SK_LOOKUP);
            return Syscall.bpf(PROG_LOAD, attributes);
        }
    }

    int descriptor() {
        return descriptor;
    }

    /// Puts it to work in the network namespace of the calling thread, until the link is closed.
    public BpfLink attachToNetns() throws IOException {
        // Not /proc/self: that is the namespace of the process's first thread.
        String path = "/proc/thread-self/ns/net";
        int namespace = Syscall.open(path);
        if (namespace < 0) {
            throw new BpfException("cannot open " + path, -namespace);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(LINK_BYTES, Long.BYTES);
            attributes.set(ValueLayout.JAVA_INT, 0, descriptor);
            attributes.set(ValueLayout.JAVA_INT, 4, namespace);
            attributes.set(ValueLayout.JAVA_INT, 8, ATTACH_SK_LOOKUP);
            long result = Syscall.bpf(LINK_CREATE, attributes);
            if (result < 0) {
                throw new BpfException("BPF link to the network namespace", (int) -result);
            }
            return new BpfLink((int) result);
        } finally {
            Syscall.close(namespace);
        }
    }

    @Override
    public void close() {
        Syscall.close(descriptor);
    }
}
