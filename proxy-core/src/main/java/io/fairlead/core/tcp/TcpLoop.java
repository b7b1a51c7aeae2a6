package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClientLimits;
import io.fairlead.core.flow.ClientSlot;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowLimits;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.LogLimit;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.kernel.SocketCalls;
import io.fairlead.core.kernel.SocketDiag;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.PipeBudget;
import io.fairlead.core.transport.PipePool;
import io.fairlead.core.transport.Transport;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one event loop needs to relay: what moves bytes, its spare blocks and pipes, its counters.
///
/// Every method but the reading of counters is called on the loop.
final class TcpLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpLoop.class);

    private final int number;
    private final IoEventLoop eventLoop;
    private final PublishedTable table;
    private final LongSupplier clock;
    private final BufferPool buffers = new BufferPool();
    private final PipePool pipes;
    private final Mover mover;
    private final TcpCounters counters = new TcpCounters();
    private final FlowTuple tuple = new FlowTuple();
    private final FlowList flows = new FlowList();
    private final SocketCalls calls = new SocketCalls();
    private final SocketNames socketNames = new SocketNames();
    private final SocketDiag socketDiag = new SocketDiag();
    private final LogLimit connectFailureLog = new LogLimit();
    private final Dialer dialer;
    private final ConnectQueue connecting;
    private final CrossedEnds crossedEnds = new CrossedEnds(this);
    private final ClientLimits clientLimits;
    private final PeerChecks peerChecks;
    private long coarseNs;
    private int chance;
    private @Nullable ClientSlot slot;
    private @Nullable BackendGroup claimed;
    private final ClosedFlows closedFlows;
    private boolean stopped;
    private int turn;
    private boolean turnEnds;
    private final Runnable endTurn = this::endTurn;

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
            ClientLimits clientLimits,
            PeerChecks peerChecks,
            ConnectOptions connect,
            RelayMode relay,
            PipeBudget pipes,
            LongSupplier clock) {
        this.number = number;
        this.pipes = new PipePool(pipes, clock);
        this.mover =
                new Mover(
                        relay,
                        buffers,
                        this.pipes,
                        receiveWindow,
                        counters,
                        calls,
                        Transport.of(eventLoop));
        this.closedFlows = closedFlows;
        this.clientLimits = clientLimits;
        this.peerChecks = peerChecks;
        this.coarseNs = clock.getAsLong();
        this.clock = clock;
        this.eventLoop = eventLoop;
        this.table = table;
        this.dialer = new Dialer(this, table, clientAddresses, refusedDials, connect);
        this.connecting = new ConnectQueue(this, connect.timeout().toNanos());
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

    PipePool pipes() {
        return pipes;
    }

    Mover mover() {
        return mover;
    }

    FlowList flows() {
        return flows;
    }

    /// The flows that wait for a backend to answer.
    ConnectQueue connecting() {
        return connecting;
    }

    CrossedEnds crossedEnds() {
        return crossedEnds;
    }

    Dialer dialer() {
        return dialer;
    }

    /// The time a moment ago: no more than [FlowSweep#TICK_MILLIS], unless the loop is late.
    long coarseNs() {
        return coarseNs;
    }

    /// The time now, which is the coarse time from here on.
    long readClock() {
        coarseNs = clock.getAsLong();
        return coarseNs;
    }

    /// A number below [FlowDeadlines#CHANCES]; the golden ratio spreads consecutive ones evenly.
    int drawChance() {
        chance += 0x9e37_79b9;
        return chance >>> (Integer.SIZE - Integer.numberOfTrailingZeros(FlowDeadlines.CHANCES));
    }

    /// What the client of the flow that is being opened counts by, for that flow to keep.
    @Nullable ClientSlot takeClientSlot() {
        ClientSlot taken = slot;
        slot = null;
        return taken;
    }

    SocketCalls calls() {
        return calls;
    }

    /// The turn of the loop: while it lasts, events may be handled that are older than what was
    /// registered in it.
    int turn() {
        if (!turnEnds) {
            turnEnds = true;
            eventLoop.execute(endTurn); // after the events that were reported together
        }
        return turn;
    }

    /// Whether events that are handled now may be older than a registration of that turn.
    boolean isStill(int registeredIn) {
        return registeredIn == turn;
    }

    private void endTurn() {
        turnEnds = false;
        turn++;
        socketDiag.flush();
    }

    /// Bounds the blocks that hold bytes on their way. Before the loop has any flow.
    void bound(int blocks) {
        buffers.bound(blocks + Mover.BLOCKS);
    }

    /// For asking a socket of this loop where it is.
    SocketNames socketNames() {
        return socketNames;
    }

    PeerChecks peerChecks() {
        return peerChecks;
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
        FileDescriptor client = new FileDescriptor(descriptor);
        VipTable now = table.current();
        VipTable.Row row = FlowRouter.row(now, flow);
        BackendPool pool = FlowRouter.pool(now, row, flow);
        if (row == null || stopped) {
            refuse(client, FlowRefusal.GONE);
            return;
        }
        try {
            BackendGroup group = row.entry().group();
            FlowRefusal refusal =
                    pool == null
                            ? FlowRefusal.NOT_SERVED
                            : limit(group, flow.when(clock.getAsLong()));
            if (pool == null || refusal != null) {
                refuse(client, group, refusal == null ? FlowRefusal.NOT_SERVED : refusal);
            } else {
                dialer.begin(client, now, row, pool, flow);
            }
        } finally {
            giveBackUnused();
        }
    }

    private void giveBackUnused() {
        ClientSlot unused = takeClientSlot();
        if (unused != null) {
            unused.release();
        }
        BackendGroup group = claimed;
        if (group != null) {
            claimed = null;
            group.unclaim();
        }
    }

    /// Takes a backend for the flow that is being opened, in its place among those of the service
    /// port where it has one.
    void acquire(Backend backend) {
        if (claimed == null) {
            backend.acquire();
        } else {
            claimed = null;
            backend.acquireClaimed();
        }
    }

    /// Resets a client that gets no flow of a service port.
    void refuse(FileDescriptor client, BackendGroup group, FlowRefusal why) {
        group.counters(number).onRefused(why);
        refuse(client, why);
    }

    private void refuse(FileDescriptor client, FlowRefusal why) {
        counters.onRefused(why);
        new Refusal(client).reset(calls);
    }

    /// Why a service port has no room for a flow; null when it has, and then the client's slot is
    /// set, and a place among the flows of the service port taken.
    private @Nullable FlowRefusal limit(BackendGroup group, FlowTuple flow) {
        FlowRules rules = group.rules();
        if (rules.maxFlows() != FlowRules.OFF) {
            if (!group.claim(rules.maxFlows())) {
                return FlowRefusal.MAX_FLOWS;
            }
            claimed = group;
        }
        if (!rules.limitsClients()) {
            return null;
        }
        ClientSlot given = clientLimits.admit(group, flow, rules);
        FlowRefusal refusal = FlowLimits.refusal(given);
        slot = refusal == null ? given : null;
        return refusal;
    }

    /// A flow's backend could not be reached: counted, and told once a second.
    void onConnectFailure(Backend backend, ConnectFailure failure, String cause) {
        counters.onConnectFailure(failure);
        backend.group().counters(number).onConnectFailure(failure);
        if (connectFailureLog.allows(clock.getAsLong())) {
            LOG.warn(
                    "{}: cannot connect to {}: {} ({} more not logged)",
                    backend.group().name(),
                    backend,
                    cause,
                    connectFailureLog.takeKept());
        }
    }

    /// Lets go of an ended flow's upstream connection, which has its client's address and would
    /// stand in the way of the client's own connection to the same backend for a minute.
    void forget(TcpFlow flow) {
        AddressPort to = flow.backend().at();
        socketDiag.destroy(
                to.address().family() == IpFamily.IPV6,
                flow.clientHigh(),
                flow.clientLow(),
                flow.upstreamPort(),
                to.address().high(),
                to.address().low(),
                to.port());
        int _ = turn(); // which ends, and then the kernel is told
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
            flow.reset(FlowEnd.STOPPED);
        }
        crossedEnds.close();
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

    /// Blocks and pipes that hold bytes which one side has sent and the other has not taken. Waits
    /// for the loop to answer; any other thread may call.
    int heldBlocks() {
        return eventLoop
                .submit(() -> buffers.inUse() - Mover.BLOCKS + pipes.inUse())
                .syncUninterruptibly()
                .getNow();
    }

    /// Frees the memory, unless the event loop did not stop in time and still uses it.
    @Override
    public void close() {
        if (eventLoop.isTerminated()) {
            buffers.close();
            pipes.close();
            socketDiag.close();
        }
    }
}
