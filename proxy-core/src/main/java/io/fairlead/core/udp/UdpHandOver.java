package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.table.VipTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/// How the flows of one event loop go from one process to the next. Owned by the loop.
final class UdpHandOver {

    private final UdpLoopState state;
    private final UpstreamSockets sockets;
    private final UdpOpening opening;

    UdpHandOver(UdpLoopState state, UpstreamSockets sockets, UdpOpening opening) {
        this.state = state;
        this.sockets = sockets;
        this.opening = opening;
    }

    /// Takes nothing in and ends nothing, until [#thaw]; datagrams and answers wait in their
    /// sockets.
    ///
    /// @return all its flows at these listeners, as another process can go on with them; those that
    ///   were quiet for longest first
    List<HandedFlow> freeze(List<UdpListener> own, ToIntFunction<UdpListener> number) {
        state.frozen = true;
        state.parting.clear();
        List<HandedFlow> all = new ArrayList<>(state.flows.size());
        long nowNs = state.nowNs();
        for (UdpListener listener : own) {
            listener.pause();
            for (UdpFlow flow : listener.flows().all()) {
                flow.upstream.pause();
                all.add(flow.handed(number.applyAsInt(listener), nowNs));
            }
        }
        all.sort(Comparator.comparingLong(HandedFlow::quietNs).reversed());
        return all;
    }

    void thaw(List<UdpListener> own) {
        state.frozen = false;
        for (UdpListener listener : own) {
            listener.resume();
            listener.flows().all().forEach(flow -> flow.upstream.resume());
        }
    }

    /// Another process goes on with the flows of a listener.
    void leave(UdpListener listener) {
        listener.leave();
        for (UdpFlow flow : listener.flows().all()) {
            if (flow.end(FlowEnd.HANDED_OVER)) {
                state.counters.add(UdpCount.HANDED_OVER, 1);
                listener.flows().remove(flow);
                state.flows.remove(flow);
                flow.upstream.leave();
            }
        }
    }

    /// Goes on with a flow of another process.
    void adopt(UdpListener listener, HandedFlow handed, Backend backend) {
        Upstream upstream =
                sockets.adopt(handed.descriptor(), backend, handed.asClient(), handed.clientPort());
        IpAddress client = handed.client();
        UdpFlow flow =
                new UdpFlow(
                        listener,
                        client.high(),
                        client.low(),
                        handed.clientPort(),
                        upstream,
                        state.flows.of(client),
                        state.isOfQuestions(listener),
                        VipTable.EMPTY,
                        state.counters(backend));
        flow.restore(handed, state.nowNs());
        opening.add(flow);
        if (handed.replied()) {
            state.flows.onFirstReply(flow);
        }
        upstream.start();
    }
}
