package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.flow.FlowEnds;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.SocketHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import org.jspecify.annotations.Nullable;

/// What one client socket exchanges with a VIP, and so with one backend while it lasts.
///
/// Its upstream socket is connected to the backend, so that only the backend is heard and the
/// kernel tells when it refuses. Owned by one event loop.
final class UdpFlow extends SocketHandle {

    final UdpListener listener;
    final long clientHigh;
    final long clientLow;
    final int clientPort;
    final Backend backend;

    /// The generation by which the backend was last found to be served.
    VipTable table;

    long openedNs;
    long lastSeenNs;
    boolean replied;

    /// Questions that wait for an answer, where the port is one of questions and answers.
    int outstanding;

    private boolean ended;

    // Neighbours in the loop's list, and in that of the client's flows; FlowQueue writes them.
    @Nullable UdpFlow older;
    @Nullable UdpFlow newer;
    @Nullable UdpFlow olderOfClient;
    @Nullable UdpFlow newerOfClient;

    UdpFlow(
            Socket upstream,
            UdpListener listener,
            long clientHigh,
            long clientLow,
            int clientPort,
            Backend backend,
            VipTable table) {
        super(upstream);
        this.listener = listener;
        this.clientHigh = clientHigh;
        this.clientLow = clientLow;
        this.clientPort = clientPort;
        this.backend = backend;
        this.table = table;
        backend.acquire();
    }

    void start() {
        watch(listener.loop().eventLoop(), EpollIoOps.EPOLLIN);
    }

    boolean isOf(long high, long low, int port) {
        return clientLow == low && clientPort == port && clientHigh == high;
    }

    @Override
    protected void onReady(int events) {
        listener.loop().onReply(this);
    }

    @Override
    protected void onFailure(Exception cause) {
        listener.loop().end(this);
    }

    FlowView view(SocketNames names, long nowNs) {
        boolean named = isOpen() && names.read(fd().intValue());
        IpFamily family = listener.frontend().at().address().family();
        return new FlowView(
                Protocol.UDP,
                FlowEnds.at(family, clientHigh, clientLow, clientPort),
                listener.frontend().at(),
                backend.group().name(),
                backend.at(),
                named
                        ? FlowEnds.at(
                                names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                                names.high(),
                                names.low(),
                                names.port())
                        : null,
                nowNs - openedNs,
                FlowView.UNKNOWN,
                FlowView.UNKNOWN,
                replied ? FlowView.State.REPLIED : FlowView.State.UNREPLIED);
    }

    /// Gives back the backend and the socket; false when it has ended before.
    boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        backend.release();
        close();
        return true;
    }
}
