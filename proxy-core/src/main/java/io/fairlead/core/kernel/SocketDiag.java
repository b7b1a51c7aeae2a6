package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Asks the kernel to let go of TCP connections that only wait for their end (sock_diag(7),
/// SOCK_DESTROY; Linux 6.12 with CONFIG_INET_DIAG_DESTROY). One for each thread; allocates nothing
/// per call, and waits for no answer: where it is not possible, the connection waits as it does.
/// Many are asked for with one system call.
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

    /// Of a loop's turn at the height of a load of short connections; more take a further call.
    private static final int BATCH = 32;

    private static final MethodHandle SEND =
            LibC.function(
                    "send",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));

    private final MemorySegment messages =
            Arena.ofAuto().allocate((long) BATCH * MESSAGE, Long.BYTES);
    private final int socket = (int) Syscall.rawSocket(AF_NETLINK, NETLINK_SOCK_DIAG);
    private int filledBytes;

    public SocketDiag() {
        for (int at = 0; at < BATCH * MESSAGE; at += MESSAGE) {
            messages.set(ValueLayout.JAVA_INT, at, MESSAGE);
            messages.set(ValueLayout.JAVA_SHORT, at + 4, SOCK_DESTROY);
            messages.set(ValueLayout.JAVA_SHORT, at + 6, NLM_F_REQUEST);
            messages.set(ValueLayout.JAVA_BYTE, at + HEADER + 1, IPPROTO_TCP);
            messages.set(ValueLayout.JAVA_INT, at + HEADER + 4, TIME_WAIT_STATE);
            messages.set(ValueLayout.JAVA_LONG_UNALIGNED, at + ID_COOKIE, -1L); // NOCOOKIE
        }
    }

    /// Lets go of a connection between two addresses and ports of one family, at [#flush] at the
    /// latest. The caller knows that it waits for its end: one that lives would be reset.
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
        int at = filledBytes;
        messages.set(ValueLayout.JAVA_BYTE, at + HEADER, ipv6 ? AF_INET6 : AF_INET);
        messages.set(NetworkOrder.SHORT, at + ID, (short) port);
        messages.set(NetworkOrder.SHORT, at + ID + 2, (short) peerPort);
        address(at + ID_SOURCE, ipv6, high, low);
        address(at + ID_DESTINATION, ipv6, peerHigh, peerLow);
        filledBytes = at + MESSAGE;
        if (filledBytes == BATCH * MESSAGE) {
            flush();
        }
    }

    /// Asks for what [#destroy] was told of.
    public void flush() {
        if (filledBytes == 0) {
            return;
        }
        long bytes = filledBytes;
        filledBytes = 0;
        try {
            long _ = (long) SEND.invokeExact(socket, messages, bytes, MSG_DONTWAIT);
        } catch (Throwable e) {
            throw LibC.failure(e);
        }
    }

    private void address(int at, boolean ipv6, long high, long low) {
        if (ipv6) {
            messages.set(NetworkOrder.LONG, at, high);
            messages.set(NetworkOrder.LONG, at + Long.BYTES, low);
        } else {
            messages.set(NetworkOrder.LONG, at, 0);
            messages.set(NetworkOrder.LONG, at + Long.BYTES, 0);
            messages.set(NetworkOrder.INT, at, (int) low);
        }
    }

    /// Closes the socket.
    public void close() {
        if (socket >= 0) {
            Syscall.close(socket);
        }
    }
}
