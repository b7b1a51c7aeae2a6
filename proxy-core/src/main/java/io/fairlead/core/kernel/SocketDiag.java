package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/// Asks the kernel to let go of a TCP connection that only waits for its end (sock_diag(7),
/// SOCK_DESTROY; Linux 6.12 with CONFIG_INET_DIAG_DESTROY). One for each thread; allocates nothing
/// per call, and waits for no answer: where it is not possible, the connection waits as it does.
public final class SocketDiag {

    // linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
    private static final int AF_NETLINK = 16;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final short SOCK_DESTROY = 21;
    private static final short NLM_F_REQUEST = 1;
    private static final int HEADER = 16;
    private static final int MESSAGE = HEADER + 56; // struct inet_diag_req_v2
    private static final int ID = HEADER + 8; // struct inet_diag_sockid
    private static final int ID_SOURCE = ID + 4;
    private static final int ID_DESTINATION = ID + 20;
    private static final int ID_COOKIE = ID + 40;

    private static final byte AF_INET = 2;
    private static final byte AF_INET6 = 10;
    private static final byte IPPROTO_TCP = 6;
    private static final int TIME_WAIT_STATE = 1 << 6;
    private static final int MSG_DONTWAIT = 0x40;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    // Restricted: the JVM is started with native access, for Netty needs it too.
    @SuppressWarnings("restricted")
    private static final MethodHandle SEND =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("send"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT));

    private final MemorySegment message = Arena.ofAuto().allocate(MESSAGE, Long.BYTES);
    private final int socket = (int) Syscall.rawSocket(AF_NETLINK, NETLINK_SOCK_DIAG);

    public SocketDiag() {
        message.set(ValueLayout.JAVA_INT, 0, MESSAGE);
        message.set(ValueLayout.JAVA_SHORT, 4, SOCK_DESTROY);
        message.set(ValueLayout.JAVA_SHORT, 6, NLM_F_REQUEST);
        message.set(ValueLayout.JAVA_BYTE, HEADER + 1, IPPROTO_TCP);
        message.set(ValueLayout.JAVA_INT, HEADER + 4, TIME_WAIT_STATE);
        message.set(ValueLayout.JAVA_LONG_UNALIGNED, ID_COOKIE, -1L); // INET_DIAG_NOCOOKIE
    }

    /// Lets go of a connection between two addresses and ports of one family. The caller knows that
    /// it waits for its end: one that lives would be reset.
    public void destroy(
            boolean ipv6,
            long high,
            long low,
            int port,
            long peerHigh,
            long peerLow,
            int peerPort) {
        if (socket < 0) {
            return;
        }
        message.set(ValueLayout.JAVA_BYTE, HEADER, ipv6 ? AF_INET6 : AF_INET);
        message.set(SHORT, ID, (short) port);
        message.set(SHORT, ID + 2, (short) peerPort);
        address(ID_SOURCE, ipv6, high, low);
        address(ID_DESTINATION, ipv6, peerHigh, peerLow);
        try {
            long _ = (long) SEND.invokeExact(socket, message, (long) MESSAGE, MSG_DONTWAIT);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private void address(int at, boolean ipv6, long high, long low) {
        if (ipv6) {
            message.set(LONG, at, high);
            message.set(LONG, at + Long.BYTES, low);
        } else {
            message.set(LONG, at, 0);
            message.set(LONG, at + Long.BYTES, 0);
            message.set(INT, at, (int) low);
        }
    }

    /// Closes the socket.
    public void close() {
        if (socket >= 0) {
            Syscall.close(socket);
        }
    }
}
