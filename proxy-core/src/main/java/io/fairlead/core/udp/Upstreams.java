package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketCalls;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.transport.ClientAddress;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The sockets of one event loop that are connected to backends, and those of them that wait for a
/// flow.
///
/// Only a socket whose every question had its answer waits here, and its next flow is given no
/// answer but to its own questions (docs/udp.md). Owned by one event loop.
final class Upstreams {

    /// Then another port of this node is used: who guesses answers shall not have one port to guess
    /// them for, for ever (RFC 5452, 9.2).
    private static final int MOST_REUSES = 1_024;

    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(30);

    /// Of some thousands, of which a client has some tens: more are hardly ever taken.
    private static final int SHARED_PORTS_TRIED = 4;

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;

    private final UdpLoop loop;
    private final UdpCounters counters;
    private final SocketNames socketNames = new SocketNames();
    private final SocketCalls socketCalls = new SocketCalls();
    private final IdleUpstreams ofNode = new IdleUpstreams(null);
    private final Map<IpAddress, IdleUpstreams> ofClients = new HashMap<>();
    private final PartingFlows parting;
    private int idleCount;

    Upstreams(UdpLoop loop, UdpCounters counters, PartingFlows parting) {
        this.loop = loop;
        this.counters = counters;
        this.parting = parting;
    }

    /// Sockets that wait for a flow.
    int idleCount() {
        return idleCount;
    }

    /// A socket that waits, the one that was used last; null when none does.
    ///
    /// @param client whose address the backend is to see; null for this node's
    @Nullable Upstream take(Backend backend, @Nullable IpAddress client) {
        IdleUpstreams idle = client == null ? ofNode : ofClients.get(client);
        Upstream upstream = idle == null ? null : idle.take(backend);
        if (idle != null && upstream != null) {
            countIdle(-1);
            counters.add(UdpCount.REUSED, 1);
            upstream.reuses++;
            upstream.fresh = true;
        }
        return upstream;
    }

    /// A flow needs its socket no more.
    ///
    /// @param settled whether all that it asked was answered
    void giveBack(UdpFlow flow, boolean settled, int room, long nowNs) {
        Upstream upstream = flow.upstream;
        upstream.flow = null;
        if (!settled
                || upstream.source == SourceName.CLIENT
                || upstream.spoilt
                || !upstream.isOpen()
                || upstream.reuses >= MOST_REUSES
                || idleCount >= room) {
            upstream.close();
            return;
        }
        upstream.idleSinceNs = nowNs;
        upstream.idle =
                upstream.source == SourceName.NODE
                        ? ofNode
                        : ofClients.computeIfAbsent(flow.ofClient.client(), IdleUpstreams::new);
        countIdle(1);
        Upstream tooMany = upstream.idle.add(upstream);
        if (tooMany != null) {
            countIdle(-1);
            tooMany.close();
        }
    }

    private void countIdle(int more) {
        idleCount += more;
        counters.add(UdpCount.POOLED, more);
    }

    /// One that waits has heard something that nobody asked for. At a client's address that may be
    /// the client's own affair: the socket is in its way.
    void onStray(Upstream upstream) {
        if (upstream.source != SourceName.NODE) {
            forget(upstream);
        }
    }

    /// One that waits failed.
    void forget(Upstream upstream) {
        IdleUpstreams idle = upstream.idle;
        if (idle != null && idle.remove(upstream)) {
            countIdle(-1);
            dropIfEmpty(idle);
        }
        upstream.close();
    }

    private void dropIfEmpty(IdleUpstreams idle) {
        IpAddress client = idle.client();
        if (client != null && idle.isEmpty()) {
            ofClients.remove(client);
        }
    }

    /// Closes one that waits; false when none does.
    boolean closeOne() {
        Iterator<IdleUpstreams> clients = ofClients.values().iterator();
        while (clients.hasNext()) {
            if (closeOldest(clients.next())) {
                return true;
            }
            clients.remove();
        }
        return closeOldest(ofNode);
    }

    private boolean closeOldest(IdleUpstreams idle) {
        Upstream oldest = idle.removeOldest();
        if (oldest == null) {
            return false;
        }
        countIdle(-1);
        oldest.close();
        return true;
    }

    /// Closes those that waited long in vain.
    void expire(long nowNs) {
        expire(ofNode, nowNs);
        Iterator<IdleUpstreams> clients = ofClients.values().iterator();
        while (clients.hasNext()) {
            IdleUpstreams idle = clients.next();
            expire(idle, nowNs);
            if (idle.isEmpty()) {
                clients.remove();
            }
        }
    }

    private void expire(IdleUpstreams idle, long nowNs) {
        Upstream old = idle.removeOlder(nowNs - IDLE_NS);
        while (old != null) {
            countIdle(-1);
            old.close();
            old = idle.removeOlder(nowNs - IDLE_NS);
        }
    }

    /// A new socket.
    ///
    /// @param wanted what the backend is to see
    Upstream open(Backend backend, FlowTuple client, SourceName wanted) throws IOException {
        boolean ipv6 = backend.at().address().family() == IpFamily.IPV6;
        LinuxSocket socket = LinuxSocket.newSocketDgram(ipv6);
        try {
            SourceName source = bind(socket, backend, client, wanted);
            socket.connect(backend.socketAddress());
            return new Upstream(socket, loop, backend, source);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// Goes on with the socket of a flow that another process had.
    Upstream adopt(int descriptor, Backend backend, boolean asClient, int clientPort) {
        SourceName source = SourceName.NODE;
        if (asClient) {
            boolean shared =
                    socketNames.read(descriptor)
                            && SharedPorts.contains(socketNames.port())
                            && socketNames.port() != clientPort;
            source = shared ? SourceName.CLIENT_ADDRESS : SourceName.CLIENT;
        }
        return new Upstream(new Socket(descriptor), loop, backend, source);
    }

    private SourceName bind(
            LinuxSocket socket, Backend backend, FlowTuple client, SourceName wanted)
            throws IOException {
        if (wanted == SourceName.NODE) {
            return wanted;
        }
        if (wanted == SourceName.CLIENT_ADDRESS) {
            for (int i = 0; i < SHARED_PORTS_TRIED; i++) {
                if (bind(socket, client, SharedPorts.next()) == 0) {
                    return wanted;
                }
            }
        }
        if (bindToClientPort(socket, client, backend) != 0 && bind(socket, client, 0) != 0) {
            throw new IOException("no port of the client's address is free");
        }
        return SourceName.CLIENT;
    }

    /// An earlier flow of the client socket may still wait for its answer on that port; two that
    /// are connected to different backends can have it.
    private int bindToClientPort(LinuxSocket socket, FlowTuple client, Backend backend)
            throws IOException {
        UdpFlow before = parting.of(client.clientHigh(), client.clientLow(), client.clientPort());
        if (before == null || before.upstream.source == SourceName.NODE) {
            return bind(socket, client, client.clientPort());
        }
        if (before.backend().at().equals(backend.at())) {
            parting.close(before);
            return bind(socket, client, client.clientPort());
        }
        sharePort(before.upstream.fd().intValue(), 1);
        sharePort(socket.intValue(), 1);
        int errno = bind(socket, client, client.clientPort());
        sharePort(socket.intValue(), 0);
        return errno;
    }

    private void sharePort(int socket, int on) {
        int _ = socketCalls.set(socket, SOL_SOCKET, SO_REUSEADDR, on);
    }

    private int bind(LinuxSocket socket, FlowTuple client, int port) throws IOException {
        return ClientAddress.bind(
                socketCalls,
                socket.intValue(),
                socketNames,
                client.family() == IpFamily.IPV6,
                client.clientHigh(),
                client.clientLow(),
                port);
    }

    /// Whether a socket could not be made for lack of descriptors or memory, so that closing
    /// another helps.
    static boolean isLack(Exception cause) {
        Throwable why = cause instanceof ChannelException ? cause.getCause() : cause;
        if (!(why instanceof Errors.NativeIoException known)) {
            return false;
        }
        return switch (-known.expectedErr()) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> true;
            default -> false;
        };
    }
}
