package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Moves bytes between sockets and pipes without copying them (splice(2)). One for each thread;
/// allocates nothing per call.
public final class Splice {

    // linux/splice.h
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private static final long NO_OFFSET = 0;

    // Not a critical call: it moves up to a pipe of bytes through TCP, and the collector would wait
    // for it.
    private static final MethodHandle SPLICE =
            LibC.function(
                    "splice",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT),
                    LibC.KEEPS_ERRNO);

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(LibC.STATE);

    /// Takes what a socket has received into an empty pipe; a pipe that holds bytes may be out of
    /// room for reasons that look as if the socket were empty.
    ///
    /// @return how many bytes; 0 when the stream has ended or stops at its urgent byte; or the
    ///   negative of an errno: EAGAIN when there is nothing to take
    public int fill(int socket, Pipe empty) {
        int count = splice(socket, empty.writeEnd(), empty.capacity());
        empty.held = Math.max(count, 0);
        return count;
    }

    /// Sends what a pipe holds.
    ///
    /// @return how many bytes, or the negative of an errno: EAGAIN when the socket takes nothing
    public int drain(Pipe pipe, int socket) {
        int count = splice(pipe.readEnd(), socket, pipe.held);
        pipe.held -= Math.max(count, 0);
        return count;
    }

    private int splice(int from, int to, int most) {
        try {
            long count =
                    (long)
                            SPLICE.invokeExact(
                                    state,
                                    from,
                                    NO_OFFSET,
                                    to,
                                    NO_OFFSET,
                                    (long) most,
                                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            return count >= 0 ? (int) count : -LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }
}
