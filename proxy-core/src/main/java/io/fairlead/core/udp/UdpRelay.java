package io.fairlead.core.udp;

import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.LoopQuestion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// The UDP side of the data plane: takes datagrams where capture tells it to and leads them by the
/// published table.
///
/// [#listen] and [#endUnserved] belong to the control thread; the rest happens on the event loops.
public final class UdpRelay implements AutoCloseable {

    private final List<UdpLoop> loops;
    private final UdpOptions options;
    private final Map<Frontend, List<UdpListener>> listeners = new HashMap<>();

    public UdpRelay(
            EventLoops eventLoops,
            PublishedTable table,
            UdpOptions options,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            LongSupplier clock) {
        this.options = options;
        int count = eventLoops.loops().size();
        this.loops =
                eventLoops.loops().stream()
                        .map(loop ->
                                new UdpLoop(
                                        loop,
                                        table,
                                        options,
                                        count,
                                        clientAddresses,
                                        refusedDials,
                                        clock))
                        .toList();
    }

    /// Takes datagrams at a frontend.
    ///
    /// @throws java.net.BindException when another socket holds the address and port
    public Acceptor.Listener listen(Frontend frontend) throws IOException {
        List<UdpListener> sockets = new ArrayList<>();
        try {
            boolean questions = options.questionPorts().contains(frontend.at().port());
            for (UdpLoop loop : loops) {
                sockets.add(UdpListener.bind(frontend, loop, questions));
            }
        } catch (IOException | RuntimeException e) {
            sockets.forEach(UdpListener::close);
            throw e;
        }
        sockets.forEach(UdpListener::start);
        listeners.put(frontend, sockets);
        return new Acceptor.Listener() {
            @Override
            public int descriptor() {
                return sockets.getFirst().fd().intValue();
            }

            @Override
            public void close() {
                listeners.remove(frontend);
                sockets.forEach(UdpListener::stop);
            }
        };
    }

    /// Ends the flows at a frontend whose backends serve no longer (SEMANTICS A11.2); soon, on
    /// their loops.
    public void endUnserved(Frontend frontend) {
        for (UdpListener listener : listeners.getOrDefault(frontend, List.of())) {
            UdpLoop loop = listener.loop();
            loop.eventLoop().execute(() -> loop.endUnserved(listener));
        }
    }

    /// Lists live flows into a list, loop by loop. Any thread but a loop's; waits.
    ///
    /// @return false when a loop had more than were wanted, or did not answer in time
    public boolean list(FlowQuery query, List<FlowView> into) {
        boolean complete = true;
        for (UdpLoop loop : loops) {
            List<FlowView> own = LoopQuestion.ask(loop.eventLoop(), () -> loop.list(query));
            complete &= own != null && own.size() < query.max();
            into.addAll(own == null ? List.of() : own);
        }
        return complete;
    }

    /// Flows now live, over all loops.
    public long liveFlows() {
        return loops.stream().mapToLong(l -> l.counters().live()).sum();
    }

    /// Flows since the start, over all loops.
    public long openedFlows() {
        return loops.stream().mapToLong(l -> l.counters().opened()).sum();
    }

    /// Flows that made room for others, over all loops.
    public long evictedFlows() {
        return loops.stream().mapToLong(l -> l.counters().evicted()).sum();
    }

    /// Datagrams that could not be passed on, over all loops.
    public long failedDatagrams() {
        return loops.stream().mapToLong(l -> l.counters().failed()).sum();
    }

    /// The loops' own state, once the event loops have stopped.
    @Override
    public void close() {
        loops.forEach(UdpLoop::close);
    }
}
