package io.fairlead.core.transport;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// A process that the kernel gives no io_uring (seccomp(2)); prints which transport its loops have.
final class WithoutIoUring {

    // linux/prctl.h, linux/seccomp.h
    private static final long PR_SET_NO_NEW_PRIVS = 38;
    private static final long SECCOMP_SET_MODE_FILTER = 1;
    private static final long ALL_THREADS = 1;
    private static final int ALLOW = 0x7fff_0000;
    private static final int REFUSE_WITH_EPERM = 0x0005_0001;

    // linux/bpf_common.h: load a word from a place, compare with a constant, return a constant
    private static final short LOAD = 0x20;
    private static final short IS_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final int INSTRUCTION_BYTES = 8;

    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    private static final long PRCTL = ARM ? 167 : 157;
    private static final long SECCOMP = ARM ? 277 : 317;
    private static final int IO_URING_SETUP = 425;

    private WithoutIoUring() {}

    @SuppressWarnings({"restricted", "SystemOut"})
    public static void main(String[] args) throws Throwable {
        MethodHandle syscall =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG),
                                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(4L * INSTRUCTION_BYTES, Long.BYTES);
            instruction(program, 0, LOAD, 0, 0, 0); // the number of the system call
            instruction(program, 1, IS_EQUAL, 0, 1, IO_URING_SETUP);
            instruction(program, 2, RETURN, 0, 0, REFUSE_WITH_EPERM);
            instruction(program, 3, RETURN, 0, 0, ALLOW);
            MemorySegment filter = arena.allocate(2L * Long.BYTES, Long.BYTES);
            filter.set(ValueLayout.JAVA_SHORT, 0, (short) 4);
            filter.set(ValueLayout.JAVA_LONG, Long.BYTES, program.address());
            check((long) syscall.invokeExact(PRCTL, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
            check(
                    (long)
                            syscall.invokeExact(
                                    SECCOMP,
                                    SECCOMP_SET_MODE_FILTER,
                                    ALL_THREADS,
                                    filter.address(),
                                    0L,
                                    0L));
        }
        LoopOptions asked = LoopOptions.DEFAULT.withTransport(Transport.IO_URING);
        try (EventLoops loops = EventLoops.open(1, asked)) {
            System.out.println(loops.transport());
        }
    }

    private static void instruction(
            MemorySegment program, int at, short code, int ifTrue, int ifFalse, int constant) {
        long offset = (long) at * INSTRUCTION_BYTES;
        program.set(ValueLayout.JAVA_SHORT, offset, code);
        program.set(ValueLayout.JAVA_BYTE, offset + 2, (byte) ifTrue);
        program.set(ValueLayout.JAVA_BYTE, offset + 3, (byte) ifFalse);
        program.set(ValueLayout.JAVA_INT, offset + 4, constant);
    }

    private static void check(long result) {
        if (result != 0) {
            throw new IllegalStateException("the filter is refused");
        }
    }
}
