package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.kernel.Descriptors;
import io.fairlead.core.kernel.Syscall;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.LoopQuestion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The UDP side of the data plane: takes datagrams where capture tells it to and leads them by the
/// published table.
///
/// [#listen] and [#endUnserved] belong to the control thread; the rest happens on the event loops.
public final class UdpRelay implements AutoCloseable {

    private final List<UdpLoop> loops;
    private final Map<Frontend, List<UdpListener>> listeners = new HashMap<>();

    /// Adopted, and not started.
    private final List<UdpListener> waiting = new ArrayList<>();

    public UdpRelay(
            EventLoops eventLoops,
            PublishedTable table,
            UdpOptions options,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            ClosedFlows closedFlows,
            LongSupplier clock) {
        UdpOptions share = share(options, eventLoops.loops().size());
        UdpWorld world = new UdpWorld(table, clientAddresses, refusedDials, closedFlows, clock);
        this.loops =
                IntStream.range(0, eventLoops.loops().size())
                        .mapToObj(i ->
                                new UdpLoop(
                                        new UdpLoopState(
                                                i, eventLoops.loops().get(i), world, share)))
                        .toList();
    }

    private static UdpOptions share(UdpOptions options, int loops) {
        return options.within(Descriptors.most()).share(loops);
    }

    /// Takes other options; soon, on the loops. Flows that live keep to them too, but those that
    /// are too many end only as others come. Any thread.
    public void reconfigure(UdpOptions options) {
        UdpOptions share = share(options, loops.size());
        loops.forEach(loop -> loop.eventLoop().execute(() -> loop.reconfigure(share)));
    }

    /// Takes datagrams at a frontend.
    ///
    /// @throws java.net.BindException when another socket holds the address and port
    public Acceptor.Listener listen(Frontend frontend) throws IOException {
        List<UdpListener> sockets = new ArrayList<>();
        try {
            for (UdpLoop loop : loops) {
                sockets.add(UdpListener.bind(frontend, loop));
            }
        } catch (IOException | RuntimeException e) {
            sockets.forEach(UdpListener::close);
            throw e;
        }
        sockets.forEach(UdpListener::start);
        return kept(frontend, sockets);
    }

    private Acceptor.Listener kept(Frontend frontend, List<UdpListener> sockets) {
        listeners.put(frontend, sockets);
        return new Acceptor.Listener() {
            @Override
            public List<Integer> descriptors() {
                return sockets.stream().map(listener -> listener.fd().intValue()).toList();
            }

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

    /// Takes datagrams at a frontend by the sockets of another process, from [#startAdopted] on.
    ///
    /// As many as there are, whatever the number of event loops here: the kernel spreads clients
    /// over the sockets, and one more or less would lead them to another.
    public Acceptor.Listener adopt(Frontend frontend, List<Integer> descriptors) {
        List<UdpListener> sockets = new ArrayList<>();
        for (int i = 0; i < descriptors.size(); i++) {
            sockets.add(
                    UdpListener.adopt(descriptors.get(i), frontend, loops.get(i % loops.size())));
        }
        waiting.addAll(sockets);
        return kept(frontend, sockets);
    }

    /// Goes on with flows at adopted sockets.
    ///
    /// @param backends finds the backend of a flow; null where it serves no longer
    /// @return how many there were
    public int adoptFlows(List<HandedFlow> flows, Function<HandedFlow, Backend> backends) {
        int adopted = 0;
        for (HandedFlow flow : flows) {
            List<UdpListener> sockets = listeners.getOrDefault(flow.frontend(), List.of());
            @Nullable Backend backend = backends.apply(flow);
            if (flow.listener() >= sockets.size() || backend == null) {
                Syscall.close(flow.descriptor());
                continue;
            }
            UdpListener listener = sockets.get(flow.listener());
            UdpLoop loop = listener.loop();
            loop.eventLoop().execute(() -> loop.handOver().adopt(listener, flow, backend));
            adopted++;
        }
        return adopted;
    }

    /// Takes what comes to adopted sockets.
    public void startAdopted() {
        waiting.forEach(UdpListener::start);
        waiting.clear();
    }

    /// Takes nothing in until [#thaw] or [#leave]; what comes waits in the sockets.
    ///
    /// @return all flows, as another process can go on with them
    public List<HandedFlow> freeze() {
        List<HandedFlow> all = new ArrayList<>();
        for (UdpLoop loop : loops) {
            List<UdpListener> own = listenersOf(loop);
            List<HandedFlow> some =
                    loop.eventLoop()
                            .submit(() -> loop.handOver().freeze(own, this::number))
                            .syncUninterruptibly()
                            .getNow();
            all.addAll(some);
        }
        return all;
    }

    /// Which of the sockets of its frontend a listener is.
    private int number(UdpListener listener) {
        return listeners.getOrDefault(listener.frontend(), List.of()).indexOf(listener);
    }

    /// Goes on as if there had been no [#freeze].
    public void thaw() {
        for (UdpLoop loop : loops) {
            List<UdpListener> own = listenersOf(loop);
            loop.eventLoop().submit(() -> loop.handOver().thaw(own)).syncUninterruptibly();
        }
    }

    /// Another process goes on with all flows.
    public void leave() {
        for (UdpLoop loop : loops) {
            List<UdpListener> own = listenersOf(loop);
            loop.eventLoop()
                    .submit(() -> own.forEach(loop.handOver()::leave))
                    .syncUninterruptibly();
        }
    }

    private List<UdpListener> listenersOf(UdpLoop loop) {
        return listeners.values().stream()
                .flatMap(List::stream)
                .filter(listener -> listener.loop() == loop)
                .toList();
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
            UdpLoop.Listed own = LoopQuestion.ask(loop.eventLoop(), () -> loop.list(query));
            complete &= own != null && own.complete();
            into.addAll(own == null ? List.of() : own.flows());
        }
        return complete;
    }

    /// Flows now live, over all loops.
    public long liveFlows() {
        return loops.stream().mapToLong(l -> l.counters().live()).sum();
    }

    /// Flows that made room for others, over all loops.
    public long evictedFlows() {
        return loops.stream().mapToLong(l -> l.counters().evicted()).sum();
    }

    /// A count over all loops, a moment old.
    public long count(UdpCount what) {
        return loops.stream().mapToLong(l -> l.counters().get(what)).sum();
    }

    /// The loops' own state, once the event loops have stopped.
    @Override
    public void close() {
        loops.forEach(UdpLoop::close);
    }
}
