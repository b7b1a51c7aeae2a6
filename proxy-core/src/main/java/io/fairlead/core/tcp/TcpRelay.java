package io.fairlead.core.tcp;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClientLimits;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.LoopQuestion;
import io.fairlead.core.transport.PipeBudget;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/// The TCP side of the data plane: accepts where capture tells it to and relays by the published
/// table.
///
/// [#listen] belongs to the control thread; the rest happens on the event loops.
public final class TcpRelay implements AutoCloseable {

    private final List<TcpLoop> loops;
    private final ClientLimits clientLimits = new ClientLimits();
    private final TcpListener.Setup setup;
    private final DescriptorBudget budget;
    private int nextLoop;

    /// One listing at a time.
    private final ReentrantLock listing = new ReentrantLock();

    /// @param clientAddresses whether backends may see the client's own
    public TcpRelay(
            EventLoops eventLoops,
            PublishedTable table,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            ClosedFlows closedFlows,
            TcpOptions options,
            ConnectOptions connect,
            LongSupplier clock) {
        PeerChecks checks = new PeerChecks(options.keepAlive(), options.userTimeout());
        ReceiveWindow window = ReceiveWindow.probe();
        List<IoEventLoop> all = eventLoops.loops();
        PipeBudget pipes = new PipeBudget();
        this.loops =
                IntStream.range(0, all.size())
                        .mapToObj(i ->
                                new TcpLoop(
                                        i,
                                        all.get(i),
                                        table,
                                        window,
                                        refusedDials,
                                        clientAddresses,
                                        closedFlows,
                                        clientLimits,
                                        checks,
                                        connect,
                                        options.relay(),
                                        pipes,
                                        clock))
                        .toList();
        FlowGate gate =
                new FlowGate(
                        options.flowBound(), pipes, loops.stream().map(TcpLoop::counters).toList());
        this.setup = new TcpListener.Setup(gate, checks);
        this.budget = new DescriptorBudget(gate, options.descriptorReserve());
        long blocks = options.bufferBytes() / BufferPool.BLOCK_BYTES / loops.size();
        loops.forEach(loop -> loop.bound(Math.clamp(blocks, 1, Integer.MAX_VALUE / 2)));
        loops.forEach(loop -> new FlowSweep(loop).start());
        budget.start();
    }

    /// Listens at an address and port.
    ///
    /// @throws java.net.BindException when another socket holds them
    public Acceptor.Listener listen(AddressPort at) throws IOException {
        TcpLoop owner = loops.get(nextLoop++ % loops.size());
        return started(TcpListener.bind(at, owner, loops, setup));
    }

    /// As [Acceptor#listenForLed].
    public List<Acceptor.Listener> listenForLed(IpFamily family) throws IOException {
        List<Acceptor.Listener> listeners = new ArrayList<>();
        try {
            for (TcpLoop loop : loops) {
                listeners.add(started(TcpListener.bindForLed(family, loop, setup)));
            }
            return listeners;
        } catch (IOException e) {
            listeners.forEach(Acceptor.Listener::close);
            throw e;
        }
    }

    private static Acceptor.Listener started(TcpListener listener) {
        listener.start();
        return new Acceptor.Listener() {
            @Override
            public int descriptor() {
                return listener.fd().intValue();
            }

            @Override
            public void close() {
                listener.stop();
            }
        };
    }

    /// Flows now open, over all loops.
    public long liveFlows() {
        return loops.stream().mapToLong(l -> l.counters().live()).sum();
    }

    /// Lists live flows into a list, loop by loop and a batch at a time. Any thread but a loop's;
    /// waits.
    ///
    /// @return false when a loop had more than were wanted, or did not answer in time
    public boolean list(FlowQuery query, List<FlowView> into) {
        boolean complete = true;
        listing.lock();
        try {
            for (TcpLoop loop : loops) {
                complete &= list(loop, query, into);
            }
        } finally {
            listing.unlock();
        }
        return complete;
    }

    private static boolean list(TcpLoop loop, FlowQuery query, List<FlowView> into) {
        TcpLoop.Batch batch = LoopQuestion.ask(loop.eventLoop(), () -> loop.beginListing(query));
        int listed = 0;
        while (batch != null) {
            into.addAll(batch.flows());
            listed += batch.flows().size();
            if (batch.last() || listed >= query.max()) {
                return batch.last();
            }
            // The loop looks at its sockets between two batches.
            batch = LoopQuestion.ask(loop.eventLoop(), () -> loop.list(query));
        }
        return false;
    }

    /// Connections to backends that failed, over all loops.
    public long connectFailures(ConnectFailure cause) {
        return loops.stream().mapToLong(l -> l.counters().connectFailures(cause)).sum();
    }

    /// Times a flow went on to another backend, over all loops.
    public long retries() {
        return loops.stream().mapToLong(l -> l.counters().retries()).sum();
    }

    /// Flows that ended for a reason, over all loops.
    public long endedFlows(FlowEnd why) {
        return loops.stream().mapToLong(l -> l.counters().ended(why)).sum();
    }

    /// Connections that were reset before they became flows, over all loops.
    public long refusedFlows(FlowRefusal why) {
        return loops.stream().mapToLong(l -> l.counters().refused(why)).sum();
    }

    /// Flows that no limit of clients was applied to, for want of room to count them.
    public long uncountedFlows() {
        return clientLimits.uncounted();
    }

    /// Reads with no block to keep bytes in that the other side does not take, over all loops.
    public long unbufferedReads() {
        return loops.stream().mapToLong(l -> l.counters().noBlocks()).sum();
    }

    /// Times a listener had to leave clients in its queue, over all loops.
    public long acceptPauses() {
        return loops.stream().mapToLong(l -> l.counters().acceptPauses()).sum();
    }

    /// Blocks of memory and pipes that hold bytes on their way, over all loops; asks each loop and
    /// waits.
    public int heldBlocks() {
        return loops.stream().mapToInt(TcpLoop::heldBlocks).sum();
    }

    /// The same in bytes, a moment old. Any thread.
    public long bufferedBytes() {
        return loops.stream()
                .mapToLong(l ->
                        (l.buffers().inUseLately() - (long) Mover.BLOCKS) * BufferPool.BLOCK_BYTES)
                .sum();
    }

    /// Pipes that hold bytes on their way, over all loops; a moment old. Any thread.
    public int heldPipes() {
        return loops.stream().mapToInt(l -> l.pipes().inUseLately()).sum();
    }

    /// Bytes that went through pipes, over all loops.
    public long splicedBytes() {
        return loops.stream().mapToLong(l -> l.counters().spliced()).sum();
    }

    /// Resets every flow; those that are still being accepted are reset too.
    public void stop() {
        budget.close();
        loops.forEach(TcpLoop::stop);
    }

    /// The loops' own state, once the event loops have stopped.
    @Override
    public void close() {
        loops.forEach(TcpLoop::close);
    }
}
