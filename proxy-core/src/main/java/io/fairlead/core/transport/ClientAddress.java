package io.fairlead.core.transport;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.PacketMark;
import io.fairlead.core.kernel.SocketCalls;
import io.fairlead.core.kernel.SocketNames;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;

/// Gives an upstream socket the client's own address (ip(7), IP_TRANSPARENT), so that the backend
/// sees who asks. Needs CAP_NET_ADMIN, and replies must be led back here
/// (docs/adr/0006-client-address.md).
public final class ClientAddress {

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_MARK = 36;

    // linux/in.h, linux/in6.h
    private static final int IPPROTO_IP = 0;
    private static final int IP_TRANSPARENT = 19;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_TRANSPARENT = 75;

    private ClientAddress() {}

    /// Whether this process may use it.
    public static boolean isPermitted() {
        LinuxSocket socket = LinuxSocket.newSocketStream(false);
        try {
            makeTransparent(new SocketCalls(), socket.intValue(), false);
            return true;
        } catch (IOException | ChannelException _) {
            return false;
        } finally {
            close(socket);
        }
    }

    private static void close(LinuxSocket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // The descriptor is gone either way.
        }
    }

    /// Binds a socket to a client's address.
    ///
    /// @param high upper half of an IPv6 address
    /// @param low lower half of an IPv6 address, or all of an IPv4 address
    /// @param port the client's, as NAT would show it; 0 for one that is free towards the peer
    /// @return 0, or one of [io.fairlead.core.kernel.Errno]'s: EADDRINUSE when another socket has
    ///   the port
    public static int bind(
            SocketCalls calls,
            int upstream,
            SocketNames names,
            boolean ipv6,
            long high,
            long low,
            int port)
            throws IOException {
        makeTransparent(calls, upstream, ipv6);
        if (port == 0) {
            set(calls, upstream, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
        }
        return names.bind(upstream, ipv6, high, low, port);
    }

    private static void makeTransparent(SocketCalls calls, int socket, boolean ipv6)
            throws IOException {
        check(calls.set(socket, SOL_SOCKET, SO_MARK, PacketMark.OF_CLIENTS));
        if (ipv6) {
            set(calls, socket, IPPROTO_IPV6, IPV6_TRANSPARENT);
        } else {
            set(calls, socket, IPPROTO_IP, IP_TRANSPARENT);
        }
    }

    private static void set(SocketCalls calls, int socket, int level, int option)
            throws IOException {
        check(calls.set(socket, level, option, 1));
    }

    private static void check(int errno) throws IOException {
        if (errno != 0) {
            throw new IOException("the client's address: " + Errno.text(errno));
        }
    }
}
