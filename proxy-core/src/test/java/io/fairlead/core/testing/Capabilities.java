package io.fairlead.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Takes the privileges of root from the calling thread for a while (capset(2)).
public final class Capabilities {

    // linux/capability.h: struct __user_cap_header_struct, and two of __user_cap_data_struct, each
    // effective, permitted and inheritable.
    private static final int VERSION_3 = 0x2008_0522;
    private static final int HEADER_BYTES = 8;
    private static final int DATA_BYTES = 24;
    private static final int SECOND = 12;

    private static final MethodHandle CAPGET = handle("capget");
    private static final MethodHandle CAPSET = handle("capset");

    private Capabilities() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String function) {
        return Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow(function),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    }

    /// Runs something that may do no more than any user may.
    public static void withoutAny(Runnable action) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(HEADER_BYTES, Integer.BYTES);
            header.set(ValueLayout.JAVA_INT, 0, VERSION_3);
            MemorySegment data = arena.allocate(DATA_BYTES, Integer.BYTES);
            call(CAPGET, header, data);
            int first = data.get(ValueLayout.JAVA_INT, 0);
            int second = data.get(ValueLayout.JAVA_INT, SECOND);
            data.set(ValueLayout.JAVA_INT, 0, 0);
            data.set(ValueLayout.JAVA_INT, SECOND, 0);
            call(CAPSET, header, data);
            try {
                action.run();
            } finally {
                data.set(ValueLayout.JAVA_INT, 0, first);
                data.set(ValueLayout.JAVA_INT, SECOND, second);
                call(CAPSET, header, data);
            }
        }
    }

    private static void call(MethodHandle function, MemorySegment header, MemorySegment data) {
        try {
            assertThat((int) function.invokeExact(header, data)).isZero();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
