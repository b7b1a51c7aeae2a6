package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// What a connection needs of a TCP socket beside reading and writing, each by one system call. One
/// for each thread; allocates nothing per call.
public final class SocketCalls {

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_LINGER = 13;

    // netinet/tcp.h; the state is the first byte of struct tcp_info, and the kernel copies as much
    // as is asked for.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x80000;
    private static final int SHUT_WR = 1;

    // Short calls, so critical ones: the collector may wait for them. Not shutdown: it sends.
    private static final MethodHandle SOCKET =
            LibC.function(
                    "socket",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT),
                    LibC.SHORT,
                    LibC.KEEPS_ERRNO);
    private static final MethodHandle SETSOCKOPT =
            LibC.function(
                    "setsockopt",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT),
                    LibC.SHORT,
                    LibC.KEEPS_ERRNO);
    private static final MethodHandle GETSOCKOPT =
            LibC.function(
                    "getsockopt",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS),
                    LibC.SHORT,
                    LibC.KEEPS_ERRNO);
    private static final MethodHandle SHUTDOWN =
            LibC.function(
                    "shutdown",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                    LibC.KEEPS_ERRNO);

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(LibC.STATE);
    private final MemorySegment value = Arena.ofAuto().allocate(2L * Integer.BYTES, Integer.BYTES);
    private final MemorySegment length = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    /// A stream socket that does not block.
    ///
    /// @return its descriptor, or the negative of an errno
    public int open(boolean ipv6) {
        try {
            int socket =
                    (int)
                            SOCKET.invokeExact(
                                    state, ipv6 ? AF_INET6 : AF_INET, STREAM_NONBLOCK_CLOEXEC, 0);
            return socket >= 0 ? socket : -LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Sets an option.
    ///
    /// @return 0, or one of [Errno]'s
    public int set(int socket, int level, int option, int number) {
        value.set(ValueLayout.JAVA_INT, 0, number);
        return set(socket, level, option, value, Integer.BYTES);
    }

    /// Makes a close send RST.
    public void resetOnClose(int socket) {
        value.set(ValueLayout.JAVA_INT, 0, 1); // struct linger: on, and no second
        value.set(ValueLayout.JAVA_INT, Integer.BYTES, 0);
        int _ = set(socket, SOL_SOCKET, SO_LINGER, value, 2 * Integer.BYTES);
    }

    private int set(int socket, int level, int option, MemorySegment bytes, int count) {
        try {
            int result = (int) SETSOCKOPT.invokeExact(state, socket, level, option, bytes, count);
            return result == 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// The error that a connection has, one of [Errno]'s, which is told once; 0 for none.
    public int error(int socket) {
        int errno = get(socket, SOL_SOCKET, SO_ERROR, Integer.BYTES);
        return errno == 0 ? value.get(ValueLayout.JAVA_INT, 0) : errno;
    }

    /// The state of a connection (net/tcp_states.h), or the negative of an errno.
    public int tcpState(int socket) {
        int errno = get(socket, IPPROTO_TCP, TCP_INFO, 1);
        return errno == 0 ? value.get(ValueLayout.JAVA_BYTE, 0) : -errno;
    }

    private int get(int socket, int level, int option, int bytes) {
        length.set(ValueLayout.JAVA_INT, 0, bytes);
        try {
            int result = (int) GETSOCKOPT.invokeExact(state, socket, level, option, value, length);
            return result == 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Ends what is sent.
    ///
    /// @return 0, or one of [Errno]'s
    public int finish(int socket) {
        try {
            return (int) SHUTDOWN.invokeExact(state, socket, SHUT_WR) == 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }
}
