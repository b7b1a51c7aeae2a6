package io.fairlead.core.udp;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Flows that ended because their backend serves no longer, and whose backend still owes an answer:
/// that one reaches the client yet, whatever the client sends goes to another backend.
///
/// At most one of each client socket; the last. Owned by one event loop.
final class PartingFlows {

    /// What resolvers wait for an answer (resolv.conf(5), timeout).
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

    private final UdpFlowTable byClient = new UdpFlowTable();
    private final FlowQueue inOrder = new FlowQueue();

    int size() {
        return byClient.size();
    }

    /// The one of a client socket; null when there is none.
    @Nullable UdpFlow of(long high, long low, int port) {
        return byClient.get(high, low, port);
    }

    /// Keeps the socket of a flow that has ended.
    void add(UdpFlow flow, long nowNs) {
        UdpFlow before = of(flow.clientHigh, flow.clientLow, flow.clientPort);
        if (before != null) {
            close(before);
        }
        flow.lastSeenNs = nowNs;
        byClient.put(flow);
        inOrder.add(flow);
    }

    /// It had its answer, or never gets it.
    void close(UdpFlow flow) {
        if (flow.upstream.isOpen()) {
            byClient.remove(flow);
            inOrder.remove(flow);
            flow.upstream.close();
        }
    }

    /// Closes the one that has waited longest; false when there is none.
    boolean closeOldest() {
        UdpFlow oldest = inOrder.oldest();
        if (oldest != null) {
            close(oldest);
        }
        return oldest != null;
    }

    /// Closes those that waited in vain.
    void expire(long nowNs) {
        UdpFlow oldest = inOrder.oldest();
        while (oldest != null && nowNs - oldest.lastSeenNs >= PATIENCE_NS) {
            close(oldest);
            oldest = inOrder.oldest();
        }
    }

    /// Closes those of a listener that is none any more.
    ///
    /// @param first what is done with each before
    void closeOf(UdpListener listener, Consumer<UdpFlow> first) {
        UdpFlow flow = inOrder.oldest();
        while (flow != null) {
            UdpFlow next = flow.newer;
            if (flow.listener == listener) {
                first.accept(flow);
                close(flow);
            }
            flow = next;
        }
    }

    /// Closes all.
    void clear() {
        while (closeOldest()) {
            // One less.
        }
    }
}
