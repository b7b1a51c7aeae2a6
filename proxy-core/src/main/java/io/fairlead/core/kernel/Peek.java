package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Reads what a socket has received and leaves it there: recv(2) with MSG_PEEK. One for each
/// thread; allocates nothing per call.
public final class Peek {

    // linux/socket.h
    private static final int MSG_PEEK = 2;
    private static final int MSG_DONTWAIT = 0x40;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    // Restricted: the JVM is started with native access, for Netty needs it too.
    @SuppressWarnings("restricted")
    private static final MethodHandle RECV =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("recv"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT),
                            Linker.Option.captureCallState("errno"));

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(STATE);

    /// Copies the beginning of what a socket holds.
    ///
    /// @return its length; 0 when there is nothing yet, and -1 at the end of the stream
    /// @throws IOException when the connection is broken
    public int read(int descriptor, MemorySegment into) throws IOException {
        long count;
        int errno;
        try {
            count =
                    (long)
                            RECV.invokeExact(
                                    state,
                                    descriptor,
                                    into,
                                    into.byteSize(),
                                    MSG_PEEK | MSG_DONTWAIT);
            errno = count < 0 ? (int) ERRNO.get(state, 0L) : 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (count > 0) {
            return (int) count;
        }
        if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
            return 0;
        }
        if (errno != 0) {
            throw new IOException(Errno.text(errno));
        }
        return -1;
    }
}
