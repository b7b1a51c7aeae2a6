package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.CloseReason;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.LogLimit;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.kernel.SocketDiag;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.ClientAddress;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one event loop needs to relay: its read buffer, its spare blocks, its counters.
///
/// Every method but the reading of counters is called on the loop.
final class TcpLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpLoop.class);

    private final int number;
    private final IoEventLoop eventLoop;
    private final PublishedTable table;
    private final ReceiveWindow receiveWindow;
    private final LongSupplier clock;
    private final BufferPool buffers = new BufferPool();
    private final MemorySegment readBlock = buffers.take();
    private final TcpCounters counters = new TcpCounters();
    private final FlowTuple tuple = new FlowTuple();
    private final FlowList flows = new FlowList();
    private final TcpState tcpState = new TcpState();
    private final SocketNames socketNames = new SocketNames();
    private final SocketDiag socketDiag = new SocketDiag();
    private final LogLimit connectFailureLog = new LogLimit();
    private final RefusedDials refusedDials;
    private final ClientAddresses clientAddresses;
    private final ClosedFlows closedFlows;
    private boolean stopped;

    /// @param number of the event loop, from 0 on
    /// @param clientAddresses whether upstream sockets may have the client's own
    TcpLoop(
            int number,
            IoEventLoop eventLoop,
            PublishedTable table,
            ReceiveWindow receiveWindow,
            RefusedDials refusedDials,
            ClientAddresses clientAddresses,
            ClosedFlows closedFlows,
            LongSupplier clock) {
        this.number = number;
        this.closedFlows = closedFlows;
        this.refusedDials = refusedDials;
        this.clientAddresses = clientAddresses;
        this.clock = clock;
        this.eventLoop = eventLoop;
        this.table = table;
        this.receiveWindow = receiveWindow;
    }

    int number() {
        return number;
    }

    /// Where connections go that have ended.
    ClosedFlows closedFlows() {
        return closedFlows;
    }

    long nowNs() {
        return clock.getAsLong();
    }

    IoEventLoop eventLoop() {
        return eventLoop;
    }

    BufferPool buffers() {
        return buffers;
    }

    /// The block that every read of this loop goes to first.
    MemorySegment readBlock() {
        return readBlock;
    }

    ReceiveWindow receiveWindow() {
        return receiveWindow;
    }

    FlowList flows() {
        return flows;
    }

    /// One of [TcpState]'s.
    int tcpState(Socket socket) throws IOException {
        return tcpState.of(socket);
    }

    /// For asking a socket of this loop where it is.
    SocketNames socketNames() {
        return socketNames;
    }

    TcpCounters counters() {
        return counters;
    }

    /// The tuple to fill for the next call of [#open].
    FlowTuple tuple() {
        return tuple;
    }

    /// Leads an accepted connection to a backend, or resets it where there is none any more.
    ///
    /// @param descriptor the accepted socket, owned from here on
    /// @param flow where it came from and arrived
    void open(int descriptor, FlowTuple flow) {
        Socket client = new Socket(descriptor);
        VipTable now = table.current();
        VipTable.Row row = FlowRouter.row(now, flow);
        BackendPool pool = FlowRouter.pool(now, row, flow);
        if (row == null || pool == null || stopped) {
            counters.onRefused();
            new Refusal(client).reset();
            return;
        }
        Backend picked = FlowRouter.pick(pool, flow.when(clock.getAsLong()));
        Backend backend = FlowRouter.dialable(now, pool, picked, flow);
        if (backend != picked) {
            onDialRefused(picked, String.valueOf(FlowRouter.dialRefusal(now, picked, flow)));
        }
        if (backend == null) {
            new Refusal(client).reset();
            return;
        }
        try {
            if (clientAddresses.mayUse(flow, backend.at().address())
                    && FlowRouter.keepsClient(now, row, flow, backend)) {
                connectAsClient(client, backend, flow);
            } else {
                TcpFlow _ = connect(client, backend, newUpstream(backend));
            }
        } catch (IOException | RuntimeException e) {
            // Netty reports a lack of descriptors by an unchecked ChannelException.
            backend.group().counters(number).onConnectFailure(ConnectFailure.LOCAL);
            onConnectFailure(backend, String.valueOf(e.getMessage()));
            new Refusal(client).reset();
        }
    }

    private void onDialRefused(Backend backend, String what) {
        refusedDials.note(backend, what);
        backend.group().counters(number).onConnectFailure(ConnectFailure.FORBIDDEN);
        onConnectFailure(backend, "it is " + what + "; give the Service another endpoint");
    }

    /// A flow's backend could not be reached: counted, and told once a second.
    void onConnectFailure(Backend backend, String cause) {
        counters.onConnectFailure();
        if (connectFailureLog.allows(clock.getAsLong())) {
            LOG.warn(
                    "{}: cannot connect to {}: {} ({} more not logged)",
                    backend.group().name(),
                    backend,
                    cause,
                    connectFailureLog.takeKept());
        }
    }

    /// Connects with the client's address: from its own port where that is free towards the
    /// backend, which it is unless the client has just used it.
    private void connectAsClient(Socket client, Backend backend, FlowTuple flow)
            throws IOException {
        LinuxSocket upstream = newUpstream(backend);
        if (isBound(upstream, flow, true)) {
            try {
                TcpFlow opened = connect(client, backend, upstream);
                opened.hasClientsName(flow.clientHigh(), flow.clientLow(), flow.clientPort());
                return;
            } catch (IOException e) {
                LOG.debug("the client's port is taken towards {}: {}", backend, e.getMessage());
            }
        } else {
            upstream.close();
        }
        upstream = newUpstream(backend);
        if (!isBound(upstream, flow, false)) {
            upstream.close();
            throw new IOException("no port of the client's address is free towards it");
        }
        TcpFlow _ = connect(client, backend, upstream);
    }

    private boolean isBound(LinuxSocket upstream, FlowTuple flow, boolean samePort)
            throws IOException {
        try {
            if (samePort) {
                // Connections to different backends may share it.
                upstream.setReuseAddress(true);
            }
            return ClientAddress.bind(
                            upstream,
                            socketNames,
                            flow.family() == IpFamily.IPV6,
                            flow.clientHigh(),
                            flow.clientLow(),
                            samePort ? flow.clientPort() : 0)
                    == 0;
        } catch (IOException | RuntimeException e) {
            upstream.close();
            throw e;
        }
    }

    private static LinuxSocket newUpstream(Backend backend) {
        return LinuxSocket.newSocketStream(backend.at().address().family() == IpFamily.IPV6);
    }

    /// Lets go of an ended flow's upstream connection, which has its client's name and would stand
    /// in the way of the client's own connection to the same backend for a minute.
    void forget(TcpFlow flow) {
        AddressPort to = flow.backend().at();
        socketDiag.destroy(
                to.address().family() == IpFamily.IPV6,
                flow.clientHigh(),
                flow.clientLow(),
                flow.clientPort(),
                to.address().high(),
                to.address().low(),
                to.port());
    }

    private TcpFlow connect(Socket client, Backend backend, LinuxSocket upstream)
            throws IOException {
        TcpFlow flow;
        try {
            upstream.setTcpNoDelay(true);
            UrgentData.keepInline(upstream);
            flow = new TcpFlow(this, client, upstream, backend);
            flow.connect();
        } catch (IOException | RuntimeException e) {
            upstream.close();
            throw e;
        }
        flow.start();
        return flow;
    }

    /// Resets every flow and opens no other; returns when it is done. Control thread only.
    ///
    /// Netty's own end of a loop may pass over registered sockets: when it is asked to between its
    /// last two looks at its state.
    void stop() {
        eventLoop.submit(this::resetAll).syncUninterruptibly();
    }

    private void resetAll() {
        stopped = true;
        for (TcpFlow flow = flows.oldest(); flow != null; flow = flows.oldest()) {
            flow.reset(CloseReason.STOP);
        }
    }

    /// Some of this loop's flows.
    ///
    /// @param last whether there are no more
    record Batch(List<FlowView> flows, boolean last) {}

    /// Begins to list flows; an earlier listing of this loop is over.
    Batch beginListing(FlowQuery query) {
        flows.beginWalk();
        return list(query);
    }

    /// What is wanted of the next few flows.
    Batch list(FlowQuery query) {
        List<FlowView> wanted = new ArrayList<>();
        for (int i = 0; i < FlowQuery.BATCH; i++) {
            TcpFlow flow = flows.walk();
            if (flow == null) {
                return new Batch(wanted, true);
            }
            if (query.wants(flow.backend().group().name())) {
                wanted.add(flow.view(socketNames, clock.getAsLong()));
            }
        }
        return new Batch(wanted, false);
    }

    /// Blocks that hold bytes which one side has sent and the other has not taken. Waits for the
    /// loop to answer; any other thread may call.
    int heldBlocks() {
        return eventLoop.submit(buffers::inUse).syncUninterruptibly().getNow()
                - 1; // the read block
    }

    /// Frees the memory, unless the event loop did not stop in time and still uses it.
    @Override
    public void close() {
        if (eventLoop.isTerminated()) {
            buffers.close();
            socketDiag.close();
        }
    }
}
