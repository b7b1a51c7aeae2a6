package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.VipTable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How flows begin: each gets a backend, room among the others, and a socket. Owned by one event
/// loop.
final class UdpOpening {

    private static final Logger LOG = LoggerFactory.getLogger(UdpOpening.class);

    /// More than the one that comes, so that limits which were lowered are reached by and by.
    private static final int EVICTIONS_AT_ONCE = 2;

    private final UdpLoop loop;
    private final UdpLoopState state;
    private final Upstreams upstreams;
    private final UpstreamSockets upstreamSockets;
    private final FlowTuple tuple = new FlowTuple();

    UdpOpening(
            UdpLoop loop,
            UdpLoopState state,
            Upstreams upstreams,
            UpstreamSockets upstreamSockets) {
        this.upstreamSockets = upstreamSockets;
        this.loop = loop;
        this.state = state;
        this.upstreams = upstreams;
    }

    /// Begins a flow with a datagram.
    ///
    /// @param question one of [DnsMessage]'s keys
    /// @return null where nobody serves it, and the client was told, or there is no socket for it
    @Nullable UdpFlow begin(UdpListener listener, VipTable now, int slot, long question) {
        long high = state.datagrams.high(slot);
        long low = state.datagrams.low(slot);
        int port = state.datagrams.port(slot);
        FlowTuple asked =
                tuple.arrivedAt(Protocol.UDP, listener.frontend().at()).from(high, low, port);
        VipTable.Row row = FlowRouter.row(now, asked);
        Backend backend = row == null ? null : backend(now, row, asked);
        if (row == null || backend == null) {
            state.refusals.tellNobodyServes(listener, high, low, port);
            return null;
        }
        ClientFlows own = state.flows.of(new IpAddress(asked.family(), high, low));
        makeRoom(own);
        boolean asClient =
                state.world.clientAddresses().mayUse(asked, backend.at().address())
                        && FlowRouter.keepsClient(now, row, asked, backend);
        Upstream upstream = null;
        if (question != DnsMessage.NONE) {
            upstream = upstreams.take(backend, asClient ? own.client() : null);
        }
        if (upstream == null) {
            upstream = open(backend, asked, source(asClient, question));
        }
        // Again: an eviction may have emptied and dropped it.
        own = state.flows.of(own.client());
        if (upstream == null) {
            state.flows.forgetEmpty(own);
            state.counters.add(UdpCount.FAILED, 1);
            return null;
        }
        UdpFlow flow =
                new UdpFlow(
                        listener,
                        high,
                        low,
                        port,
                        upstream,
                        own,
                        state.isOfQuestions(listener),
                        now,
                        state.counters(backend));
        flow.openedNs = asked.nowNs();
        add(flow);
        return flow;
    }

    /// Has a flow from here on.
    void add(UdpFlow flow) {
        flow.listener.flows().put(flow);
        state.flows.add(flow);
        state.counters.add(UdpCount.OPENED, 1);
    }

    /// What a backend is to see. Whoever asks by DNS is known by its address: only where a port
    /// matters to the answers is it the client's.
    private static SourceName source(boolean asClient, long question) {
        if (!asClient) {
            return SourceName.NODE;
        }
        return question == DnsMessage.NONE ? SourceName.CLIENT : SourceName.CLIENT_ADDRESS;
    }

    private @Nullable Backend backend(VipTable now, VipTable.Row row, FlowTuple asked) {
        BackendPool pool = FlowRouter.pool(now, row, asked);
        if (pool == null) {
            return null;
        }
        Backend picked = FlowRouter.pick(pool, asked.when(state.nowNs()));
        Backend backend = FlowRouter.dialable(now, pool, picked, asked);
        if (backend != picked) {
            state.counters(picked).onConnectFailure(ConnectFailure.FORBIDDEN);
            state.world
                    .refusedDials()
                    .note(picked, String.valueOf(FlowRouter.dialRefusal(now, picked, asked)));
        }
        return backend;
    }

    /// One flow more must not be one too many.
    private void makeRoom(ClientFlows own) {
        for (int i = 0; i < EVICTIONS_AT_ONCE; i++) {
            UdpFlow oldest = own.size() < state.options.maxFlowsPerClient() ? null : own.oldest();
            if (oldest != null) {
                loop.end(oldest, UdpCount.EVICTED_FOR_CLIENT);
            } else if (state.flows.size() >= state.options.maxFlows()) {
                endQuietest(UdpCount.EVICTED_FOR_ALL);
            }
        }
    }

    private boolean endQuietest(UdpCount why) {
        UdpFlow quietest = state.flows.quietest();
        if (quietest != null) {
            loop.end(quietest, why);
        }
        return quietest != null;
    }

    /// A new socket that is connected to the backend; null when there is none to be had.
    ///
    /// Sockets that no flow has make room for it, and then the silence of another flow is worth
    /// less than this question.
    private @Nullable Upstream open(Backend backend, FlowTuple client, SourceName source) {
        while (sockets() >= state.options.maxFlows() && closeSpare()) {
            // One less.
        }
        while (true) {
            try {
                Upstream upstream = upstreamSockets.open(backend, client, source);
                upstream.start();
                if (upstream.isOpen()) {
                    return upstream;
                }
                throw new IOException("its socket cannot be watched");
            } catch (IOException | RuntimeException e) {
                if (!UpstreamSockets.isLack(e)
                        || !(closeSpare() || endQuietest(UdpCount.EVICTED_FOR_SOCKET))) {
                    tellFailure(backend, e);
                    return null;
                }
            }
        }
    }

    private int sockets() {
        return state.flows.size() + upstreams.idleCount() + state.parting.size();
    }

    /// Closes a socket that no flow has; false when there is none.
    private boolean closeSpare() {
        return upstreams.closeOne() || state.parting.closeOldest();
    }

    private void tellFailure(Backend backend, Exception cause) {
        if (state.failureLog.allows(state.nowNs())) {
            LOG.warn(
                    "{}: cannot send to {}: {} ({} more not logged)",
                    backend.group().name(),
                    backend,
                    UpstreamSockets.isLack(cause)
                            ? "no descriptor or memory is left; raise the limit of open files"
                            : cause.getMessage(),
                    state.failureLog.takeKept());
        }
    }
}
