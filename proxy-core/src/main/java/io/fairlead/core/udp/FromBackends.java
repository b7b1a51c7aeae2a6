package io.fairlead.core.udp;

import io.fairlead.core.kernel.Errno;

/// What is heard from backends: answers, refusals, and what nobody waits for. Owned by one event
/// loop.
final class FromBackends {

    private final UdpLoop loop;
    private final UdpLoopState state;
    private final Upstreams upstreams;
    private final ToClients toClients;

    FromBackends(UdpLoop loop, UdpLoopState state, Upstreams upstreams, ToClients toClients) {
        this.loop = loop;
        this.state = state;
        this.upstreams = upstreams;
        this.toClients = toClients;
    }

    void onReady(Upstream upstream) {
        if (state.frozen) {
            return;
        }
        int count = state.datagrams.receive(upstream.fd().intValue());
        UdpFlow flow = upstream.flow;
        if (flow == null) {
            onIdle(upstream, count);
            return;
        }
        if (!flow.isEnded() && !flow.isServed(state.world.table().current())) {
            loop.end(flow, UdpCount.ENDED_BACKEND_GONE);
        }
        if (flow.isEnded()) {
            onParting(flow, count);
        } else if (count > 0) {
            onReplies(flow, count);
        } else if (count == -Errno.ECONNREFUSED) {
            if (!upstream.fresh) {
                state.refusals.tellBackendRefuses(flow);
            }
        } else if (count != -Errno.EAGAIN) {
            loop.end(flow, UdpCount.ENDED_FAILED);
        }
    }

    private void onReplies(UdpFlow flow, int count) {
        state.flows.touch(flow, state.nowNs());
        toClients.send(flow, count);
        if (flow.ofQuestions && flow.isAnswered()) {
            loop.end(flow, UdpCount.ENDED_ANSWERED);
        } else if (!flow.replied) {
            state.flows.onFirstReply(flow);
        }
    }

    /// The client has asked before the backend went, and may still be answered.
    private void onParting(UdpFlow flow, int count) {
        if (count == -Errno.EAGAIN || !flow.upstream.isOpen()) {
            return;
        }
        if (count > 0) {
            toClients.send(flow, count);
        }
        if (count <= 0 || !flow.isOwed()) {
            state.parting.close(flow);
        }
    }

    /// A socket that waits for a flow is to hear nothing.
    private void onIdle(Upstream upstream, int count) {
        if (count > 0) {
            state.counters.add(UdpCount.LATE, count);
            upstreams.onStray(upstream);
        } else if (count != -Errno.EAGAIN) {
            upstreams.forget(upstream);
        }
    }

    void onFailure(Upstream upstream) {
        UdpFlow flow = upstream.flow;
        if (flow == null) {
            upstreams.forget(upstream);
        } else if (flow.isEnded()) {
            state.parting.close(flow);
        } else {
            loop.end(flow, UdpCount.ENDED_FAILED);
        }
    }
}
