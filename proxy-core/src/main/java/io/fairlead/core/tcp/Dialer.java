package io.fairlead.core.tcp;

import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.flow.BackendChoice;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.ClientAddress;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Connects the flows of one event loop to backends: to the one chosen, and to others where that
/// fails. On its loop only.
///
/// A flow goes on to another backend by the table of that moment, for what cannot be connected to
/// has often just been removed. It does so only before it is connected: nothing has been sent then.
final class Dialer {

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;

    // netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;

    private final TcpLoop loop;
    private final PublishedTable table;
    private final ClientAddresses clientAddresses;
    private final RefusedDials refusedDials;
    private final int retries;
    private final BackendChoice choice = new BackendChoice();
    private final FlowTuple tuple = new FlowTuple();

    /// In the place of a port at the client's address: the node's address.
    private static final int NODES_NAME = 0;

    /// The same: whichever the kernel finds.
    private static final int CHOSEN_PORT = -1;

    private final SocketNames names = new SocketNames();

    Dialer(
            TcpLoop loop,
            PublishedTable table,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            ConnectOptions options) {
        this.loop = loop;
        this.table = table;
        this.clientAddresses = clientAddresses;
        this.refusedDials = refusedDials;
        this.retries = options.retries();
    }

    /// Begins a flow: leads an accepted connection to a backend of its pool, or resets it.
    void begin(
            FileDescriptor client,
            VipTable now,
            VipTable.Row row,
            BackendPool pool,
            FlowTuple from) {
        Backend picked = choice.first(now, pool, from);
        String refusal = FlowRouter.dialRefusal(now, picked, from);
        Backend backend = refusal == null ? picked : instead(now, pool, picked, refusal, from);
        if (backend == null) {
            loop.refuse(client, row.entry().group(), FlowRefusal.NOT_SERVED);
            return;
        }
        TcpFlow flow =
                new TcpFlow(
                        loop, client, from, backend, choice.attempt(), row.entry().port().flows());
        flow.stepsLeft = retries;
        dial(flow, now, row, from);
        if (!flow.isEnded()) {
            flow.client().watch();
        }
    }

    private @Nullable Backend instead(
            VipTable now, BackendPool pool, Backend picked, String refusal, FlowTuple from) {
        if (choice.attempt() == Attempt.PROBE) {
            picked.onProbeAbandoned();
        }
        refusedDials.note(picked, refusal);
        loop.onConnectFailure(
                picked,
                ConnectFailure.FORBIDDEN,
                "it is " + refusal + "; give the Service another endpoint");
        return choice.next(now, pool, from, new Backend[0]);
    }

    /// Begins to connect a flow to its backend. The answer comes as an event, on one machine too:
    /// the kernel handles it when this call is over.
    private void dial(TcpFlow flow, VipTable now, VipTable.Row row, FlowTuple from) {
        int errno;
        try {
            boolean asClient =
                    clientAddresses.mayUse(from, flow.backend().at().address())
                            && FlowRouter.keepsClient(now, row, from, flow.backend());
            errno = asClient ? connectAsClient(flow) : connect(flow);
        } catch (IOException | RuntimeException e) {
            onFailed(flow, ConnectFailure.OTHER, String.valueOf(e.getMessage()));
            return;
        }
        if (errno != 0) {
            onFailed(flow, errno);
        } else if (!flow.isEnded()) {
            loop.connecting().add(flow, from.nowNs());
        }
    }

    /// With the client's address: from its own port where that is free towards the backend, which
    /// it is unless the client has just used it.
    private int connectAsClient(TcpFlow flow) throws IOException {
        int errno = connectAsClient(flow, true);
        return errno == Errno.EADDRNOTAVAIL || errno == Errno.EADDRINUSE
                ? connectAsClient(flow, false)
                : errno;
    }

    private int connectAsClient(TcpFlow flow, boolean samePort) throws IOException {
        int socket = loop.calls().open(isIpv6(flow));
        if (socket < 0) {
            return -socket;
        }
        FileDescriptor upstream = new FileDescriptor(socket);
        int errno = bind(upstream, flow, samePort);
        return errno == 0
                ? connect(flow, upstream, samePort ? flow.clientPort() : CHOSEN_PORT)
                : errno;
    }

    /// @return 0, or why the socket is closed
    private int bind(FileDescriptor upstream, TcpFlow flow, boolean samePort) throws IOException {
        int errno;
        try {
            errno =
                    samePort
                            // Connections to different backends may share it.
                            ? loop.calls().set(upstream.intValue(), SOL_SOCKET, SO_REUSEADDR, 1)
                            : 0;
            if (errno == 0) {
                errno =
                        ClientAddress.bind(
                                loop.calls(),
                                upstream.intValue(),
                                names,
                                isIpv6(flow),
                                flow.clientHigh(),
                                flow.clientLow(),
                                samePort ? flow.clientPort() : 0);
            }
        } catch (IOException | RuntimeException e) {
            upstream.close();
            throw e;
        }
        if (errno != 0) {
            upstream.close();
        }
        return errno;
    }

    private static boolean isIpv6(TcpFlow flow) {
        return flow.backend().at().address().family() == IpFamily.IPV6;
    }

    private int connect(TcpFlow flow) throws IOException {
        int socket = loop.calls().open(isIpv6(flow));
        return socket < 0 ? -socket : connect(flow, new FileDescriptor(socket), NODES_NAME);
    }

    /// @param port at the client's address, or one of the constants
    /// @return 0, or why the socket is closed
    private int connect(TcpFlow flow, FileDescriptor upstream, int port) throws IOException {
        int errno = setUp(upstream.intValue());
        if (errno == 0) {
            IpAddress to = flow.backend().at().address();
            errno =
                    names.connect(
                            upstream.intValue(),
                            to.family() == IpFamily.IPV6,
                            to.high(),
                            to.low(),
                            flow.backend().at().port());
        }
        if (errno != 0 && errno != Errno.EINPROGRESS) {
            upstream.close();
            return errno;
        }
        flow.attempt(upstream, port == CHOSEN_PORT ? chosenPort(upstream) : port).watch();
        return 0;
    }

    private int chosenPort(FileDescriptor upstream) {
        return names.read(upstream.intValue()) ? names.port() : NODES_NAME;
    }

    /// What an accepted socket has from its listener.
    private int setUp(int upstream) {
        int errno = loop.calls().set(upstream, IPPROTO_TCP, TCP_NODELAY, 1);
        if (errno == 0) {
            errno = UrgentData.keepInline(loop.calls(), upstream);
        }
        return errno == 0 ? loop.peerChecks().applyUserTimeout(loop.calls(), upstream) : errno;
    }

    /// The attempt under way has failed.
    void onFailed(TcpFlow flow, int errno) {
        ConnectFailure failure = ConnectFailure.of(errno);
        onFailed(
                flow,
                failure,
                failure == ConnectFailure.OTHER ? Errno.text(errno) : failure.word());
    }

    private void onFailed(TcpFlow flow, ConnectFailure failure, String text) {
        if (flow.isEnded()) {
            return;
        }
        account(flow, failure, text);
        flow.dropAttempt();
        if (failure == ConnectFailure.NO_RESOURCES || !goOn(flow, failure)) {
            giveUp(flow);
        }
    }

    private void account(TcpFlow flow, ConnectFailure failure, String text) {
        Backend backend = flow.backend();
        loop.onConnectFailure(backend, failure, text);
        if (failure.isOfBackend()) {
            backend.onConnectFailed(flow.attempt(), failure.word(), loop.nowNs());
        } else if (flow.attempt() == Attempt.PROBE) {
            backend.onProbeAbandoned();
        }
        flow.probeAnswered();
        flow.addTried(backend);
    }

    private void giveUp(TcpFlow flow) {
        flow.reset(FlowEnd.NOT_CONNECTED);
    }

    /// The attempt under way had its time. Where there is no other backend, it gets what others
    /// would have had.
    void onTimeout(TcpFlow flow) {
        flow.addTried(flow.backend());
        if (flow.stepsLeft > 0 && !hasAnother(flow)) {
            flow.stepsLeft--;
            loop.connecting().add(flow, loop.nowNs());
        } else {
            onFailed(flow, Errno.ETIMEDOUT);
        }
    }

    private boolean hasAnother(TcpFlow flow) {
        VipTable now = table.current();
        BackendPool pool = FlowRouter.pool(now, row(flow, now), tuple);
        return pool != null && choice.hasNext(now, pool, tuple, flow.tried());
    }

    /// Begins an attempt with another backend.
    ///
    /// @return false where there is none
    private boolean goOn(TcpFlow flow, ConnectFailure failure) {
        VipTable now = table.current();
        VipTable.Row row = row(flow, now);
        BackendPool pool = FlowRouter.pool(now, row, tuple);
        if (row == null || pool == null || flow.stepsLeft == 0) {
            return false;
        }
        Backend next = choice.next(now, pool, tuple, flow.tried());
        if (next == null) {
            return false;
        }
        flow.stepsLeft--;
        flow.moveTo(next, choice.attempt());
        loop.counters().onRetry();
        flow.counted().onConnectRetry(failure);
        dial(flow, now, row, tuple);
        return true;
    }

    /// Where a flow arrives now, as its client's socket and [#tuple] then tell; null when nothing
    /// is served there any more.
    private VipTable.@Nullable Row row(TcpFlow flow, VipTable now) {
        if (!names.read(flow.client().fd().intValue())) {
            return null;
        }
        IpFamily family = names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4;
        tuple.from(flow.clientHigh(), flow.clientLow(), flow.clientPort())
                .arrivedAt(Protocol.TCP, family, names.high(), names.low(), names.port())
                .when(loop.nowNs());
        return FlowRouter.row(now, tuple);
    }

    void onConnected(TcpFlow flow) {
        loop.connecting().remove(flow);
        Attempt attempt = flow.attempt();
        flow.backend().onConnected(attempt, attempt == Attempt.NORMAL ? 0 : loop.nowNs());
        flow.probeAnswered();
    }
}
