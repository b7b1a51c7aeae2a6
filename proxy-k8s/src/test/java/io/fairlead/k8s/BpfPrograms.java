package io.fairlead.k8s;

import io.fairlead.core.kernel.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// How many BPF programs a network namespace has, whoever attached them.
final class BpfPrograms {

    // linux/bpf.h: enum bpf_cmd, enum bpf_attach_type, union bpf_attr
    private static final int PROG_QUERY = 16;
    private static final int SK_LOOKUP = 36;
    private static final int QUERY_BYTES = 32;
    private static final int TYPE_AT = 4;
    private static final int IDS_AT = 16;
    private static final int COUNT_AT = 24;
    private static final int ROOM = 16;

    private BpfPrograms() {}

    /// @param namespace as `/proc/PID/ns/net`
    static int atSocketLookup(Path namespace) {
        int descriptor = Syscall.open(namespace.toString());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment query = arena.allocate(QUERY_BYTES, Long.BYTES);
            query.set(ValueLayout.JAVA_INT, 0, descriptor);
            query.set(ValueLayout.JAVA_INT, TYPE_AT, SK_LOOKUP);
            query.set(
                    ValueLayout.JAVA_LONG,
                    IDS_AT,
                    arena.allocate((long) ROOM * Integer.BYTES, Integer.BYTES).address());
            query.set(ValueLayout.JAVA_INT, COUNT_AT, ROOM);
            long result = Syscall.bpf(PROG_QUERY, query);
            if (result < 0) {
                throw new AssertionError("BPF_PROG_QUERY: errno " + -result);
            }
            return query.get(ValueLayout.JAVA_INT, COUNT_AT);
        } finally {
            Syscall.close(descriptor);
        }
    }
}
