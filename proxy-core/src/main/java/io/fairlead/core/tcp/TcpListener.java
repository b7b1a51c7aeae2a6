package io.fairlead.core.tcp;

import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.transport.ListenerHandle;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket.
///
/// One at an address and port accepts on the loop that owns it and deals its connections to all
/// loops in turn, so that one busy Service uses every core. One for clients that the kernel leads
/// here has a sibling on each loop, keeps what it accepts, and asks each connection where it
/// arrived.
final class TcpListener extends ListenerHandle {

    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);

    /// As long as the kernel allows; `net.core.somaxconn` caps it.
    private static final int BACKLOG = 65_535;

    /// Connections accepted before the loop looks at its other sockets.
    private static final int ACCEPT_BATCH = 64;

    /// How long to leave connections in the queue when descriptors or memory ran out.
    private static final int PAUSE_MILLIS = 100;

    // asm-generic/errno.h; Netty reports the negative.
    private static final int EACCES = 13;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;

    // netinet/in.h
    private static final int IPPROTO_IP = 0;
    private static final int IP_FREEBIND = 15;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    /// What all listeners have in common.
    record Setup(FlowGate gate, PeerChecks peerChecks) {}

    /// The kernel chooses.
    private static final int ANY_PORT = 0;

    /// Where its clients arrive; null when each tells.
    private final @Nullable AddressPort at;

    // Made beforehand: where no file can be opened, no class can be loaded either.
    private final Socket socket;
    private final String name;
    private final TcpLoop owner;
    private final List<TcpLoop> loops;
    private final byte[] peer = new byte[1 + 24];
    private final ByteBuffer peerBytes = ByteBuffer.wrap(peer);
    private int next;
    private final FlowGate gate;
    private boolean pausing;

    /// Connections to accept at once: as many as came lately, twice as many when there were as
    /// many. One that finds none is a system call for nothing; the loop is told of what is left.
    private int batch = 1;

    private TcpListener(
            Socket socket,
            @Nullable AddressPort at,
            String name,
            TcpLoop owner,
            List<TcpLoop> loops,
            FlowGate gate) {
        super(socket);
        this.socket = socket;
        this.gate = gate;
        this.at = at;
        this.name = name;
        this.owner = owner;
        this.loops = loops;
        // Not every listener begins with the same loop.
        this.next = Math.floorMod(name.hashCode(), loops.size());
    }

    /// Binds and listens; clients queue until [#start].
    ///
    /// @throws BindException when another socket holds the address and port
    static TcpListener bind(AddressPort at, TcpLoop owner, List<TcpLoop> loops, Setup setup)
            throws IOException {
        try {
            return new TcpListener(
                    bind(at.address(), at.port(), setup.peerChecks()),
                    at,
                    at.toString(),
                    owner,
                    loops,
                    setup.gate());
        } catch (ChannelException e) {
            // So Netty reports a lack of descriptors, or an IP family that is not there.
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Listens for clients that the kernel leads here: at a port of loopback that nobody knows, and
    /// whose own clients are reset.
    static TcpListener bindForLed(IpFamily family, TcpLoop owner, Setup setup) throws IOException {
        IpAddress loopback = IpAddress.parse(family == IpFamily.IPV6 ? "::1" : "127.0.0.1");
        try {
            return new TcpListener(
                    bind(loopback, ANY_PORT, setup.peerChecks()),
                    null,
                    "VIPs of " + family,
                    owner,
                    List.of(owner),
                    setup.gate());
        } catch (ChannelException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// A socket that another process bound and listens at, and goes on to have.
    ///
    /// @param at where its clients arrive; null when each tells
    static TcpListener adopt(
            int descriptor,
            @Nullable AddressPort at,
            TcpLoop owner,
            List<TcpLoop> loops,
            Setup setup) {
        return new TcpListener(
                new Socket(descriptor),
                at,
                at == null ? "VIPs" : at.toString(),
                owner,
                loops,
                setup.gate());
    }

    private static LinuxSocket bind(IpAddress address, int port, PeerChecks peerChecks)
            throws IOException {
        boolean ipv6 = address.family() == IpFamily.IPV6;
        LinuxSocket socket = LinuxSocket.newSocketStream(ipv6);
        try {
            socket.setReuseAddress(true);
            // What is accepted inherits these.
            socket.setTcpNoDelay(true);
            UrgentData.keepInline(socket);
            peerChecks.apply(socket);
            if (ipv6) {
                socket.setIntOpt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
                // Unlike IPv4, IPv6 does not count addresses of a local route as bindable.
                socket.setIntOpt(IPPROTO_IP, IP_FREEBIND, 1);
            }
            socket.bind(new InetSocketAddress(address.toInetAddress(), port));
            socket.listen(BACKLOG);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            if (e instanceof Errors.NativeIoException known) {
                throw explained(known, address, port);
            }
            throw e;
        }
    }

    /// The errors that a user can do something about, with what to do.
    private static IOException explained(Errors.NativeIoException e, IpAddress address, int port) {
        return switch (-e.expectedErr()) {
            case EADDRINUSE -> new BindException(address + " port " + port + " is in use");
            case EADDRNOTAVAIL ->
                    new IOException(
                            "not an address of this machine; make it one with: ip route add local "
                                    + address
                                    + " dev lo",
                            e);
            case EACCES ->
                    new IOException(
                            "ports below 1024 need the capability CAP_NET_BIND_SERVICE, or the"
                                    + " sysctl net.ipv4.ip_unprivileged_port_start at "
                                    + port,
                            e);
            default -> e;
        };
    }

    void start() {
        watch(owner.eventLoop(), EpollIoOps.EPOLLIN);
    }

    /// Takes no more clients, who are refused unless another process has the socket too; returns
    /// when it is closed, so that it can be bound again. Control thread only.
    void stop() {
        closeOn(owner.eventLoop(), this::letGo);
    }

    @Override
    protected void onReady(int events) throws IOException {
        int room = gate.room();
        if (room == 0) {
            // DescriptorBudget tells of it, once for all listeners.
            pause();
            return;
        }
        int most = Math.min(room, batch);
        for (int i = 0; i < most; i++) {
            int descriptor = socket.accept(peer);
            if (descriptor < 0) {
                batch = Math.max(i, 1);
                return;
            }
            pausing = false;
            gate.accepted();
            TcpLoop loop = loops.get(next);
            next = next + 1 == loops.size() ? 0 : next + 1;
            // Netty's accept(2) wrapper: a length, then 4 or 16 bytes of address (16 are followed
            // by a scope), then the port, all in network order.
            int length = peer[0];
            boolean ipv4 = length == 8;
            long high = ipv4 ? 0 : peerBytes.getLong(1);
            long low = ipv4 ? peerBytes.getInt(1) & 0xffff_ffffL : peerBytes.getLong(9);
            int port = peerBytes.getInt(1 + length - 4);
            if (loop == owner) {
                open(owner, descriptor, high, low, port);
            } else {
                loop.eventLoop().execute(() -> open(loop, descriptor, high, low, port));
            }
        }
        batch = Math.min(2 * batch, ACCEPT_BATCH);
    }

    private void open(TcpLoop loop, int descriptor, long high, long low, int port) {
        FlowTuple flow = loop.tuple().from(high, low, port);
        if (at != null) {
            flow.arrivedAt(Protocol.TCP, at);
        } else {
            SocketNames name = loop.socketNames();
            boolean _ = name.read(descriptor);
            IpFamily family = name.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4;
            flow.arrivedAt(Protocol.TCP, family, name.high(), name.low(), name.port());
        }
        try {
            loop.open(descriptor, flow);
        } finally {
            gate.opened();
        }
    }

    /// Out of descriptors or memory: clients wait in the queue rather than lose the listener.
    @Override
    protected void onFailure(Throwable cause) {
        pause(String.valueOf(cause.getMessage()));
    }

    private void pause() {
        rewatch(PAUSED);
        var _ = owner.eventLoop().schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        owner.counters().onAcceptPause();
    }

    private void pause(String why) {
        pause();
        if (!pausing) {
            pausing = true;
            LOG.warn("accepting at {} pauses: {}", name, why);
        }
    }

    private void resume() {
        if (isOpen()) {
            rewatch(EpollIoOps.EPOLLIN);
        }
    }
}
