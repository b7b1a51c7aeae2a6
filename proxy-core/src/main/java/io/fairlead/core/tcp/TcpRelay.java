package io.fairlead.core.tcp;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClientLimits;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowLimits;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowTuple;
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
import org.jspecify.annotations.Nullable;

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

    /// Adopted, and not started.
    private final List<TcpListener> waiting = new ArrayList<>();

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
                        options.maxFlows(), pipes, loops.stream().map(TcpLoop::counters).toList());
        this.setup = new TcpListener.Setup(gate, checks);
        this.budget = new DescriptorBudget(gate, options.descriptorReserve());
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

    /// As [#listen], with a socket that another process has too; takes clients from [#startAdopted]
    /// on.
    public Acceptor.Listener adopt(AddressPort at, int descriptor) {
        TcpLoop owner = loops.get(nextLoop++ % loops.size());
        return adopted(TcpListener.adopt(descriptor, at, owner, loops, setup));
    }

    /// As [#listenForLed], with the sockets of another process, of which there may be more or fewer
    /// than event loops here; those that another has take clients from [#startAdopted] on.
    public List<Acceptor.Listener> adoptForLed(IpFamily family, List<Integer> descriptors)
            throws IOException {
        List<Acceptor.Listener> listeners = new ArrayList<>();
        try {
            for (int i = 0; i < Math.max(descriptors.size(), loops.size()); i++) {
                TcpLoop loop = loops.get(i % loops.size());
                listeners.add(
                        i < descriptors.size()
                                ? adoptLed(descriptors.get(i), loop)
                                : started(TcpListener.bindForLed(family, loop, setup)));
            }
            return listeners;
        } catch (IOException e) {
            listeners.forEach(Acceptor.Listener::close);
            throw e;
        }
    }

    /// One such socket, whatever its family.
    public Acceptor.Listener adoptLed(int descriptor) {
        return adoptLed(descriptor, loops.get(nextLoop++ % loops.size()));
    }

    private Acceptor.Listener adoptLed(int descriptor, TcpLoop loop) {
        return adopted(TcpListener.adopt(descriptor, null, loop, List.of(loop), setup));
    }

    private Acceptor.Listener adopted(TcpListener listener) {
        waiting.add(listener);
        return handle(listener);
    }

    /// Takes clients of adopted sockets.
    public void startAdopted() {
        waiting.forEach(TcpListener::start);
        waiting.clear();
    }

    private static Acceptor.Listener started(TcpListener listener) {
        listener.start();
        return handle(listener);
    }

    private static Acceptor.Listener handle(TcpListener listener) {
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

    /// Why the limits of its service port would reset a flow that came now; null when they would
    /// not. Any thread.
    public @Nullable FlowRefusal foreseeLimit(BackendGroup group, FlowTuple flow) {
        return FlowLimits.foresee(group, clientLimits, flow);
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
