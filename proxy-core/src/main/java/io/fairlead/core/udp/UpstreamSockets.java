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
import io.netty.channel.unix.Socket;
import java.io.IOException;

/// Makes the sockets of one event loop that are connected to backends, with the address and port
/// that a backend is to see. Owned by the loop.
final class UpstreamSockets {

    /// Of some thousands, of which a client has some tens: more are hardly ever taken.
    private static final int SHARED_PORTS_TRIED = 4;

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;

    private final UdpLoop loop;
    private final PartingFlows parting;
    private final SocketNames socketNames = new SocketNames();
    private final SocketCalls socketCalls = new SocketCalls();

    UpstreamSockets(UdpLoop loop, PartingFlows parting) {
        this.loop = loop;
        this.parting = parting;
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
