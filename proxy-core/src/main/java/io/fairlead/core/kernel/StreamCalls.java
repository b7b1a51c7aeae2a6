package io.fairlead.core.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The bytes of a stream socket: recv(2) and send(2), which cost less than read(2) and write(2),
/// for they do not pass through what files have. One for each thread; allocates nothing per call.
public final class StreamCalls {

    // linux/socket.h
    private static final int MSG_PEEK = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final MethodHandle RECV = handle("recv");
    private static final MethodHandle SEND = handle("send");

    // An address as a number: a slice of a block would be an object for each call. Not critical
    // calls, for they run through TCP.
    private static MethodHandle handle(String function) {
        return LibC.function(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT),
                LibC.KEEPS_ERRNO);
    }

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(LibC.STATE);

    /// Takes what a socket has received, as much as fits.
    ///
    /// @param from where in the block it is to be
    /// @return its length; 0 when there is nothing yet, and -1 at the end of the stream
    /// @throws IOException when the connection is broken
    public int receive(int socket, MemorySegment block, int from) throws IOException {
        return receive(socket, block, from, (int) block.byteSize(), MSG_DONTWAIT);
    }

    /// As [#receive], from the block's beginning and up to `most` bytes.
    public int receiveUpTo(int socket, MemorySegment block, int most) throws IOException {
        return receive(socket, block, 0, most, MSG_DONTWAIT);
    }

    /// As [#receive], but leaves in the socket what it copies.
    public int peek(int socket, MemorySegment block) throws IOException {
        return receive(socket, block, 0, (int) block.byteSize(), MSG_PEEK | MSG_DONTWAIT);
    }

    private int receive(int socket, MemorySegment block, int from, int to, int flags)
            throws IOException {
        int count;
        try {
            count =
                    (int)
                            (long)
                                    RECV.invokeExact(
                                            state,
                                            socket,
                                            block.address() + from,
                                            (long) (to - from),
                                            flags);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
        if (count > 0) {
            return count;
        }
        if (count == 0) {
            return -1;
        }
        int errno = LibC.errno(state);
        if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
            return 0;
        }
        throw new IOException(Errno.text(errno));
    }

    /// Sends what is in a block between two places.
    ///
    /// @return how much of it the socket took, or the negative of an errno: EAGAIN when it takes
    ///   nothing now
    public int send(int socket, MemorySegment block, int from, int to) {
        try {
            long count =
                    (long)
                            SEND.invokeExact(
                                    state,
                                    socket,
                                    block.address() + from,
                                    (long) (to - from),
                                    MSG_DONTWAIT | MSG_NOSIGNAL);
            return count >= 0 ? (int) count : -LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }
}
