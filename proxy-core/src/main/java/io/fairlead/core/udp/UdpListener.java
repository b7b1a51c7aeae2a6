package io.fairlead.core.udp;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.transport.ListenerHandle;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One loop's socket at a frontend, with the flows that arrive there: answers leave from it, so
/// from the address and port that the client asked (SEMANTICS A11.7).
///
/// Each loop has one; the kernel gives all that a client sends to the same (SO_REUSEPORT).
final class UdpListener extends ListenerHandle {

    // netinet/in.h
    private static final int IPPROTO_IP = 0;
    private static final int IP_FREEBIND = 15;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);

    private final Frontend frontend;
    private final UdpLoop loop;
    private final UdpFlowTable flows = new UdpFlowTable();

    /// Whether no other process takes from the socket: else what is done to it is done to the
    /// other.
    private volatile boolean own;

    private UdpListener(Socket socket, Frontend frontend, UdpLoop loop, boolean own) {
        super(socket);
        this.own = own;
        this.frontend = frontend;
        this.loop = loop;
    }

    /// Binds; datagrams wait until [#start].
    ///
    /// @throws BindException when another socket holds the address and port
    static UdpListener bind(Frontend frontend, UdpLoop loop) throws IOException {
        try {
            return new UdpListener(bind(frontend.at()), frontend, loop, true);
        } catch (ChannelException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// A socket that another process bound, and goes on to have.
    static UdpListener adopt(int descriptor, Frontend frontend, UdpLoop loop) {
        return new UdpListener(new Socket(descriptor), frontend, loop, false);
    }

    private static LinuxSocket bind(AddressPort at) throws IOException {
        boolean ipv6 = at.address().family() == IpFamily.IPV6;
        LinuxSocket socket = LinuxSocket.newSocketDgram(ipv6);
        try {
            socket.setReusePort(true);
            if (ipv6) {
                socket.setIntOpt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
                // Unlike IPv4, IPv6 does not count addresses of a local route as bindable.
                socket.setIntOpt(IPPROTO_IP, IP_FREEBIND, 1);
            }
            socket.bind(at(at));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            if (e instanceof Errors.NativeIoException known
                    && -known.expectedErr() == Errno.EADDRINUSE) {
                throw new BindException(at + " is in use");
            }
            throw e;
        }
    }

    private static InetSocketAddress at(AddressPort at) {
        return new InetSocketAddress(at.address().toInetAddress(), at.port());
    }

    /// Takes datagrams, from here on alone.
    void start() {
        own = true;
        watch(loop.eventLoop(), EpollIoOps.EPOLLIN);
    }

    /// Takes no more datagrams and ends the flows; returns when the socket is closed. Control
    /// thread only.
    ///
    /// In two turns of the loop: what the kernel had led here when the first began is in the socket
    /// by the second, and is not lost with it.
    void stop() {
        if (!loop.eventLoop().isShuttingDown()) {
            loop.eventLoop().submit(this::refuse).syncUninterruptibly();
        }
        closeOn(loop.eventLoop(), this::closeWithFlows);
    }

    /// Another process has the socket too, and goes on with it. On the loop.
    void leave() {
        own = false;
    }

    /// Takes no datagrams for a while; what comes waits. On the loop.
    void pause() {
        rewatch(PAUSED);
    }

    void resume() {
        rewatch(EpollIoOps.EPOLLIN);
    }

    private void closeWithFlows() {
        if (isOpen() && own && loop.mayTakeIn()) {
            loop.tellAllWhoWait(this);
        }
        letGo();
        flows.all().forEach(flow -> loop.end(flow, UdpCount.ENDED_FRONTEND_GONE));
    }

    /// What comes from now on meets no socket, as once it is closed, while what has come before can
    /// still be read: the kernel leads to a connected socket only what its peer sends.
    private void refuse() {
        if (!isOpen() || !own || !loop.mayTakeIn()) {
            return;
        }
        try {
            ((Socket) fd()).connect(at(frontend.at()));
        } catch (IOException | RuntimeException e) {
            LOG.debug("datagrams at {} that come now are lost: {}", frontend, e.getMessage());
        }
    }

    @Override
    protected void onReady(int events) {
        loop.onDatagrams(this);
    }

    @Override
    protected void onFailure(Throwable cause) {
        loop.onListenerFailure(this, cause);
    }

    Frontend frontend() {
        return frontend;
    }

    UdpLoop loop() {
        return loop;
    }

    UdpFlowTable flows() {
        return flows;
    }
}
