package io.fairlead.core.tcp;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/// Flows that are over, but whose end to the backend crossed the backend's end on the wire: their
/// upstream sockets, which have their clients' names, stay open until ours is acknowledged. Closed
/// at once, such a connection would wait for stray packets a minute from then on, unseen, and
/// answers to the client's own connection from the same port would go to it.
///
/// Touched on its loop only.
final class CrossedEnds {

    /// Beyond that many a connection is left to the kernel.
    private static final int LIMIT = 64;

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);

    private final TcpLoop loop;
    private final Queue<TcpFlow> waiting = new ArrayDeque<>();

    CrossedEnds(TcpLoop loop) {
        this.loop = loop;
    }

    /// Whether the flow's upstream is in good hands; else the caller closes it.
    boolean take(TcpFlow flow) {
        return waiting.size() < LIMIT && waiting.add(flow);
    }

    /// Closes those that are acknowledged, or have been waited for long enough.
    void look(long nowNs) {
        if (!waiting.isEmpty()) {
            waiting.removeIf(flow -> isDone(flow, nowNs));
        }
    }

    private boolean isDone(TcpFlow flow, long nowNs) {
        int state = flow.upstreamState();
        if (state == TcpState.CLOSING && nowNs - flow.activeNs() < PATIENCE_NS) {
            return false;
        }
        boolean waits = state == TcpState.CLOSE && !flow.isUpstreamReset();
        flow.closeUpstream();
        if (waits) {
            loop.forget(flow);
        }
        return true;
    }

    /// Closes them all.
    void close() {
        waiting.forEach(TcpFlow::closeUpstream);
        waiting.clear();
    }
}
