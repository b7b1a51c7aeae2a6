package io.fairlead.core.udp;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.kernel.DatagramTrain;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.table.VipTable;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one event loop does for datagrams: leads each to its flow's backend, and answers back.
///
/// Every method but the reading of counters is called on the loop.
final class UdpLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UdpLoop.class);

    /// Batches taken in before the loop looks at its other sockets.
    private static final int BATCHES_PER_TURN = 4;

    /// Flows of each kind that one listing looks at: a few hundred microseconds of the loop.
    private static final int MAX_LOOKED_AT = 16 * FlowQuery.BATCH;

    private static final long TICK_MILLIS = 1_000;

    private final UdpLoopState state;
    private final Upstreams upstreams;
    private final UdpOpening opening;
    private final UdpHandOver handOver;
    private final DatagramTrain train;
    private final ToBackends toBackends;
    private final FromBackends fromBackends;
    private final SocketNames socketNames = new SocketNames();

    UdpLoop(UdpLoopState state) {
        this.state = state;
        this.upstreams = new Upstreams(state.counters);
        UpstreamSockets sockets = new UpstreamSockets(this, state.parting);
        this.opening = new UdpOpening(this, state, upstreams, sockets);
        this.handOver = new UdpHandOver(state, sockets, opening);
        this.train = new DatagramTrain(state.datagrams);
        this.toBackends = new ToBackends(state, train);
        this.fromBackends = new FromBackends(this, state, upstreams, new ToClients(state, train));
        var _ =
                state.eventLoop.scheduleWithFixedDelay(
                        this::expire, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    IoEventLoop eventLoop() {
        return state.eventLoop;
    }

    UdpCounters counters() {
        return state.counters;
    }

    FromBackends fromBackends() {
        return fromBackends;
    }

    UdpHandOver handOver() {
        return handOver;
    }

    /// Takes other options, for what comes from now on.
    ///
    /// @param next this loop's share
    void reconfigure(UdpOptions next) {
        state.options = next;
    }

    void onDatagrams(UdpListener listener) {
        if (state.frozen) {
            return;
        }
        for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
            int count = state.datagrams.receive(listener.fd().intValue());
            long nowNs = count > 0 ? state.nowNs() : 0;
            for (int slot = 0; slot < count; slot++) {
                lead(listener, slot, nowNs);
            }
            toBackends.sendAll();
            if (count < UdpLoopState.BATCH) {
                return;
            }
        }
    }

    private void lead(UdpListener listener, int slot, long nowNs) {
        VipTable now = state.world.table().current();
        UdpFlow flow = served(listener, now, slot);
        boolean ofQuestions = flow == null ? state.isOfQuestions(listener) : flow.ofQuestions;
        long question = ofQuestions ? DnsMessage.question(state.datagrams, slot) : DnsMessage.NONE;
        if (flow != null && flow.upstream.isReused() && question == DnsMessage.NONE) {
            // Its answer could not be told from one to another flow's question.
            end(flow, UdpCount.ENDED_ANSWERED);
            flow = null;
        }
        if (flow == null) {
            flow = opening.begin(listener, now, slot, question);
            if (flow == null) {
                return;
            }
        }
        state.flows.touch(flow, nowNs);
        flow.onQuestion(question);
        toBackends.add(flow, slot);
    }

    /// The flow of a datagram's client; null when it has none whose backend serves.
    private @Nullable UdpFlow served(UdpListener listener, VipTable now, int slot) {
        UdpFlow flow =
                listener.flows()
                        .get(
                                state.datagrams.high(slot),
                                state.datagrams.low(slot),
                                state.datagrams.port(slot));
        if (flow != null && !flow.isServed(now)) {
            end(flow, UdpCount.ENDED_BACKEND_GONE);
            return null;
        }
        return flow;
    }

    /// Ends a flow: what its client sends next begins another.
    void end(UdpFlow flow, UdpCount why) {
        FlowEnd reason = why.end();
        if (reason == null || flow.isEnded()) {
            return;
        }
        toBackends.send(flow);
        boolean _ = flow.end(reason);
        state.counters.add(why, 1);
        if (state.world.closedFlows().wants(flow.backend().group().name())) {
            FlowView last = flow.view(socketNames, state.nowNs());
            ClosedFlow closed = new ClosedFlow(last, reason, System.currentTimeMillis());
            state.world.closedFlows().offer(closed);
        }
        flow.listener.flows().remove(flow);
        state.flows.remove(flow);
        if (why == UdpCount.ENDED_BACKEND_GONE && flow.isOwed()) {
            state.parting.add(flow, state.nowNs());
            return;
        }
        upstreams.giveBack(
                flow,
                why == UdpCount.ENDED_ANSWERED && flow.isSettled(),
                state.options.maxFlows() - state.flows.size(),
                state.nowNs());
    }

    /// Ends the flows of a listener whose backends serve no longer.
    void endUnserved(UdpListener listener) {
        VipTable now = state.world.table().current();
        for (UdpFlow flow : listener.flows().all()) {
            if (!flow.isServed(now)) {
                end(flow, UdpCount.ENDED_BACKEND_GONE);
            }
        }
    }

    /// Whether what waits in a listener's socket is this loop's to read: not another process's that
    /// may take over, and not of a thread that stops the loop.
    boolean mayTakeIn() {
        return !state.frozen && state.eventLoop.inEventLoop();
    }

    /// Tells the clients of a listener that ends: what has come and was not led to a backend, and
    /// what a backend was asked and did not answer, is answered by nobody.
    void tellAllWhoWait(UdpListener listener) {
        int count = state.datagrams.receive(listener.fd().intValue());
        while (count > 0) {
            for (int slot = 0; slot < count; slot++) {
                state.refusals.tellNobodyServes(
                        listener,
                        state.datagrams.high(slot),
                        state.datagrams.low(slot),
                        state.datagrams.port(slot));
            }
            count = state.datagrams.receive(listener.fd().intValue());
        }
        listener.flows().all().forEach(this::tellIfOwed);
        state.parting.closeOf(listener, this::tellIfOwed);
    }

    private void tellIfOwed(UdpFlow flow) {
        if (flow.isOwed()) {
            state.refusals.tellNobodyServes(
                    flow.listener, flow.clientHigh, flow.clientLow, flow.clientPort);
        }
    }

    private void expire() {
        if (state.frozen) {
            return;
        }
        long nowNs = state.nowNs();
        UdpFlow flow = state.flows.expired(state.options, nowNs);
        while (flow != null) {
            end(flow, UdpCount.ENDED_IDLE);
            flow = state.flows.expired(state.options, nowNs);
        }
        upstreams.expire(nowNs);
        state.parting.expire(nowNs);
    }

    /// What is wanted of its flows, those that were quiet for longest first.
    Listed list(FlowQuery query) {
        List<FlowView> wanted = new ArrayList<>();
        boolean all =
                state.flows.look(
                        MAX_LOOKED_AT,
                        flow -> {
                            if (wanted.size() < query.max()
                                    && query.wants(flow.backend().group().name())) {
                                wanted.add(flow.view(socketNames, state.nowNs()));
                            }
                        });
        return new Listed(wanted, all && wanted.size() < query.max());
    }

    /// Some of this loop's flows.
    ///
    /// @param complete whether there are no more
    record Listed(List<FlowView> flows, boolean complete) {}

    void onListenerFailure(UdpListener listener, Throwable cause) {
        if (state.failureLog.allows(state.nowNs())) {
            LOG.warn("datagrams at {}: {}", listener.frontend(), cause.getMessage());
        }
    }

    /// Frees the memory, unless the event loop did not stop in time and still uses it.
    @Override
    public void close() {
        if (state.eventLoop.isTerminated()) {
            train.close();
            state.close();
        }
    }
}
