package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/// Asks a socket for its own address and port, as long as it is the only thread's that asks:
/// allocates nothing per question.
public final class LocalName {

    // linux/in.h: struct sockaddr_in; linux/in6.h: struct sockaddr_in6
    private static final int NAME_BYTES = 28;
    private static final int PORT_AT = 2;
    private static final int IPV4_AT = 4;
    private static final int IPV6_AT = 8;
    private static final short AF_INET6 = 10;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    // Restricted: the JVM is started with native access, for Netty needs it too.
    @SuppressWarnings("restricted")
    private static final MethodHandle GETSOCKNAME =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("getsockname"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS),
                            Linker.Option.critical(false));

    // Until nobody refers to this object.
    private final MemorySegment name = Arena.ofAuto().allocate(NAME_BYTES, Long.BYTES);
    private final MemorySegment length = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

    /// Asks; the other methods then tell.
    ///
    /// @return false when the descriptor is no socket any more
    public boolean read(int descriptor) {
        length.set(ValueLayout.JAVA_INT, 0, NAME_BYTES);
        try {
            return (int) GETSOCKNAME.invokeExact(descriptor, name, length) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isIpv6() {
        return name.get(ValueLayout.JAVA_SHORT, 0) == AF_INET6;
    }

    /// The upper half of an IPv6 address; 0 for IPv4.
    public long high() {
        return isIpv6() ? name.get(NETWORK_LONG, IPV6_AT) : 0;
    }

    /// The lower half of an IPv6 address, or all of an IPv4 address.
    public long low() {
        return isIpv6()
                ? name.get(NETWORK_LONG, IPV6_AT + Long.BYTES)
                : Integer.toUnsignedLong(name.get(NETWORK_INT, IPV4_AT));
    }

    public int port() {
        return Short.toUnsignedInt(name.get(NETWORK_SHORT, PORT_AT));
    }
}
