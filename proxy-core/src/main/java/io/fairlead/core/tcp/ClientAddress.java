package io.fairlead.core.tcp;

import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpFamily;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;

/// Gives an upstream socket the client's own address (ip(7), IP_TRANSPARENT), so that the backend
/// sees who asks. Needs CAP_NET_ADMIN or CAP_NET_RAW, and replies must be led back here
/// (docs/adr/0006-client-address.md).
final class ClientAddress {

    // linux/in.h, linux/in6.h
    private static final int IPPROTO_IP = 0;
    private static final int IP_TRANSPARENT = 19;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_TRANSPARENT = 75;

    private ClientAddress() {}

    /// Whether this process may use it.
    static boolean isPermitted() {
        LinuxSocket socket = LinuxSocket.newSocketStream(false);
        try {
            socket.setIntOpt(IPPROTO_IP, IP_TRANSPARENT, 1);
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

    /// Binds an upstream socket to the client's address.
    ///
    /// @param samePort whether to its very port too, as NAT would show it; else to one that is free
    ///   towards the backend
    /// @return 0, or one of [Errno]'s: EADDRINUSE when another socket has the port
    static int bind(LinuxSocket upstream, FlowTuple flow, SocketNames names, boolean samePort)
            throws IOException {
        boolean ipv6 = flow.family() == IpFamily.IPV6;
        if (ipv6) {
            upstream.setIntOpt(IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
        } else {
            upstream.setIntOpt(IPPROTO_IP, IP_TRANSPARENT, 1);
        }
        if (samePort) {
            // Connections to different backends may share it.
            upstream.setReuseAddress(true);
        } else {
            upstream.setIntOpt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        }
        return names.bind(
                upstream.intValue(),
                ipv6,
                flow.clientHigh(),
                flow.clientLow(),
                samePort ? flow.clientPort() : 0);
    }
}
