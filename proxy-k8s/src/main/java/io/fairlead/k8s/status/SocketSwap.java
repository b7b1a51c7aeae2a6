package io.fairlead.k8s.status;

import io.fairlead.core.kernel.ListeningSockets;
import io.fairlead.core.kernel.ListeningSockets.Listening;
import io.fairlead.core.kernel.Syscall;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts one listening socket in the place of another under a server of the JDK, which cannot be
/// given one that is there already: the descriptor stays, the open file behind it is another
/// (dup3(2)).
final class SocketSwap {

    private static final Logger LOG = LoggerFactory.getLogger(SocketSwap.class);

    private static final InetSocketAddress ANYWHERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private SocketSwap() {}

    /// A place to bind at for a server whose socket is about to be replaced.
    static InetSocketAddress anywhere() {
        return ANYWHERE;
    }

    /// Gives the server that listens at an address, and was not started yet, another socket.
    ///
    /// @param descriptor of that socket; closed
    static void replace(InetSocketAddress at, int descriptor) throws IOException {
        try {
            put(descriptor, find(ListeningSockets.ofThisProcess(), at).descriptor());
        } finally {
            Syscall.close(descriptor);
        }
    }

    /// Lets the servers that listen at these addresses accept nobody more; another process has
    /// their sockets too, and does.
    static void mute(List<InetSocketAddress> servers) {
        try (ServerSocketChannel nobodys = ServerSocketChannel.open().bind(ANYWHERE)) {
            nobodys.configureBlocking(false); // as the servers'
            List<Listening> all = ListeningSockets.ofThisProcess();
            int own = find(all, (InetSocketAddress) nobodys.getLocalAddress()).descriptor();
            for (InetSocketAddress server : servers) {
                put(own, find(all, server).descriptor());
            }
        } catch (IOException e) {
            LOG.debug("servers accept until they are closed", e);
        }
    }

    private static void put(int descriptor, int onto) throws IOException {
        int result = Syscall.duplicateOnto(descriptor, onto);
        if (result < 0) {
            throw new IOException("dup3: errno " + -result);
        }
    }

    private static Listening find(List<Listening> all, InetSocketAddress at) throws IOException {
        IpAddress wanted = IpAddress.of(at.getAddress());
        for (Listening listening : all) {
            IpAddress address =
                    new IpAddress(
                            listening.ipv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                            listening.high(),
                            listening.low());
            if (listening.port() == at.getPort()
                    && (address.equals(wanted) || (address.isAny() && wanted.isAny()))) {
                return listening;
            }
        }
        throw new IOException("no socket of this process listens at " + at);
    }
}
