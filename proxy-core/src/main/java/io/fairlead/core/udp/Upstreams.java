package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketCalls;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.transport.ClientAddress;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Errors;
import java.io.IOException;
import java.util.ArrayDeque;
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

    /// What one backend's questions take at once, at some ten thousand of them each second that are
    /// answered within milliseconds.
    private static final int MOST_OF_BACKEND = 256;

    /// Then another port of this node is used: who guesses answers shall not have one port to guess
    /// them for, for ever (RFC 5452, 9.2).
    private static final int MOST_REUSES = 1_024;

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;

    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(30);

    private final UdpLoop loop;
    private final UdpCounters counters;
    private final SocketNames socketNames = new SocketNames();
    private final SocketCalls socketCalls = new SocketCalls();
    private final Map<Backend, ArrayDeque<Upstream>> idle = new HashMap<>();
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
    @Nullable Upstream take(Backend backend) {
        ArrayDeque<Upstream> own = idle.get(backend);
        Upstream upstream = own == null ? null : own.pollLast();
        if (upstream != null) {
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
    void giveBack(Upstream upstream, boolean settled, int room, long nowNs) {
        upstream.flow = null;
        if (!settled
                || upstream.asClient
                || !upstream.isOpen()
                || upstream.reuses >= MOST_REUSES
                || idleCount >= room) {
            upstream.close();
            return;
        }
        ArrayDeque<Upstream> own = idle.computeIfAbsent(upstream.backend, _ -> new ArrayDeque<>());
        if (own.size() >= MOST_OF_BACKEND) {
            upstream.close();
            return;
        }
        upstream.idleSinceNs = nowNs;
        own.addLast(upstream);
        countIdle(1);
    }

    private void countIdle(int more) {
        idleCount += more;
        counters.add(UdpCount.POOLED, more);
    }

    /// One that waits failed.
    void forget(Upstream upstream) {
        ArrayDeque<Upstream> own = idle.get(upstream.backend);
        if (own != null && own.remove(upstream)) {
            countIdle(-1);
        }
        upstream.close();
    }

    /// Closes one that waits; false when none does.
    boolean closeOne() {
        for (ArrayDeque<Upstream> own : idle.values()) {
            Upstream upstream = own.pollFirst();
            if (upstream != null) {
                countIdle(-1);
                upstream.close();
                return true;
            }
        }
        return false;
    }

    /// Closes those that waited long in vain.
    void expire(long nowNs) {
        Iterator<ArrayDeque<Upstream>> all = idle.values().iterator();
        while (all.hasNext()) {
            ArrayDeque<Upstream> own = all.next();
            Upstream oldest = own.peekFirst();
            while (oldest != null && nowNs - oldest.idleSinceNs >= IDLE_NS) {
                own.removeFirst();
                countIdle(-1);
                oldest.close();
                oldest = own.peekFirst();
            }
            if (oldest == null) {
                all.remove();
            }
        }
    }

    /// A new socket.
    ///
    /// @param asClient whether it is to have the client's address, and its port where that is free
    Upstream open(Backend backend, FlowTuple client, boolean asClient) throws IOException {
        boolean ipv6 = backend.at().address().family() == IpFamily.IPV6;
        LinuxSocket socket = LinuxSocket.newSocketDgram(ipv6);
        try {
            if (asClient
                    && bindToClientPort(socket, client, backend) != 0
                    && bind(socket, client, 0) != 0) {
                throw new IOException("no port of the client's address is free");
            }
            socket.connect(backend.socketAddress());
            return new Upstream(socket, loop, backend, asClient);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// An earlier flow of the client socket may still wait for its answer on that port; two that
    /// are connected to different backends can have it.
    private int bindToClientPort(LinuxSocket socket, FlowTuple client, Backend backend)
            throws IOException {
        UdpFlow before = parting.of(client.clientHigh(), client.clientLow(), client.clientPort());
        if (before == null || !before.upstream.asClient) {
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
