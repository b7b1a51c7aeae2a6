package io.fairlead.core.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Functions of the C library as method handles, and what they leave behind when they fail.
final class LibC {

    /// Where a call leaves its errno: the first argument of one that keeps it.
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    static final Linker.Option KEEPS_ERRNO = Linker.Option.captureCallState("errno");

    /// Of a call so short that the collector may wait for it.
    static final Linker.Option SHORT = Linker.Option.critical(false);

    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private LibC() {}

    // Restricted: the JVM is started with native access, for Netty needs it too.
    @SuppressWarnings("restricted")
    static MethodHandle function(String name, FunctionDescriptor shape, Linker.Option... options) {
        return Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow(name), shape, options);
    }

    /// What the last call left.
    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /// For what a method handle throws, to throw on: none of our functions throws anything.
    static RuntimeException failure(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
}
