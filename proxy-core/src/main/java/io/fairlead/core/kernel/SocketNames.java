package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Asks sockets for their own address and port, gives them others, and connects them. One for each
/// thread; allocates nothing per call.
public final class SocketNames {

    // linux/in.h: struct sockaddr_in; linux/in6.h: struct sockaddr_in6
    private static final int IPV4_BYTES = 16;
    private static final int NAME_BYTES = 28;
    private static final int PORT_AT = 2;
    private static final int IPV4_AT = 4;
    private static final int IPV6_AT = 8;
    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;

    private static final MethodHandle GETSOCKNAME =
            LibC.function(
                    "getsockname",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS),
                    LibC.SHORT);

    private static final MethodHandle BIND = withName("bind");
    private static final MethodHandle CONNECT = withName("connect");

    private static MethodHandle withName(String function) {
        return LibC.function(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT),
                LibC.SHORT,
                LibC.KEEPS_ERRNO);
    }

    // Until nobody refers to this object.
    private final MemorySegment state = Arena.ofAuto().allocate(LibC.STATE);
    private final MemorySegment name = Arena.ofAuto().allocate(NAME_BYTES, Long.BYTES);
    private final MemorySegment length = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    /// Binds a socket to an address and port.
    ///
    /// @param high upper half of an IPv6 address
    /// @param low lower half of an IPv6 address, or all of an IPv4 address
    /// @return 0, or one of [Errno]'s
    public int bind(int descriptor, boolean ipv6, long high, long low, int port) {
        int bytes = write(ipv6, high, low, port);
        try {
            int result = (int) BIND.invokeExact(state, descriptor, name, bytes);
            return result == 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    /// Begins to connect a socket that does not block; otherwise as [#bind].
    ///
    /// @return 0 when it is connected, EINPROGRESS when the answer is to come, or what went wrong
    public int connect(int descriptor, boolean ipv6, long high, long low, int port) {
        int bytes = write(ipv6, high, low, port);
        try {
            int result = (int) CONNECT.invokeExact(state, descriptor, name, bytes);
            return result == 0 ? 0 : LibC.errno(state);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    private int write(boolean ipv6, long high, long low, int port) {
        name.fill((byte) 0);
        name.set(ValueLayout.JAVA_SHORT, 0, ipv6 ? AF_INET6 : AF_INET);
        name.set(NetworkOrder.SHORT, PORT_AT, (short) port);
        if (ipv6) {
            name.set(NetworkOrder.LONG, IPV6_AT, high);
            name.set(NetworkOrder.LONG, IPV6_AT + Long.BYTES, low);
        } else {
            name.set(NetworkOrder.INT, IPV4_AT, (int) low);
        }
        return ipv6 ? NAME_BYTES : IPV4_BYTES;
    }

    /// Asks a socket for its own name; the methods below then tell.
    ///
    /// @return false when the descriptor is no socket any more
    public boolean read(int descriptor) {
        length.set(ValueLayout.JAVA_INT, 0, NAME_BYTES);
        try {
            return (int) GETSOCKNAME.invokeExact(descriptor, name, length) == 0;
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    public boolean isIpv6() {
        return name.get(ValueLayout.JAVA_SHORT, 0) == AF_INET6;
    }

    /// The upper half of an IPv6 address; 0 for IPv4.
    public long high() {
        return isIpv6() ? name.get(NetworkOrder.LONG, IPV6_AT) : 0;
    }

    /// The lower half of an IPv6 address, or all of an IPv4 address.
    public long low() {
        return isIpv6()
                ? name.get(NetworkOrder.LONG, IPV6_AT + Long.BYTES)
                : Integer.toUnsignedLong(name.get(NetworkOrder.INT, IPV4_AT));
    }

    public int port() {
        return Short.toUnsignedInt(name.get(NetworkOrder.SHORT, PORT_AT));
    }
}
