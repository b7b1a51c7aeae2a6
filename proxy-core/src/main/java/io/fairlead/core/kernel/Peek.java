package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Reads what a socket has received and leaves it there: recv(2) with MSG_PEEK. One for each
/// thread; allocates nothing per call.
public final class Peek {

    // linux/socket.h
    private static final int MSG_PEEK = 2;
    private static final int MSG_DONTWAIT = 0x40;

    private static final MethodHandle RECV =
            LibC.function(
                    "recv",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT),
                    LibC.KEEPS_ERRNO);

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(LibC.STATE);

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
            errno = count < 0 ? LibC.errno(state) : 0;
        } catch (Throwable e) {
            throw LibC.failure(e);
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
