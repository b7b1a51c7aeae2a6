package io.fairlead.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/// The system call by which a thread enters a network namespace.
///
/// It moves the calling thread alone: all others of the process stay where they are.
@SuppressWarnings("restricted") // System calls are: the JVM is told to allow them.
public final class Setns {

    /// linux/sched.h.
    private static final int CLONE_NEWNET = 0x40000000;

    /// asm-generic/fcntl.h: O_RDONLY | O_CLOEXEC, the same on x86_64 and aarch64.
    private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO_OF =
            Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    symbol("open"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2),
                    ERRNO);
    private static final MethodHandle SETNS = ofTwoInts("setns");
    private static final MethodHandle CLOSE =
            LINKER.downcallHandle(
                    symbol("close"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                    ERRNO);

    private Setns() {}

    private static MemorySegment symbol(String name) {
        SymbolLookup libc = LINKER.defaultLookup();
        return libc.findOrThrow(name);
    }

    private static MethodHandle ofTwoInts(String name) {
        return LINKER.downcallHandle(
                symbol(name),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                ERRNO);
    }

    /// Moves the calling platform thread into the namespace, until it enters another.
    ///
    /// @param namespace its file below /run/netns
    public static void enter(Path namespace) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread would take its carrier along");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment path = arena.allocateFrom(namespace.toString());
            int descriptor = (int) OPEN.invokeExact(state, path, READ_ONLY_CLOSE_ON_EXEC);
            check("open " + namespace, descriptor, state);
            try {
                int result = (int) SETNS.invokeExact(state, descriptor, CLONE_NEWNET);
                check("setns to " + namespace, result, state);
            } finally {
                int _ = (int) CLOSE.invokeExact(state, descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing of its own", e);
        }
    }

    private static void check(String call, int result, MemorySegment state) {
        if (result < 0) {
            throw new IllegalStateException(
                    call + " failed with errno " + (int) ERRNO_OF.get(state, 0L));
        }
    }
}
