package io.fairlead.core.tcp;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The flows of one event loop that wait for a backend to answer, in the order in which their time
/// runs out; linked through the flows themselves. Touched on its loop only.
///
/// One timer serves all, and is set again only when it has fired: a flow that connects in time
/// costs none.
final class ConnectQueue implements Runnable {

    private final TcpLoop loop;
    private final long timeoutNs;
    private @Nullable TcpFlow oldest;
    private @Nullable TcpFlow newest;
    private boolean armed;

    ConnectQueue(TcpLoop loop, long timeoutNs) {
        this.loop = loop;
        this.timeoutNs = timeoutNs;
    }

    /// Adds a flow that begins to wait now.
    void add(TcpFlow flow, long nowNs) {
        flow.connectDeadlineNs = nowNs + timeoutNs;
        flow.isConnecting = true;
        flow.connectingBefore = newest;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.connectingAfter = flow;
        }
        newest = flow;
        if (!armed) {
            arm(timeoutNs);
        }
    }

    /// Takes out a flow; nothing when it does not wait.
    void remove(TcpFlow flow) {
        if (!flow.isConnecting) {
            return;
        }
        flow.isConnecting = false;
        TcpFlow before = flow.connectingBefore;
        TcpFlow after = flow.connectingAfter;
        if (before == null) {
            oldest = after;
        } else {
            before.connectingAfter = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.connectingBefore = before;
        }
        flow.connectingBefore = null;
        flow.connectingAfter = null;
    }

    private void arm(long delayNs) {
        armed = true;
        var _ = loop.eventLoop().schedule(this, delayNs, TimeUnit.NANOSECONDS);
    }

    /// The timer.
    @Override
    public void run() {
        long nowNs = loop.nowNs();
        TcpFlow flow = oldest;
        while (flow != null && flow.connectDeadlineNs - nowNs <= 0) {
            remove(flow);
            flow.onConnectTimeout();
            flow = oldest;
        }
        armed = false;
        if (flow != null) {
            arm(flow.connectDeadlineNs - nowNs);
        }
    }
}
